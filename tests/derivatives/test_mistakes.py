"""Every bad input is one message: what is wrong, with its value, and what to write instead."""

import re
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk


def product(x: Any, y: Any) -> Any:
    return x * y


def missing(x: Any) -> Any:
    raise KeyError("weights")


POINTS = {
    "no axis": (1.0, r"points: shape \(\); give \(N,\) where f takes one scalar"),
    "three axes": (np.zeros((2, 2, 2)), r"points: shape \(2, 2, 2\); give \(N,\)"),
    "none": ([], r"points: none given \(shape \(0, 1\)\); give at least one"),
    "no variables": (np.zeros((3, 0)), r"points: none given \(shape \(3, 0\)\)"),
    "empty tuple": ((), r"points: .*give numbers"),
    "ragged": ([[1.0, 2.0], [3.0]], r"points: .*give numbers, as many in each row"),
    "numbers in a tuple": ((1.0, 2.0), r"tuple of shapes \[\(\), \(\)\].*give D one-dimensional arrays of one length"),
    "lengths": (([1.0], [1.0, 2.0]), r"tuple of shapes \[\(1,\), \(2,\)\].*of one length N"),
    "nan": (
        [1.0, np.nan, np.nan],
        r"points: nan at point 1, variable 0 \(and 1 more\); an expansion point must be finite",
    ),
    "infinite": (([1.0, 2.0], [0.0, -np.inf]), r"points: -inf at point 1, variable 1"),
    "complex": ([1j], r"points of dtype complex128: must be real numbers"),
    "text": (["one"], r"points of dtype <U3: must be real numbers"),
    "nothing": (None, r"points of dtype object: must be real numbers"),
    "quadruple": (np.ones(1, np.longdouble), r"must be real numbers of 64 bits or less"),
}


@pytest.mark.parametrize("name", POINTS)
def test_points(name: str) -> None:
    points, message = POINTS[name]
    with pytest.raises(tk.SpecError, match=message):
        tk.derivatives(jnp.sin, points, 2)


@pytest.mark.parametrize("order", [-1, 1.5, "2", None, True, np.float64(2)])
def test_order(order: Any) -> None:
    said = re.escape(f"order = {order!r}: must be a whole number, 0 or more")
    with pytest.raises(tk.SpecError, match=said):
        tk.derivatives(jnp.sin, [1.0], order)
    with pytest.raises(tk.SpecError, match=said):
        tk.taylor(jnp.sin, 1.0, order)


def test_method() -> None:
    with pytest.raises(tk.SpecError, match=r"method = 'jets': must be one of auto, nested, nested:xla, series"):
        tk.derivatives(jnp.sin, [1.0], 2, "jets")
    with pytest.raises(tk.SpecError, match=r"method = None: must be one of auto"):
        tk.derivatives(jnp.sin, [1.0], 2, None)  # type: ignore[arg-type]


def test_degree() -> None:
    d = tk.derivatives(jnp.sin, [1.0], 2)
    with pytest.raises(tk.SpecError, match=r"degree = 3: the order is 2; only degrees up to it are known"):
        d.tensor(3)
    with pytest.raises(tk.SpecError, match=r"= -1: must be a whole number, 0 or more"):
        d.tensor(-1)


FUNCTIONS: dict[str, tuple[Callable, Any, str]] = {
    "scalars called with a vector": (
        product,
        np.ones((2, 2)),
        r"product could not be traced with one vector of 2 entries.*"
        r"for a function of 2 scalars give a tuple of 2 arrays \(N,\).*missing 1 required positional argument",
    ),
    "vector called with scalars": (
        lambda v: v[0],
        ([1.0], [2.0]),
        r"could not be traced with 2 scalars.*for a function of one vector give \(N, 2\)",
    ),
    "vector called with a scalar": (
        lambda v: v[0],
        [1.0],
        r"could not be traced with one scalar \(points of shape \(N,\)\); for a function of one vector give \(N, D\)",
    ),
    "raises": (missing, [1.0], r"missing could not be traced.*It raised KeyError: 'weights'"),
    "no function": (3, [1.0], r"3 could not be traced.*'int' object is not callable"),
    "branches in Python": (lambda x: x if x > 0 else -x, [1.0], r"TracerBoolConversionError"),
    "tuple": (lambda x: (x, x), [1.0], r"returns tuple with 2 arrays: must return one array; stack them"),
    "list": (lambda x: [x], [1.0], r"returns list with 1 arrays: must return one array"),
    "nothing": (lambda x: None, [1.0], r"returns NoneType with 0 arrays: must return one array"),
    "complex": (lambda x: x * 1j, [1.0], r"returns dtype complex128: must be real; stack the real and imaginary parts"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    f, points, message = FUNCTIONS[name]
    with pytest.raises(tk.FunctionError, match=message):
        tk.derivatives(f, points, 2)


CENTERS = {
    "batch of vectors": (np.ones((3, 2)), r"center: shape \(3, 2\); one centre is a number.*use taylorkit.derivatives"),
    "tuple of arrays": ((np.ones(2), np.ones(2)), r"center: shape \(2,\), \(2,\); one centre is"),
    "nan": (np.nan, r"nan at point 0, variable 0.*must be finite"),
    "complex": (1j, r"must be real numbers"),
}


@pytest.mark.parametrize("name", CENTERS)
def test_centers(name: str) -> None:
    center, message = CENTERS[name]
    with pytest.raises(tk.SpecError, match=message):
        tk.taylor(jnp.sin, center, 2)


def test_a_failed_trace_keeps_its_cause() -> None:
    with pytest.raises(tk.FunctionError) as caught:
        tk.derivatives(missing, [1.0], 2)
    assert isinstance(caught.value.__cause__, KeyError)


def test_all_of_them_are_one_kind() -> None:
    assert issubclass(tk.SpecError, tk.TaylorkitError) and issubclass(tk.FunctionError, tk.TaylorkitError)
    assert issubclass(tk.SpecError, ValueError)
