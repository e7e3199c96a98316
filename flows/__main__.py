"""`python -m flows [FOLDER]`: every spec of a folder through one flow, then where everything is."""

import argparse
import sys
from pathlib import Path

from flows import server, settings
from flows.processes import stoppable
from flows.settings import HERE, SPECS, STORE
from taylorkit.errors import TaylorkitError


def main() -> int:
    """Run them; 0 then, 2 for what cannot be run, 130 where a signal asked for the end."""
    parser = argparse.ArgumentParser(prog="python -m flows", description="Run every spec of a folder through one flow.")
    parser.add_argument("folder", nargs="?", default=SPECS, help="default: %(default)s")
    parser.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")
    parser.add_argument(
        "--runner", default=HERE, help="where blocks are computed: here, dask, or the address of a Dask scheduler"
    )
    options = parser.parse_args()
    settings.apply()
    with stoppable():
        return _run(options)
    print("taylorkit: interrupted; what was committed is kept", file=sys.stderr)
    return 130


def _run(options: argparse.Namespace) -> int:
    with server.running() as wait:
        # Only now: Prefect reads its settings when it is imported, and importing takes as long as the server does.
        from flows.taylor import run_folder

        wait()
        try:
            outcome = run_folder(options.folder, options.store, options.runner)
        except TaylorkitError as error:
            print(f"taylorkit: {error}", file=sys.stderr)
            return 2
    _say(outcome["runs"], outcome["index"], Path(options.store))
    return 0


def _say(runs: list[dict], index: str, store: Path) -> None:
    computed = sum(run["computed"] for run in runs)
    work = f"{computed} blocks computed" if computed else "nothing to compute: every block is there"
    print(f"\n{len(runs)} specs, {work}")
    for run in runs:
        print(f"  {run['artifact']}")
    print(f"artifacts: {store.absolute()}\nreport:    {Path(index).absolute()}")


if __name__ == "__main__":
    sys.exit(main())
