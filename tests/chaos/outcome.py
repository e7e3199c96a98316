"""What one trial showed: which kind of trial it was, and what did not hold, if anything."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """A trial; `fault` is empty where everything held."""

    kind: str
    fault: str = ""


def tried(what: str, check: Callable[[], str]) -> Outcome:
    """Run a check that returns its kind, or raises where something does not hold; `what` tells the trial from others.

    Whatever it raises is a finding, and the trials after it go on.
    """
    try:
        return Outcome(check())
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(str(error).split())[:600]
        return Outcome("fault", f"{what}: {type(error).__name__}: {said} ({place.name}, line {place.lineno})")
