"""What one trial showed: which kind of trial it was, and what did not hold, if anything."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass


class CannotTryError(RuntimeError):
    """This machine or this user cannot do what a row does; the message says what is needed. It is no finding."""


@dataclass(frozen=True)
class Outcome:
    """A trial; `fault` is empty where everything held, `note` is what else is worth to be kept of it."""

    kind: str
    fault: str = ""
    note: str = ""


def tried(what: str, check: Callable[[], str | Outcome]) -> Outcome:
    """Run a check that returns its kind, or raises where something does not hold; `what` tells the trial from others.

    Whatever it raises is a finding, and the trials after it go on; but for CannotTryError, which ends the row.
    """
    try:
        found = check()
    except CannotTryError:
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(str(error).split())[:600]
        return Outcome("fault", f"{what}: {type(error).__name__}: {said} ({place.name}, line {place.lineno})")
    return found if isinstance(found, Outcome) else Outcome(found)
