"""The run's precision, stated once: 64-bit JAX is switched on by a dtype, for one call, and never left on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import jax
import numpy as np

from taylorkit.errors import SpecError
from taylorkit.reals import real


def scope(dtype: np.dtype) -> AbstractContextManager[None]:
    """JAX as `dtype` needs it: with 64-bit types exactly where the dtype has 64 bits.

    Set either way, so that a call gives the same numbers whatever the caller's own setting is.
    """
    return jax.enable_x64(np.dtype(dtype).itemsize == 8)


@contextmanager
def everywhere(dtype: np.dtype) -> Iterator[None]:
    """`scope`, for all threads of the process, set back after.

    A callback runs in a thread of XLA's: it does not see a scope of this thread, and 64 bits would reach it as 32.
    """
    # A new thread sees the process's setting, this one perhaps a scope around the call.
    with ThreadPoolExecutor(1) as other:
        before = other.submit(lambda: jax.config.jax_enable_x64).result()
    jax.config.update("jax_enable_x64", np.dtype(dtype).itemsize == 8)
    try:
        with scope(dtype):
            yield
    finally:
        jax.config.update("jax_enable_x64", before)


def largest(dtype: np.dtype) -> float:
    """The largest finite number of a floating dtype."""
    return float(jax.numpy.finfo(dtype).max)


def floating(*arrays: object) -> np.dtype:
    """The floating dtype in which these are computed; integers and Python numbers are double precision.

    Raises SpecError for anything that is neither real nor a number.
    """
    try:
        dtype = np.result_type(*(real(a).dtype for a in arrays))
    except (TypeError, ValueError) as error:  # nothing at all, or types with none in common
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"points: {error}; give numbers of one type") from error
    return dtype if jax.numpy.issubdtype(dtype, np.floating) else np.dtype(np.float64)
