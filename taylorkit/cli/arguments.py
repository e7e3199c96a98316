"""The commands, their options, and the help on them."""

import argparse
from collections.abc import Callable
from typing import Any

from taylorkit import __version__
from taylorkit.cli import artifacts, machine, runs
from taylorkit.cli.parsing import Parser, lines_kept

STORE = "data/artifacts"
SHELLS = ("bash", "zsh", "fish")

TOP = """\
A spec is a TOML file that says which function, where and to what order; see data/specs/.
`taylorkit COMMAND --help` tells more of each.

exit status: 0 done; 1 something is wrong (verify, doctor) or differs (why); 2 refused, with one
message that says why; 3 a fault of taylorkit itself; 4 a run is done, and its numbers are finite
nowhere; 130 interrupted
"""

EXAMPLES = {
    "run": "taylorkit run data/specs/two-variable.toml --set order=8",
    "check": "taylorkit check data/specs/mml-5-15.toml --set order=12",
    "report": "taylorkit report data/artifacts/mml-5-15-0123456789ab-01234567.zarr",
    "verify": "taylorkit verify data/artifacts/*.zarr",
    "why": "taylorkit why data/artifacts/mml-5-15-0123456789ab-01234567.zarr data/specs/mml-5-15.toml",
    "compare": "taylorkit compare mml-5-15-0123456789ab-01234567.zarr mml-5-15-ba9876543210-76543210.zarr",
    "list": "taylorkit list --json | jq '.artifacts[] | select(.worst_error > 1e-3) | .path'",
    "doctor": "taylorkit doctor --store data/artifacts",
    "completion": 'eval "$(taylorkit completion bash)"   # in ~/.bashrc; for zsh likewise, after compinit',
}


def parser() -> argparse.ArgumentParser:
    top = Parser(
        prog="taylorkit",
        description="Compute, store and map all derivatives of a JAX function.",
        epilog=TOP,
        formatter_class=lines_kept,
    )
    top.add_argument("--version", action="version", version=f"taylorkit {__version__}")
    _debug(top, default=False)
    top.set_defaults(json=False)
    commands = top.add_subparsers(dest="name", required=True, metavar="COMMAND", title="commands")
    _of_specs(commands)
    _of_artifacts(commands)
    _of_the_machine(commands)
    return top


def _of_specs(commands: Any) -> None:
    run = _command(commands, "run", runs.run, "run a spec; prints the artifact's path as its last line")
    check = _command(commands, "check", runs.check, "look a spec over: what it would compute; nothing is written")
    for command in (run, check):
        command.add_argument("spec", metavar="SPEC", help="path of a TOML spec; its function is imported")
        command.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="override a field, as in order=6 or grid.x.num=50 (repeatable; the value as in TOML)",
        )
        _store(command, "folder of artifacts")
    run.add_argument("--no-report", action="store_true", help="do not draw figures and page")
    _json(run, "artifact, fingerprint, blocks computed and kept, seconds and page")
    _json(check, "what it found")


def _of_artifacts(commands: Any) -> None:
    report = _command(commands, "report", artifacts.report, "draw an artifact's figures and page, from it alone")
    verify = _command(
        commands, "verify", artifacts.verify, "check that every array is what was written; status 0 only if so"
    )
    report.add_argument("artifact", metavar="ARTIFACT", help="path of an artifact, NAME-….zarr")
    verify.add_argument(
        "artifacts", metavar="ARTIFACT", nargs="+", help="paths of artifacts, NAME-….zarr: one, or several"
    )
    _json(report, "the paths of page and index")
    _json(verify, "the problems")
    why = _command(
        commands, "why", artifacts.why, "in which inputs two runs' fingerprints differ; status 0 only if in none"
    )
    for side in ("A", "B"):
        why.add_argument(side.lower(), metavar=side, help="an artifact, or a spec (its function is imported)")
    _store(why, "where a spec would run")
    _json(why, "each part and the fields in which it differs")
    compare = _command(
        commands, "compare", artifacts.compare, "two artifacts on one page: inputs, errors, numbers, figures"
    )
    for side in ("A", "B"):
        compare.add_argument(side.lower(), metavar=side, help="path of an artifact, NAME-….zarr")
    _json(compare, "the path of the page")
    listed = _command(commands, "list", artifacts.listed, "list the artifacts of a store")
    listed.add_argument("store", metavar="STORE", nargs="?", default=STORE, help="its folder (default: %(default)s)")
    _json(listed, "the artifacts, with their paths")


def _of_the_machine(commands: Any) -> None:
    doctor = _command(
        commands, "doctor", machine.doctor, "find what is wrong around the runs; status 0 only if nothing is"
    )
    _store(doctor, "folder of artifacts")
    doctor.add_argument("--home", help="Prefect's home (default: PREFECT_HOME, or .prefect here)")
    _json(doctor, "findings and facts")
    # Its options are those of what it starts, so none are known here: not even --help.
    told = "run specs on demand and by schedule, with Prefect's pages, until Ctrl-C"
    served = commands.add_parser("serve", help=told, add_help=False, prefix_chars="+")
    served.add_argument("words", nargs="*", metavar="OPTION")
    served.set_defaults(command=machine.serve)
    completion = _command(
        commands, "completion", machine.completion, "print a script by which a shell completes commands and paths"
    )
    completion.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def _command(commands: Any, name: str, function: Callable, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:\n  {EXAMPLES[name]}",
        formatter_class=lines_kept,
    )
    # Before the command or after it; one that is not given here leaves what was given there.
    _debug(made, default=argparse.SUPPRESS)
    made.set_defaults(command=function)
    return made


def _debug(command: argparse.ArgumentParser, default: Any) -> None:
    command.add_argument(
        "--debug", action="store_true", default=default, help="show where an error was raised, as Python does"
    )


def _store(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("--store", default=STORE, help=f"{text} (default: %(default)s)")


def _json(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("--json", action="store_true", help=f"print one JSON document: {text}, or the error")
