"""One thing after another, where one that fails keeps none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from prefect import get_run_logger

from taylorkit.errors import TaylorkitError

Result = TypeVar("Result")


def each(act: Callable[[str], Result], things: Iterable[str]) -> tuple[dict[str, Result], dict[str, str]]:
    """What came of each thing, and of each that failed why. Whatever it is: it is said at the end, with all others."""
    done: dict[str, Result] = {}
    failed: dict[str, str] = {}
    for thing in things:
        try:
            done[thing] = act(thing)
        except Exception as error:
            failed[thing] = _said(thing, error)
            # With where it was raised, unless it says all there is to it.
            get_run_logger().error(failed[thing], exc_info=not isinstance(error, TaylorkitError))
    return done, failed


def _said(thing: str, error: Exception) -> str:
    """A line that names the thing."""
    said = str(error) if isinstance(error, TaylorkitError) else f"{type(error).__name__}: {error}"
    return said if thing in said else f"{thing}: {said}"
