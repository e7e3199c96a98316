"""Which failures are worth another try: those of a store or a line that may pass. A wrong spec stays wrong."""

import errno
from collections.abc import Iterator
from typing import Any

from prefect.tasks import exponential_backoff

from taylorkit.errors import FunctionError, SpecError

# What a system says when it may say something else later: of disks that are slow, full or far, and of what is used up.
# Not every system has each of them. What is not listed lasts: asking later makes no file, no permission and no picture.
PASSING = frozenset(
    getattr(errno, name)
    for name in (
        "EIO EREMOTEIO ESTALE ENOSPC EDQUOT EAGAIN EINTR EBUSY ENOLCK EMFILE ENFILE ENOMEM ENOBUFS "
        "ENETDOWN ENETUNREACH ENETRESET EHOSTDOWN EHOSTUNREACH"
    ).split()
    if hasattr(errno, name)
)

# After 2, 4, 8 and 16 seconds, each shortened or stretched at random (0.63 to 1.5 times), so that many workers do not
# come back together.
RETRIES: dict[str, Any] = {"retries": 4, "retry_delay_seconds": exponential_backoff(2), "retry_jitter_factor": 0.5}


def may_pass(error: BaseException | None) -> bool:
    """Whether an error, or what it was raised from, is a timeout, a lost line or one of PASSING.

    Damaged bytes do not pass, nor does anything about a spec or a function, whatever it was raised from.
    """
    return not isinstance(error, SpecError | FunctionError) and any(map(_passing, _causes(error)))


def worth_retrying(task: Any, task_run: Any, state: Any) -> bool:
    """`may_pass`, as Prefect asks for it."""
    return may_pass(state.result(raise_on_failure=False))


def _passing(error: BaseException) -> bool:
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    # Libraries raise OSError of their own, without a number: of a broken picture, say.
    return isinstance(error, OSError) and error.errno in PASSING


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
