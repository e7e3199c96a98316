"""Whatever is given as points, as a centre or as an order works, or is refused in one sentence."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import taylorkit as tk
import taylorkit.accessor

X = np.array([0.5, 1.0, 1.5])
# Sine, its derivatives and sums of four terms in double, and in the other precisions.
EPS = {np.dtype(kind): 8 * float(jnp.finfo(kind).eps) for kind in (np.float64, np.float32, np.float16, jnp.bfloat16)}

WORK: dict[str, Any] = {
    "list": X.tolist(),
    "numbers of NumPy": list(X),
    "mixed numbers": [0.5, 1, np.float64(1.5)],
    "fortran": np.asfortranarray(X),
    "strided": np.repeat(X, 2)[::2],
    "big-endian": X.astype(">f8"),
    "read-only": np.broadcast_to(X, (1, 3))[0],
    "single": X.astype(np.float32),
    "big-endian single": X.astype(">f4"),
    "half": X.astype(np.float16),
    "bfloat16": X.astype(jnp.bfloat16),
    "jax": jnp.asarray(X),
    "numbers of jax": [jnp.float32(x) for x in X],
    "series": pd.Series(X),
    "series with an index": pd.Series(X, index=list("abc")),
    "nullable series": pd.Series(X, dtype="Float64"),
    "data array": xr.DataArray(X, dims="p"),
    "masked nowhere": np.ma.array(X),
    "memory": memoryview(X),
}


@pytest.mark.parametrize("name", WORK)
def test_fault_R14_what_works(name: str) -> None:
    given = WORK[name]
    d = tk.derivatives(jnp.sin, given, 1)
    assert isinstance(d.packed, np.ndarray) and d.packed.dtype.isnative
    allowed = EPS[d.packed.dtype]
    np.testing.assert_allclose(d.packed.astype(float), [np.sin(X), np.cos(X)], atol=allowed)
    exact = tk.TaylorPolynomial(0.0, [0.0, 1.0, 2.0])
    np.testing.assert_allclose(exact(given), X + 2 * X**2, rtol=EPS[np.dtype(float)])
    np.testing.assert_allclose(tk.Atlas(given, np.ones((1, 3)))(given), 1.0)


WHOLE = np.array([1, 2, 3])


@pytest.mark.parametrize("given", [WHOLE, WHOLE.astype(np.uint8), WHOLE.tolist(), pd.Series(WHOLE), jnp.asarray(WHOLE)])
def test_fault_R14_whole_numbers_are_double_precision(given: Any) -> None:
    d = tk.derivatives(jnp.sin, given, 1)
    assert d.packed.dtype == np.float64
    np.testing.assert_allclose(d.packed, [np.sin(WHOLE), np.cos(WHOLE)], atol=EPS[np.dtype(float)])


def test_fault_R14_frames_and_columns() -> None:
    frame = pd.DataFrame({"dtype": X, "y": [1, 2, 3]})  # a column by the name of an attribute
    expected = [X * frame["y"], frame["y"], X]
    np.testing.assert_array_equal(tk.derivatives(lambda v: v[0] * v[1], frame, 1).packed, expected)
    for columns in ((frame["dtype"], frame["y"]), (X, [1, 2, 3]), (jnp.asarray(X), xr.DataArray([1, 2, 3]))):
        np.testing.assert_array_equal(tk.derivatives(lambda x, y: x * y, columns, 1).packed, expected)


@pytest.mark.parametrize(
    "center", [0.5, np.float64(0.5), np.array(0.5), jnp.array(0.5), xr.DataArray(0.5), Fraction(1, 2)]
)
def test_fault_R14_one_number(center: Any) -> None:
    if isinstance(center, Fraction):
        with pytest.raises(tk.SpecError, match=r"of dtype object: must be real numbers"):
            tk.taylor(jnp.sin, center, 2)
        return
    T = tk.taylor(jnp.sin, center, 2)
    assert abs(T(center) - np.sin(0.5)) < EPS[T.coefficients.dtype] and T(center).shape == ()


MASKED = np.ma.array(X, mask=[False, True, False])
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "keys": (lambda: jax.random.split(jax.random.key(0), 3), r"dtype|PRNG"),
    "complex": (lambda: X + 1j, r"complex128: must be real numbers"),
    "one complex": (lambda: [1.0, 2j, 3.0], r"complex128: must be real numbers"),
    "quadruple": (lambda: X.astype(np.longdouble), r"must be real numbers of 64 bits or less"),
    "text": (lambda: ["1", "2", "3"], r"of dtype <U1: must be real numbers"),
    "text and numbers": (lambda: [1.0, "2", 3.0], r"must be real numbers"),
    "bytes": (lambda: [b"1", b"2", b"3"], r"must be real numbers"),
    "nothing": (lambda: [1.0, None, 3.0], r"of dtype object: must be real numbers"),
    "objects": (lambda: [Fraction(1, 2)] * 3, r"of dtype object: must be real numbers"),
    "dates": (lambda: pd.date_range("2026-01-01", periods=3), r"datetime64.*must be real numbers"),
    "times": (lambda: np.arange(3).astype("m8[s]"), r"timedelta64.*must be real numbers"),
    "a frame with text": (lambda: pd.DataFrame({"x": X, "y": list("abc")}), r"must be real numbers"),
    "missing": (lambda: pd.Series([1.0, None, 2.0], dtype="Float64"), r"of dtype object|nan at point 1|must be finite"),
    "structured": (lambda: np.zeros(3, [("x", float)]), r"must be real numbers"),
    "a set": (lambda: {1.0, 2.0, 3.0}, r"of dtype object: must be real numbers"),
    "a mapping": (lambda: {"x": X}, r"of dtype object: must be real numbers"),
    "a generator": (lambda: (x for x in X), r"of dtype object: must be real numbers"),
    "huge": (lambda: [2**70] * 3, r"of dtype object: must be real numbers"),
    "ragged": (lambda: [[1.0], [2.0, 3.0]], r"give numbers, as many in each row"),
    "masked": (lambda: MASKED, r"1 of 3 entries are masked; give those that are not"),
    "masked in a list": (lambda: [MASKED, MASKED], r"1 of 3 entries are masked"),
    "masked single": (lambda: MASKED.astype(np.float32), r"1 of 3 entries are masked"),
    "masked whole": (lambda: np.ma.array([1, 2, 3], mask=True), r"3 of 3 entries are masked"),
}
# `missing` is NaN to a polynomial, and so is its value.
NANS = {"missing"}


@pytest.mark.parametrize("name", REFUSED)
def test_fault_R14_R21_what_is_refused(name: str) -> None:
    make, message = REFUSED[name]
    T, A = tk.TaylorPolynomial(0.0, np.ones(3)), tk.Atlas(X, np.ones((3, 3)))
    calls = [
        lambda x: tk.derivatives(jnp.sin, x, 1),
        lambda x: tk.derivatives(jnp.add, (x, X), 1),
        T,
        A,
        T.partial_sums,
    ]
    if name not in ("ragged", "a frame with text", "masked in a list"):
        calls += [lambda x: tk.taylor(jnp.sum, x, 1), lambda x: tk.preflight(jnp.sum, x, 1)]
    for call in calls:
        if name in NANS and call in (T, A, T.partial_sums):
            continue
        with pytest.raises(tk.SpecError, match=message) as caught:
            call(make())
        assert str(caught.value).startswith(("points", "center", "x")) and "\n" not in str(caught.value)


def test_fault_R21_no_mask_is_dropped() -> None:
    """Wherever arrays are taken."""
    square = tk.TaylorPolynomial((0.0, 0.0), np.ones(6))
    ds = xr.Dataset(
        {"derivatives": (("term", "x"), np.ones((2, 3))), "exponent": (("term", "variable"), [[0], [1]])},
        {"x": X, "variable": ["x"]},
    )
    for call in (
        lambda: square((MASKED, X)),
        lambda: tk.TaylorPolynomial(0.0, MASKED),
        lambda: tk.taylor(lambda x, y: x * y, (1.0, np.ma.masked), 1),
        lambda: tk.Atlas(MASKED, np.ones((1, 3))),
        lambda: tk.Atlas(X, np.ma.array(np.ones((1, 3)), mask=[[0, 1, 0]])),
        lambda: tk.tensor_power(MASKED, 2),
        lambda: tk.quadratic_taylor_approx(jnp.sin, MASKED, 0.0),
        lambda: tk.quadratic_taylor_approx(lambda x, y: x * y, (MASKED, X), (0.0, 1.0)),
        lambda: tk.quadratic_taylor_approx(jnp.sum, X, MASKED),
        lambda: tk.naive_vmap(jnp.sin, MASKED),
        lambda: ds.taylor(x=MASKED),
        lambda: ds.taylor(x=("p", MASKED)),
    ):
        with pytest.raises(tk.SpecError, match=r"entries are masked"):
            call()


ORDERS = {"int": 2, "NumPy's": np.int8(2), "array": np.array(2), "JAX's": jnp.array(2)}
NO_ORDERS = [
    2.0,
    "3",
    np.float64(2),
    np.array(2.0),
    jnp.array(2.0),
    [2],
    True,
    np.True_,
    None,
    -1,
    2j,
    np.array([1, 2]),
]


@pytest.mark.parametrize("name", ORDERS)
def test_fault_R14_orders(name: str) -> None:
    d = tk.derivatives(jnp.sin, X, ORDERS[name])
    assert d.order == 2 and type(d.order) is int
    assert tk.taylor(jnp.sin, 0.5, ORDERS[name]).truncate(ORDERS[name]).order == d.order


@pytest.mark.parametrize("order", NO_ORDERS, ids=repr)
def test_fault_R14_what_is_no_order(order: Any) -> None:
    for call in (tk.derivatives, tk.taylor, tk.preflight):
        with pytest.raises(tk.SpecError, match=r"^order = .*: must be a whole number, 0 or more$"):
            call(jnp.sin, X if call is tk.derivatives else 0.5, order)


def test_fault_R14_what_jax_traces() -> None:
    for call in (lambda x: tk.derivatives(jnp.sin, x, 1).packed, lambda x: tk.taylor(jnp.sum, x, 1).coefficients):
        for traced in (jax.jit(call), jax.grad(lambda x, call=call: call(x).sum())):
            with pytest.raises(tk.SpecError, match=r"JAX is tracing them; give numbers, outside of jax.jit"):
                traced(X)
