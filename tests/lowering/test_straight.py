"""A line's numbers do not depend on how many points or threads there are, or on where memory lies."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import gammaln

import taylorkit as tk
from taylorkit.differentiation import kernel, lines, resolve, series
from taylorkit.lowering import machine, pieces, straight
from taylorkit.lowering.memory import aligned
from taylorkit.trace import Traced, trace

pytestmark = pytest.mark.skipif(machine.target() is None, reason="this lowering is not had here")
EPS = np.finfo(np.float64).eps
# Two computations of the same formulas, one with fused products, of a few hundred operations.
ROUNDING = 2**12 * EPS


def surface(v: Any) -> Any:
    return jnp.sin(v[0] * v[1]) * jnp.exp(-(v[0] ** 2) / 2) + jnp.tanh(v[0] + 2 * v[1])


def gamma(v: Any) -> Any:
    """log Γ has no instruction: it is handed in."""
    return jnp.stack([gammaln(1.5 + v[0] ** 2) * v[1], jnp.where(v[1] > 0, v[0], jnp.cos(v[1]))])


def made(f: Any, order: int, variables: int = 2, dtype: type = np.float64) -> tuple[Traced, lines.Lines]:
    traced = trace(f, "vector", variables, np.dtype(dtype))
    found = kernel.compiled(traced, order, resolve("series:llvm", traced, order, "cpu"))
    assert isinstance(found, lines.Lines)
    return traced, found


def computed(line: lines.Lines, traced: Traced, rows: np.ndarray, order: int) -> np.ndarray:
    terms = tk.multi_index.count(traced.variables, order)
    out = np.full((terms, *traced.shape, len(rows)), np.nan, rows.dtype)
    line.fill(out, rows)
    return out


@pytest.mark.parametrize("f", [surface, gamma])
def test_bits_do_not_depend_on_the_batch(f: Any, rng: np.random.Generator) -> None:
    traced, line = made(f, 4)
    rows = rng.normal(size=(301, 2))
    whole = computed(line, traced, rows, 4)
    assert np.isfinite(whole).all()
    for start, stop in ((0, 1), (3, 11), (63, 66), (300, 301), (5, 5)):
        np.testing.assert_array_equal(computed(line, traced, rows[start:stop], 4), whole[..., start:stop])


def test_bits_do_not_depend_on_threads_tiles_or_streaming(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced, line = made(surface, 6)
    rows = rng.normal(size=(5_003, 2))
    whole = computed(line, traced, rows, 6)
    for module, name, value in (
        (straight, "cores", lambda: 1),
        (straight, "cores", lambda: 7),
        (straight, "STREAMED", 0),
        (straight, "PATIENCE", 0),
        (straight, "CHUNKS", 1),
        (straight, "CHUNKS", 100),
        (straight, "ALONE", 1),
        (straight, "SECOND", 0),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            patch.setattr(straight, "_pool", lambda: straight.ThreadPoolExecutor(7))
            again = lines.Lines(series.straight(traced, 6), traced, line.tile, "cpu")
            np.testing.assert_array_equal(computed(again, traced, rows, 6), whole)


def test_bits_are_the_same_past_the_caches(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each vector is a whole line of memory, and in memory that begins within a line."""
    traced, line = made(surface, 6)
    rows = rng.normal(size=(2_048, 2))
    whole = computed(line, traced, rows, 6)
    monkeypatch.setattr(straight, "STREAMED", 0)
    for shift in (0, 1, 5):
        out = aligned((28, 2_048 + 8), np.float64)[:, shift : shift + 2_048]
        assert line.line.mode(out) == ("past" if "past" in line.line.ways else "streamed")
        line.fill(out, rows)
        np.testing.assert_array_equal(out, whole)


def test_pieces_of_any_length(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """To rounding: a product and a sum in two pieces are not fused."""
    traced, line = made(surface, 6)
    rows = rng.normal(size=(67, 2))
    whole = computed(line, traced, rows, 6)
    for length in (1, 37, 400):
        monkeypatch.setattr(pieces, "PIECE", length)
        again = lines.Lines(series.straight(traced, 6), traced, line.tile, "cpu")
        np.testing.assert_allclose(computed(again, traced, rows, 6), whole, rtol=0, atol=ROUNDING * np.abs(whole).max())


def test_memory_of_any_place_and_stride(rng: np.random.Generator) -> None:
    """Rows of a larger array, not on a boundary of the cache; and memory whose last axis is not contiguous."""
    traced, line = made(surface, 3)
    rows = rng.normal(size=(101, 2))
    whole = computed(line, traced, rows, 3)
    large = np.full((12, 999), -1.0)
    line.fill(large[1:11, 7:108], rows)
    np.testing.assert_array_equal(large[1:11, 7:108], whole)
    assert (large[[0, 11]] == -1).all() and (large[:, :7] == -1).all() and (large[:, 108:] == -1).all()
    spread = np.full((10, 202), -1.0)
    line.fill(spread[:, ::2], np.asfortranarray(rows))
    np.testing.assert_array_equal(spread[:, ::2], whole)
    assert (spread[:, 1::2] == -1).all()


@pytest.mark.parametrize("method", ["series", "reverse"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equals_the_lowering_to_xla(method: str, dtype: type, rng: np.random.Generator) -> None:
    rows = rng.uniform(-1, 1, size=(65, 2)).astype(dtype)
    ours, theirs = (np.asarray(tk.derivatives(surface, rows, 5, f"{method}:{w}").packed) for w in ("llvm", "xla"))
    assert ours.dtype == theirs.dtype == dtype
    scale = np.maximum.accumulate(np.abs(theirs).max(axis=1))[:, None]
    assert np.abs(ours - theirs).max() <= (ROUNDING * np.finfo(dtype).eps / EPS * scale).max()


def test_what_a_line_cannot_be(rng: np.random.Generator) -> None:
    def looping(v: Any) -> Any:
        return jnp.sum(jnp.stack([v[0]] * 40) * v[1])

    traced = trace(looping, "vector", 2, np.dtype(float))
    assert resolve("series", traced, 3, "cpu").lowering == "xla"
    assert resolve("series", trace(surface, "vector", 2, np.dtype(float)), 3, "gpu").lowering == "xla"
    with pytest.raises(tk.SpecError, match=r"series:llvm.*serves functions of few numbers"):
        resolve("series:llvm", traced, 3, "cpu")


def test_memory_that_does_not_fit_is_refused() -> None:
    _, line = made(surface, 2)
    for out in (np.empty((5, 4)), np.empty((6, 4), np.float32)):
        with pytest.raises(ValueError, match="cannot be computed"):
            line.line([np.zeros(4), np.zeros(4)], out)


@pytest.mark.parametrize(("variables", "order"), [(5, 6), (3, 12)])
def test_hundreds_of_terms(variables: int, order: int, rng: np.random.Generator) -> None:
    """f = 1 / g with g = 1 + |v|² + v₀v₁: the coefficients of f g are those of 1. P = 462 and 455."""

    def inverse(v: Any) -> Any:
        return 1 / (1 + sum(v[i] ** 2 for i in range(variables)) + v[0] * v[1])

    traced, line = made(inverse, order, variables)
    assert len(line.line.layout.pieces) > 1
    rows = rng.normal(size=(9, variables))
    c = computed(line, traced, rows, order) / tk.multi_index.factorials(variables, order)[:, None]
    place = {tuple(a): i for i, a in enumerate(tk.multi_index.multi_indices(variables, order).tolist())}
    slopes = 2 * rows.T + np.stack([rows[:, 1], rows[:, 0], *np.zeros((variables - 2, len(rows)))])
    bends = {(i, i): 1.0 for i in range(variables)} | {(0, 1): 1.0}
    product = (1 + (rows**2).sum(axis=1) + rows[:, 0] * rows[:, 1]) * c
    for exponents, i in place.items():
        for j, slope in enumerate(slopes):
            if (below := _less(exponents, j)) in place:
                product[i] += slope * c[place[below]]
        for (j, k), bend in bends.items():
            if (below := _less(_less(exponents, j), k)) in place:
                product[i] += bend * c[place[below]]
    expected = np.zeros_like(c)
    expected[0] = 1.0
    np.testing.assert_allclose(product, expected, rtol=0, atol=ROUNDING * np.abs(c).max())


def _less(exponents: tuple[int, ...], variable: int) -> tuple[int, ...]:
    return tuple(e - (i == variable) for i, e in enumerate(exponents))
