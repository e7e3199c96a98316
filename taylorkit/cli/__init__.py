"""The command line. Prefect is not imported here: someone who wants an artifact now should not wait for a server.

| module | what |
|---|---|
| `arguments`, `parsing` | the commands, their options and their help; how they are taken apart |
| `runs`, `artifacts`, `machine` | what each command does: it gives an `Answer` |
| `answer` | an answer, as lines for people and as a document for scripts |
| `progress`, `rate` | how far a run is: where it is shown, and the words |
| `completion` | scripts by which a shell completes commands, options and paths |

A command's answer is all that standard output gets; whatever else there is to say goes to standard error.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout, suppress

from taylorkit import shown
from taylorkit.cli.answer import Answer, document
from taylorkit.cli.arguments import STORE, parser
from taylorkit.cli.parsing import Misused
from taylorkit.errors import TaylorkitError

__all__ = ["STORE", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 found something wrong, 2 refused, 3 a fault of taylorkit itself."""
    options = _options(list(sys.argv[1:] if arguments is None else arguments))
    answer = _answer(options)
    text = document(answer.facts) if options.json else answer.text
    try:
        if text:
            print(text, flush=True)
    except BrokenPipeError:
        # Nobody reads on, as in `taylorkit list | head -1`. What is left would be written when the process ends.
        if arguments is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.status


def _options(words: list[str]) -> argparse.Namespace:
    """What the words say. Exits with 2 where that is nothing, and with 0 after help."""
    try:
        return parser().parse_args(words)
    except Misused as misused:
        if "--json" in words:
            print(document({"error": str(misused), "status": 2}), flush=True)
        misused.leave()


def _answer(options: argparse.Namespace) -> Answer:
    # What a function of the user prints while it is traced is no part of a document.
    apart = redirect_stdout(sys.stderr) if options.json else nullcontext()
    try:
        with apart:
            answer: Answer = options.command(options)
        return answer
    except (Exception, KeyboardInterrupt) as error:
        message, status = _said(error)
        with suppress(OSError):  # where nobody reads that, the status says it
            if options.debug:
                print(shown.lines("".join(traceback.format_exception(error))), end="", file=sys.stderr)
            print(f"taylorkit: {message}", file=sys.stderr)
        return Answer("", {"error": message, "status": status}, status)


def _said(error: BaseException) -> tuple[str, int]:
    """What was wrong, in words that do nothing to a terminal, and the exit status."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; what was committed is kept", 130
    if isinstance(error, TaylorkitError):
        return shown.lines(str(error)), 2
    if isinstance(error, OSError):
        return shown.lines(f"the system says: {error}; mend that and try again"), 2
    fault = shown.name(f"{type(error).__name__}: {error}")
    return f"a fault of taylorkit itself: {fault}; `taylorkit --debug …` shows where", 3
