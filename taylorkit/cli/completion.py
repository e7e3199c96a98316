"""Scripts by which bash, zsh and fish complete commands, options and paths.

`shtab` makes them from the parser, so they know what it knows. They are static: completing starts no Python, which
argcomplete does at each press of the key.
"""

import argparse
from collections.abc import Iterator

import shtab

from taylorkit.cli.arguments import parser

# A single pattern in parentheses, which `glob` gives to zsh, is there a list of qualifiers and matches nothing.
SPEC = {**shtab.glob("*.toml"), "zsh": "_files -g '*.toml'"}

# What the arguments of these names are; `a` and `b` may be either.
PATHS = {
    "spec": SPEC,
    "artifact": shtab.DIRECTORY,
    "artifacts": shtab.DIRECTORY,
    "a": shtab.FILE,
    "b": shtab.FILE,
    "store": shtab.DIRECTORY,
    "home": shtab.DIRECTORY,
}


def script(shell: str) -> str:
    top = parser()
    for command in commands(top).values():
        for action in command._actions:
            if action.dest in PATHS:
                action.complete = PATHS[action.dest]  # type: ignore[attr-defined]
    return str(shtab.complete(top, shell))


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name."""
    return dict(_named(top))


def _named(top: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()
