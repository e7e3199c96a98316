"""Numbers that a caller gives, as NumPy's arrays of real numbers. What is none, or would lose something, is refused."""

import sys
from typing import Any

import numpy as np

from taylorkit.errors import SpecError

__all__ = ["real", "tracers", "unmasked"]

# What holds numbers and nothing else, and what numbers need not be looked at.
PLAIN = frozenset([float, np.float64, np.ndarray])
NATIVE = frozenset([np.dtype(np.float64), np.dtype(np.float32)])
COMPLEX = "; for a complex function differentiate its real and imaginary parts"


def real(value: Any, what: str = "points") -> np.ndarray:
    """`value` as an array of real numbers of 64 bits or less, in its own type and the machine's order of bytes.

    Raises SpecError, beginning with `what`, for anything else, for masked entries, and for what JAX traces.
    """
    if type(value) in PLAIN and (type(value) is not np.ndarray or value.dtype in NATIVE):
        return np.asarray(value)
    if tracers(value):
        raise SpecError(f"{what}: JAX is tracing them; give numbers, outside of jax.jit, jax.grad and jax.vmap")
    unmasked(value, what)
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise SpecError(f"{what}: {error}; give numbers, as many in each row") from error
    except Exception as error:  # whatever an object raises that is to become an array
        first, *_ = str(error).splitlines() or [""]
        raise SpecError(f"{what}: a {type(value).__name__} cannot be read as numbers: {first}") from error
    if not _is_real(array.dtype):
        remedy = COMPLEX if array.dtype.kind == "c" else ""
        raise SpecError(f"{what} of dtype {array.dtype}: must be real numbers of 64 bits or less{remedy}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def unmasked(value: Any, what: str) -> None:
    """Raise SpecError where entries are masked: an array holds numbers there, as if nobody had masked them."""
    for leaf in _leaves(value, np.ma.MaskedArray):
        if np.ma.is_masked(leaf):
            raise SpecError(
                f"{what}: {np.ma.count_masked(leaf)} of {leaf.size} entries are masked; give those that are not, as by "
                "compressed(), or numbers for all of them, as by filled()"
            )


def tracers(x: Any) -> list[Any]:
    """What of x JAX is tracing."""
    jax = sys.modules.get("jax")
    return _leaves(x, jax.core.Tracer) if jax and type(x) not in PLAIN else []


def _leaves(value: Any, kind: type) -> list[Any]:
    """What of a kind stands in nested lists and tuples."""
    if not isinstance(value, list | tuple):
        return [value] if isinstance(value, kind) else []
    # Of a million numbers no single one is looked at.
    if not any(issubclass(t, (kind, list, tuple)) for t in set(map(type, value))):
        return []
    return [leaf for part in value for leaf in _leaves(part, kind)]


def _is_real(dtype: np.dtype) -> bool:
    # The types that JAX adds, bfloat16 among them, are of kind "V" and cast to float64.
    known = dtype.kind in "iubf" or (dtype.kind == "V" and dtype.names is None and np.can_cast(dtype, np.float64))
    return known and dtype.itemsize <= 8
