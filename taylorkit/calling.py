"""How f is called: the three forms of a point, and the one form that the rest of the code knows.

| form | f takes | points | one centre |
|---|---|---|---|
| scalar | f(x) | (N,) | a number |
| vector | f(v), v of shape (D,) | (N, D) | (D,) |
| scalars | f(x, y, …) | a tuple of D arrays (N,) | a tuple of D numbers |

Inside, a point is always a row of an (N, D) array, and f always a function of one vector.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from taylorkit.errors import SpecError
from taylorkit.reals import real

Form = Literal["scalar", "vector", "scalars"]


@dataclass(frozen=True)
class Points:
    """N points as rows of `array` (N, D), and the form in which f takes one."""

    form: Form
    array: np.ndarray

    def __post_init__(self) -> None:
        if not self.array.size:
            raise SpecError(f"points: none given (shape {self.array.shape}); give at least one")
        wrong = np.argwhere(~np.isfinite(self.array.astype(np.float64)))
        if len(wrong):
            n, d = wrong[0]
            raise SpecError(
                f"points: {self.array[n, d]} at point {n}, variable {d} (and {len(wrong) - 1} more); "
                "an expansion point must be finite"
            )

    @property
    def variables(self) -> int:
        return self.array.shape[1]


def batch(points: object, dtype: np.dtype) -> Points:
    """Points as the contract gives them, as rows. Raises SpecError for any other shape."""
    if isinstance(points, tuple):
        arrays = [np.asarray(real(p), dtype) for p in points]
        if not arrays or any(a.ndim != 1 or a.shape != arrays[0].shape for a in arrays):
            raise SpecError(
                f"points: a tuple of shapes {[a.shape for a in arrays]}; where f takes D scalars, "
                "give D one-dimensional arrays of one length N"
            )
        # Each variable by itself in memory: kernels read columns.
        return Points("scalars", np.stack(arrays).T)
    array = np.asarray(real(points), dtype)
    if array.ndim == 1:
        return Points("scalar", array[:, None])
    if array.ndim == 2:
        return Points("vector", array)
    raise SpecError(
        f"points: shape {array.shape}; give (N,) where f takes one scalar, (N, D) where it takes one "
        "vector, a tuple of D arrays (N,) where it takes D scalars"
    )


def single(center: object, dtype: np.dtype) -> Points:
    """One centre, without a batch axis, as a single row."""
    together = isinstance(center, tuple)
    entries = [np.asarray(real(c, "center"), dtype) for c in (center if isinstance(center, tuple) else (center,))]
    if any(e.ndim > (0 if together else 1) for e in entries):
        shapes = ", ".join(str(e.shape) for e in entries)
        raise SpecError(
            f"center: shape {shapes}; one centre is a number, a vector (D,) or a tuple of numbers. "
            "For a batch of points use taylorkit.derivatives(f, points, order)"
        )
    rows = tuple(e[None] for e in entries)
    return batch(rows if together else rows[0], dtype)


def of_vector(f: Callable, form: Form) -> Callable:
    """f as a function of one vector (D,), whatever its own form."""
    forms: dict[str, Callable] = {
        "scalar": lambda v: f(v[0]),
        "scalars": lambda v: f(*(v[i] for i in range(v.shape[0]))),
        "vector": f,
    }
    return forms[form]


def takes_scalars(f: Callable, center: Any) -> bool:
    """Whether f takes each number of `center` by itself, by its signature; else whether that is a tuple."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # what is written in C may have none
        return isinstance(center, tuple)
    one, each = (_binds(signature, count) for count in (1, len(center)))
    return isinstance(center, tuple) if one is each else each


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def form_of(call: str, variables: Sequence[str]) -> Form:
    """The form that a spec's `call` and `variables` name."""
    if call == "vector":
        return "vector"
    return "scalar" if len(variables) == 1 else "scalars"
