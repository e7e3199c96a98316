"""`taylorkit serve`: a Prefect server, what runs the deployments, and the pages, until Ctrl-C.

The server that Prefect embeds in a process cannot schedule; the one that is started here can.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flows import pages, server, settings, when
from flows.authentication import CLIENT, agreed
from flows.processes import first_to_end, process, stoppable
from flows.settings import SPECS, STORE
from taylorkit.environment import ADDRESS, FOLDER, FOLDERS, SCHEDULERS
from taylorkit.errors import TaylorkitError
from taylorkit.store.address import local

PORT = 4200


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="taylorkit serve",
        description="Serve the deployments on this machine: by hand, and each night by schedule.",
    )
    top.add_argument("--host", default="127.0.0.1", help="where Prefect listens; others than loopback need a password")
    top.add_argument("--port", type=int, default=PORT, help="its port (default: %(default)s)")
    top.add_argument("--pages-port", type=int, help="where artifacts' pages are, on 127.0.0.1 (default: one more)")
    top.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")
    top.add_argument("--folder", default=SPECS, help="folder of specs that is run each night (default: %(default)s)")
    top.add_argument(
        "--functions",
        action="append",
        metavar="FOLDER",
        help="a folder whose functions and point files runs may use (repeatable; default: the folder of specs)",
    )
    top.add_argument(
        "--scheduler",
        action="append",
        metavar="ADDRESS",
        help="a Dask scheduler of yours that runs may use, as tcp://host:8786 (repeatable)",
    )
    when.add_options(top)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; 0 then, 1 where something ended by itself, 2 for a mistake."""
    options = parser().parse_args(arguments)
    try:
        with stoppable():
            return _serve(options)
    except (TaylorkitError, RuntimeError) as error:
        print(f"taylorkit: {error}", file=sys.stderr)
        return 2
    print("stopped; committed blocks are kept, and schedules go on when this is started again", file=sys.stderr)
    return 0


def _serve(options: argparse.Namespace) -> int:
    secret = agreed(options.host, os.environ)
    # Not any free one: links that runs have shown are followed later, too.
    pages_port = options.port + 1 if options.pages_port is None else options.pages_port
    server.require_free(options.host, options.port, "port")
    server.require_free("127.0.0.1", pages_port, "pages-port")
    settings.apply()
    store = local(options.store).resolve()
    at = server.address(options.host, options.port)
    api = f"{at}/api"
    with pages.served(store, pages_port) as address:
        trusted = os.pathsep.join(str(Path(f).resolve()) for f in options.functions or [options.folder])
        schedulers = ",".join(options.scheduler or [])
        allowed = {FOLDERS: trusted, SCHEDULERS: schedulers}
        ours = {server.URL: api, ADDRESS: address, FOLDER: str(store), **allowed, **secret}
        environment = {server.ORIGINS: at, **os.environ, **server.LASTING, **ours}
        with process(_server(options), environment) as prefect:
            server.wait(prefect, api)
            with process(_runner(options), environment) as runner:
                server.wait_for_deployment(runner, api, "taylor/one-spec", secret)
                print(_welcome(api, address, options.folder, bool(secret)), flush=True)
                ended = first_to_end({"Prefect's server": prefect, "the process that runs deployments": runner})
    print(f"taylorkit: {ended} ended by itself; what it said stands above", file=sys.stderr)
    return 1


def _server(options: argparse.Namespace) -> list[str]:
    place = ["--host", options.host, "--port", str(options.port)]
    return [sys.executable, "-m", "prefect", "server", "start", *place]


def _runner(options: argparse.Namespace) -> list[str]:
    given = {"--store": options.store, "--folder": options.folder, "--cron": options.cron, "--every": options.every}
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [sys.executable, "-m", "flows.deployments", *words]


def _welcome(api: str, pages_at: str, folder: str, secret: bool) -> str:
    spec = next(iter(sorted(Path(folder).glob("*.toml"))), Path(folder, "SPEC.toml"))
    return "\n".join(
        [
            "",
            f"Prefect's pages:  {api.removesuffix('/api')}",
            f"artifacts' pages: {pages_at}",
            "",
            "In another shell, from this folder:",
            f"export {server.URL}={api}",
            *([f"export {CLIENT}=...  # the password, as it is here"] if secret else []),
            f"prefect deployment run 'taylor/one-spec' --param spec={spec}",
            "",
            "Ctrl-C ends all of it.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
