"""The command line. Prefect is not imported here: someone who wants an artifact now should not wait for a server."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from taylorkit import __version__, shown
from taylorkit.errors import TaylorkitError

STORE = "data/artifacts"
SERVE = "run specs on demand and by schedule, with Prefect's pages, until Ctrl-C"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 found something wrong, 2 refused, 3 a fault of taylorkit itself."""
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("taylorkit: interrupted; what was committed is kept", file=sys.stderr)
        return 130
    except Exception as error:
        if options.debug:
            raise
        return _refused(error)


def _refused(error: Exception) -> int:
    """Say what was wrong, in words that do nothing to a terminal; the exit status."""
    if isinstance(error, TaylorkitError):
        print(shown.lines(f"taylorkit: {error}"), file=sys.stderr)
        return 2
    if isinstance(error, OSError):
        print(shown.lines(f"taylorkit: the system says: {error}; mend that and try again"), file=sys.stderr)
        return 2
    fault = shown.name(f"{type(error).__name__}: {error}")
    print(f"taylorkit: a fault of taylorkit itself: {fault}; `taylorkit --debug …` shows where", file=sys.stderr)
    return 3


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="taylorkit",
        description="Compute, store and map all derivatives of a JAX function.",
        epilog="A spec is a TOML file that says which function, where and to what order; see data/specs/.",
    )
    top.add_argument("--version", action="version", version=f"taylorkit {__version__}")
    top.add_argument("--debug", action="store_true", help="show where an error was raised, as Python does")
    commands = top.add_subparsers(dest="name", required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "run a spec; prints the artifact's path as its last line")
    check = _command(commands, "check", _check, "look a spec over: what it would compute; nothing is written")
    for command in (run, check):
        _spec_arguments(command)
    run.add_argument("--no-report", action="store_true", help="do not draw figures and page")
    report = _command(commands, "report", _report, "draw an artifact's figures and page, from the artifact alone")
    verify = _command(commands, "verify", _verify, "check that every array is what was written; status 0 only if so")
    for command in (report, verify):
        command.add_argument("artifact", metavar="ARTIFACT", type=Path, help="path of an artifact, NAME-….zarr")
    why = _command(commands, "why", _why, "in which inputs two runs' fingerprints differ; status 0 only if in none")
    for side in ("A", "B"):
        why.add_argument(
            side.lower(), metavar=side, type=Path, help="an artifact, or a spec (its function is imported)"
        )
    why.add_argument("--store", default=STORE, help="where a spec would run (default: %(default)s)")
    doctor = _command(commands, "doctor", _doctor, "find what is wrong around the runs; status 0 only if nothing is")
    doctor.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")
    doctor.add_argument("--home", type=Path, help="Prefect's home (default: PREFECT_HOME, or .prefect here)")
    doctor.add_argument("--json", action="store_true", help="findings and facts as JSON")
    listed = _command(commands, "list", _list, "list the artifacts of a store")
    listed.add_argument("store", metavar="STORE", nargs="?", default=STORE, help="its folder (default: %(default)s)")
    # Its options are those of what it starts, so none are known here: not even --help.
    served = commands.add_parser("serve", help=SERVE, add_help=False, prefix_chars="+")
    served.add_argument("words", nargs="*")
    served.set_defaults(command=_serve)
    return top


def _command(commands: Any, name: str, function: Callable, text: str) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(command=function)
    return made


def _spec_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", help="path of a TOML spec")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="override a field, as in order=6 or grid.x.num=50 (repeatable; the value as in TOML)",
    )
    command.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")


def _run(options: argparse.Namespace) -> int:
    from taylorkit import pipeline

    started = time.perf_counter()
    job = pipeline.plan(options.spec, options.set, options.store)
    print(f"{job.spec.name}: {job.summary}", file=sys.stderr)
    filled = pipeline.run(job, Progress())
    computed = sum(f.computed for f in filled)
    kept = sum(f.kept for f in filled)
    took = f"{time.perf_counter() - started:.1f} s"
    done = f"{_counted(computed, 'block')} computed, {kept} kept"
    if not computed:
        done = f"nothing to compute, {'all ' * (kept > 1)}{_counted(kept, 'block')} there already"
    print(f"{done}, {took}", file=sys.stderr)
    if not options.no_report:
        _draw(job.artifact)
    print(job.artifact)
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _draw(artifact: Path) -> None:
    from taylorkit import pages

    if not pages.up_to_date(artifact):
        print("drawing figures and page", file=sys.stderr)
        pages.report(artifact)
    # A run may have been killed between the two; an index that shows what the store holds is kept.
    pages.index(artifact.parent)
    print(f"report: {pages.page_of(artifact)}", file=sys.stderr)


def _check(options: argparse.Namespace) -> int:
    from taylorkit import pipeline

    job = pipeline.plan(options.spec, options.set, options.store)
    pipeline.require_room(job)
    lines = {
        "spec": f"{job.spec.name} ({job.spec.kind})",
        "artifact": f"{job.artifact}{' (exists)' if job.artifact.exists() else ''}",
        "blocks": ", ".join(f"{s.name} {s.section.block_count}" for s in job.steps),
        "disk": f"{job.bytes / 2**20:.1f} MiB before compression",
        "memory": f"{job.memory / 2**20:.0f} MiB for {_counted(job.in_flight, 'block')} at once",
    }
    print("\n".join(f"{key + ':':<13}{value}" for key, value in lines.items()))
    print(job.facts())
    return 0


def _report(options: argparse.Namespace) -> int:
    from taylorkit import pages

    page = pages.report(options.artifact)
    pages.index(options.artifact.parent)
    print(shown.lines(str(page)))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from taylorkit import drawn
    from taylorkit.store.verify import verify

    problems = [*verify(options.artifact), *drawn.problems(options.artifact.absolute())]
    for problem in problems:
        print(shown.lines(shown.one_line(problem)))
    found = _counted(len(problems), "problem") if problems else "every array is what was written"
    print(shown.lines(f"{options.artifact}: {found}"))
    return 1 if problems else 0


def _why(options: argparse.Namespace) -> int:
    from taylorkit.why import why

    differences = why(options.a, options.b, options.store)
    for part in differences:
        print(f"{shown.name(part.part)}: {'differs' if part.rows else 'the same'}")
        if part.rows:
            _print_table([("", "field", "A", "B"), *(("", *map(shown.name, row)) for row in part.rows)])
    return int(any(part.rows for part in differences))


def _doctor(options: argparse.Namespace) -> int:
    from taylorkit import doctor

    examined = doctor.examine(options.store, options.home)
    print(examined.as_json() if options.json else examined.as_text())
    return int(bool(examined.findings))


def _list(options: argparse.Namespace) -> int:
    from taylorkit.store.listing import listing

    rows = [tuple(map(shown.name, _row(facts))) for facts in listing(options.store)]
    if not rows:
        print(f"{options.store}: no artifacts; `taylorkit run SPEC` makes one")
        return 0
    table = [("name", "kind", "function", "order", "points", "size", "worst error", "date"), *rows]
    _print_table(table)
    return 0


def _print_table(table: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _serve(options: argparse.Namespace) -> int:
    """Become the process that serves: signals are then its own."""
    if find_spec("prefect") is None or find_spec("psutil") is None:
        raise TaylorkitError("serve needs Prefect, which is not installed; pip install 'taylorkit[flows]'")
    if find_spec("flows") is None:
        raise TaylorkitError("serve needs the flows, which lie beside the package; run it from a checkout (make setup)")
    os.execv(sys.executable, [sys.executable, "-m", "flows.serve", *options.words])


def _row(facts: dict[str, Any]) -> tuple[str, ...]:
    if "damage" in facts:
        return (facts["name"], "damaged", *[""] * 6)
    worst = facts["worst_error"]
    return (
        facts["name"],
        facts["kind"],
        facts["function"],
        "" if facts["order"] is None else str(facts["order"]),
        "" if facts["points"] is None else str(facts["points"]),
        f"{facts['bytes'] / 1024:,.0f} KiB",
        "" if worst is None else f"{worst:.3g}",
        facts["date"],
    )


class Progress:
    """Progress on standard error: a line a step, rewritten as blocks are done where someone watches."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()

    def __call__(self, title: str, done: int, total: int) -> None:
        if self._watched:
            print(f"\r  {title}: {done}/{_counted(total, 'block')}", end="\n" if done == total else "", file=sys.stderr)
        elif done == total:
            print(f"  {title}: {_counted(total, 'block')}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
