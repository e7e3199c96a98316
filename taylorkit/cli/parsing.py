"""argparse, where this command line wants it otherwise."""

import argparse
from typing import NoReturn


class Misused(Exception):
    """Words that are no command line."""

    def __init__(self, parser: argparse.ArgumentParser, message: str):
        super().__init__(message)
        self._parser = parser

    def leave(self) -> NoReturn:
        """Print the usage and exit with 2, as argparse does."""
        argparse.ArgumentParser.error(self._parser, str(self))


class Parser(argparse.ArgumentParser):
    """One that raises: a script gets the complaint as JSON."""

    def error(self, message: str) -> NoReturn:
        raise Misused(self, message)


def lines_kept(prog: str) -> argparse.HelpFormatter:
    """With room for the longest name of a command, and lines of examples as they are."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26)
