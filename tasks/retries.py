"""Which failures are worth another try: those of a store or a line that may pass. A wrong spec stays wrong."""

import errno
from collections.abc import Iterator
from typing import Any

from prefect.tasks import exponential_backoff

from taylorkit.errors import FunctionError, SpecError

# What the system says and will say again: asking later does not make a file or a permission.
LASTING = frozenset(
    {
        errno.ENOENT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
    }
)

# After 2, 4, 8 and 16 seconds, each stretched by up to a half, so that many workers do not come back together.
RETRIES: dict[str, Any] = {"retries": 4, "retry_delay_seconds": exponential_backoff(2), "retry_jitter_factor": 0.5}


def may_pass(error: BaseException | None) -> bool:
    """Whether an error, or what it was raised from, is one of the system (timeouts are) that need not last.

    Damaged bytes do not pass, nor does anything about a spec or a function, whatever it was raised from.
    """
    return not isinstance(error, SpecError | FunctionError) and any(map(_passing, _causes(error)))


def worth_retrying(task: Any, task_run: Any, state: Any) -> bool:
    """`may_pass`, as Prefect asks for it."""
    return may_pass(state.result(raise_on_failure=False))


def _passing(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno not in LASTING


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
