"""Every primitive that has an instruction computes what JAX computes, to a few units in the last place."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import lax

from taylorkit.lowering import elementary, machine, mathematics
from taylorkit.lowering.ir import Target
from taylorkit.lowering.line import Line
from taylorkit.lowering.straight import Straight

TARGET = machine.target()
pytestmark = pytest.mark.skipif(
    TARGET is None, reason="no vector routines or no llvmlite: this lowering is not had here"
)
# Each of the two is within 4 units of the exact value; XLA's own cosh, sinh and exp2 within 12.
ULPS = 16

ANY = np.array([-3.5, -2.5, -1.25, -1.0, -0.5, -0.0, 0.0, 1e-9, 0.5, 1.0, 2.5, 30.0, np.inf, -np.inf, np.nan])


def larger(compare: Callable[..., Any], x: Any, y: Any) -> Any:
    return jnp.where(compare(x, y), x, y)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(lax, name) for name in "neg abs floor ceil sqrt rsqrt exp log sin cos tan tanh sinh cosh".split()},
    **{name: getattr(lax, name) for name in "asin acos atan asinh acosh atanh exp2 expm1 log1p cbrt erf erfc".split()},
    **{name: getattr(lax, name) for name in "sign logistic square".split()},
    "cube": lambda x: lax.integer_pow(x, 3),
    "inverse seventh": lambda x: lax.integer_pow(x, -7),
    "round half to even": lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN),
    "round half away": lambda x: lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO),
    "relu": jax.nn.relu,
    "where": lambda x: jnp.where(x > 0.5, x, 2 * x),
    "clip": lambda x: jnp.clip(x, -1.0, 1.0),
    "select of three": lambda x: lax.select_n(jnp.clip(x, 0, 2).astype(jnp.int32), x, 2 * x, 3 * x),
    "finite": lambda x: jnp.where(jnp.isfinite(x), 1.0, x),
    "truths": lambda x: jnp.where((x > 0) & ~(x >= 1) | (x == -1.0) ^ (x != x), x, -x),
    "number of a truth": lambda x: (x < 1).astype(x.dtype),
    "truth of a number": lambda x: jnp.where(x.astype(bool), 1.0, x),
    "inlined": jax.nn.softplus,
}
PAIRS: dict[str, Callable[..., Any]] = {
    **{name: getattr(lax, name) for name in "add sub mul div max min pow atan2".split()},
    **{f"{name} of two": partial(larger, getattr(lax, name)) for name in sorted(mathematics.COMPARISONS)},
}


def line_of(function: Callable[..., Any], inputs: int, dtype: type, target: Target | None = TARGET) -> Straight:
    assert target is not None
    line = Line(target.functions)
    given = [line.input(k) for k in range(inputs)]
    line.results = [mathematics.write(line, function, given, np.dtype(dtype))]
    return Straight(line, target, np.dtype(dtype))


def narrow() -> Target | None:
    """This processor as one whose vectors have 256 bits."""
    return TARGET and replace(TARGET, name="avx2", bits=256, prefix="_ZGVd")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_of_one_number(name: str, dtype: type) -> None:
    _assert_equal(FUNCTIONS[name], [ANY.astype(dtype)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", PAIRS)
def test_of_two_numbers(name: str, dtype: type) -> None:
    _assert_equal(PAIRS[name], [a.reshape(-1).astype(dtype) for a in np.meshgrid(ANY, ANY)])


@pytest.mark.parametrize("target", [TARGET, narrow()], ids=["widest", "narrow"])
@pytest.mark.parametrize(("name", "ulps"), [("exp", 2), ("tanh", 3), ("logistic", 4)])
def test_exponentials_of_our_own(name: str, ulps: float, target: Target) -> None:
    """In double precision, up to where they overflow, underflow or saturate, against longer numbers of NumPy."""
    x = np.concatenate(
        [np.linspace(-745.2, 709.79, 20_001), np.linspace(-1, 1, 4_001), [-708.5, 709.782, 709.783, 800.0]]
    )
    out, wide = np.empty((1, len(x))), x.astype(np.longdouble)
    with jax.enable_x64(True):
        line_of(FUNCTIONS[name], 1, np.float64, target)([x], out)
    with np.errstate(over="ignore", under="ignore"):
        exact = {"exp": np.exp(wide), "tanh": np.tanh(wide), "logistic": 1 / (1 + np.exp(-wide))}[name]
    limits = np.finfo(np.float64)
    assert np.isinf(out[0][np.abs(exact) > limits.max]).all()
    # 1 / (1 + exp(−x)) is 0 where exp(−x) overflows.
    there = (np.abs(exact) <= limits.max) & (np.abs(exact) >= limits.tiny)
    assert (np.abs(out[0][np.abs(exact) < limits.tiny]) <= limits.tiny).all()
    spacing = np.spacing(np.abs(exact[there]).astype(np.float64))
    assert (np.abs(out[0][there] - exact[there]) / spacing).max() <= ulps


# Seen: 1.36 and 1.42 units in the last place up to FAR; the C library's beyond it, up to 8 at 1e300.
NEAR_ULPS, FAR_ULPS = 2, 12


@pytest.mark.parametrize("target", [TARGET, narrow()], ids=["widest", "narrow"])
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_circular_functions_of_our_own(name: str, target: Target, rng: np.random.Generator) -> None:
    """Against 60 digits: anywhere, next to multiples of π/2, and beyond where the reduction ends."""
    far = elementary.FAR
    near = [*rng.uniform(-10, 10, 500), *rng.uniform(-far, far, 300), far, *10.0 ** rng.uniform(-300, 9, 200)]
    zeros = np.concatenate([np.arange(-200, 200), rng.integers(0, 2**29, 300)]) * (np.pi / 2)
    beyond = [np.nextafter(far, np.inf), *(-1) ** np.arange(99) * 10.0 ** rng.uniform(10, 307, 99)]
    x = np.concatenate([near, zeros, beyond])
    rng.shuffle(x)  # near and far side by side in one vector
    out = np.empty((1, len(x)))
    with jax.enable_x64(True):
        line_of(getattr(lax, name), 1, np.float64, target)([x], out)
    with mpmath.workdps(400):  # as many as 1e307 has before its point, and more
        exact = [getattr(mpmath, name)(mpmath.mpf(v)) for v in x.tolist()]
        off = [float(abs(o - e)) / np.spacing(abs(float(e))) for o, e in zip(out[0].tolist(), exact, strict=True)]
    inside = np.abs(x) <= far
    assert np.max(np.array(off)[inside]) <= NEAR_ULPS
    assert np.max(np.array(off)[~inside]) <= FAR_ULPS


def test_signs_of_zero_are_kept() -> None:
    for function in (lax.sin, lax.tanh):
        out = np.empty((1, 2))
        with jax.enable_x64(True):
            line_of(function, 1, np.float64)([np.array([0.0, -0.0])], out)
        assert (out == 0).all() and np.signbit(out[0]).tolist() == [False, True]


@pytest.mark.parametrize("function", [lax.lgamma, lambda x: jnp.stack([x, x]).sum(), lambda x: x.astype(jnp.float16)])
def test_what_has_no_instruction_says_so(function: Callable[..., Any]) -> None:
    with pytest.raises(mathematics.Missing):
        line_of(function, 1, np.float64)


def _assert_equal(function: Callable[..., Any], columns: list[np.ndarray]) -> None:
    dtype = columns[0].dtype
    out = np.empty((1, len(columns[0])), dtype)
    with jax.enable_x64(dtype == np.float64):
        line_of(function, len(columns), dtype.type)(columns, out)
        expected = np.asarray(jax.jit(jax.vmap(function))(*columns))
    assert (np.isnan(out[0]) == np.isnan(expected)).all(), columns[0][np.isnan(out[0]) != np.isnan(expected)]
    infinite = np.isinf(expected)
    assert (out[0][infinite] == expected[infinite]).all()
    there = np.isfinite(expected)
    # Flushed or not: XLA rounds what is below the normal numbers to 0.
    tiny = np.finfo(dtype).tiny
    off = np.abs(out[0][there] - expected[there]) / np.maximum(np.spacing(np.abs(expected[there])), tiny)
    assert off.max(initial=0.0) <= ULPS, (columns[0][there][off.argmax()], off.max())
