"""Sums, products, extremes and cumulative reductions, over axes and over windows."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn, jaxpr_as_fun

from taylorkit.series.algebra import Series, total
from taylorkit.series.forms import Value, object_array
from taylorkit.series.parts import Dense
from taylorkit.series.registry import linear, rewritten, whole
from taylorkit.trace import rerun

Combine = Callable[..., Any]


def sum_of_entries(entries: np.ndarray, axes: Sequence[int], **_: Any) -> np.ndarray:
    shape = tuple(n for axis, n in enumerate(entries.shape) if axis not in axes)
    front = np.moveaxis(entries, axes, range(len(axes))).reshape(-1, int(np.prod(shape, dtype=int)))
    return object_array([total(list(column)) for column in front.T], shape)


def running_sums(entries: np.ndarray, axis: int, reverse: bool, **_: Any) -> np.ndarray:
    lines = np.moveaxis(entries, axis, -1)
    order = slice(None, None, -1 if reverse else 1)
    sums = [s for line in lines.reshape(-1, lines.shape[-1]) for s in list(accumulate(line[order]))[order]]
    return np.moveaxis(object_array(sums, lines.shape), -1, axis)


linear("reduce_sum", entries=sum_of_entries)
linear("cumsum", entries=running_sums)
linear("reduce_window_sum")
linear("select_and_gather_add select_and_scatter_add", lambda count: range(1))


@whole("reduce_max", "reduce_min")
def reduce_extreme(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The series of the largest entry, or of the least; of several that are, that of the one beside x₀: see `sides`."""
    u, axes = run.whole(inputs[0], equation.invars[0].aval), equation.params["axes"]
    towards = 1.0 if equation.primitive.name == "reduce_max" else -1.0
    value = rerun(equation, [u.value.array[0]])[0]
    masks = [u.value.array[0] == jnp.expand_dims(value, axes)]

    def mask(k: int) -> Any:
        while len(masks) <= k:
            masks.append(_foremost(masks[-1], u.part(len(masks)), towards, axes))
        return masks[k]

    def degree(k: int) -> Any:
        if k == 0:
            return Dense(value[None], run.variables, 0)
        part, chosen = u.part(k), mask(k)

        def taken(row: Any) -> Any:
            return jnp.where(chosen, row, 0).sum(axes) / jnp.maximum(chosen.sum(axes), 1)

        return None if part is None else part.map(jax.vmap(taken))

    return [run.deliver(Series(degree, stop=u.stop), equation.outvars[0].aval)]


def _foremost(mask: Any, part: Any, towards: float, axes: tuple[int, ...]) -> Any:
    """Of the entries in a mask those that go furthest."""
    if part is None:
        return mask
    gain = jnp.where(mask, towards * part.along(None).array[0], -jnp.inf)
    return mask & (gain == gain.max(axes, keepdims=True))


@rewritten("cummax")
def cummax(a: Any, axis: int, reverse: bool) -> Any:
    return lax.associative_scan(jnp.maximum, a, axis=axis, reverse=reverse)


@rewritten("cummin")
def cummin(a: Any, axis: int, reverse: bool) -> Any:
    return lax.associative_scan(jnp.minimum, a, axis=axis, reverse=reverse)


@rewritten("reduce_window_max")
def reduce_window_max(a: Any, window_dimensions: tuple[int, ...], **shape: Any) -> Any:
    return jnp.append(a.reshape(-1), -jnp.inf)[_windows(a.shape, window_dimensions, **shape)].max(-1)


@rewritten("reduce_window_min")
def reduce_window_min(a: Any, window_dimensions: tuple[int, ...], **shape: Any) -> Any:
    return jnp.append(a.reshape(-1), jnp.inf)[_windows(a.shape, window_dimensions, **shape)].min(-1)


@rewritten("reduce_prod")
def reduce_prod(a: Any, axes: tuple[int, ...], **_: Any) -> Any:
    """Neighbours multiplied until one row is left: as many products, in few rounds."""
    return _halved(lambda x, y: [x * y], [a], axes, [jnp.ones((), a.dtype)])[0]


@rewritten("reduce")
def reduce(*operands: Any, jaxpr: Any, dimensions: tuple[int, ...], **_: Any) -> list[Any]:
    """Any associative computation, neighbours first, begun with the initial values."""
    arrays, starts = _in_two(operands)
    combine = _elementwise(jaxpr_as_fun(jaxpr), len(arrays))
    return _begun(combine, starts, _halved(combine, arrays, dimensions, starts))


@rewritten("reduce_window")
def reduce_window(
    *operands: Any, jaxpr: Any, consts: Sequence[Any], window_dimensions: tuple[int, ...], **shape: Any
) -> list[Any]:
    """Each window laid out along one axis, then reduced."""
    arrays, starts = _in_two(operands)
    combine = _elementwise(jaxpr_as_fun(ClosedJaxpr(jaxpr, consts)), len(arrays))
    places = _windows(arrays[0].shape, window_dimensions, **shape)
    laid = [jnp.append(a.reshape(-1), s)[places] for a, s in zip(arrays, starts, strict=True)]
    return _begun(combine, starts, _halved(combine, laid, (places.ndim - 1,), starts))


@rewritten("cumprod")
def cumprod(a: Any, axis: int, reverse: bool) -> Any:
    return lax.associative_scan(jnp.multiply, a, axis=axis, reverse=reverse)


@rewritten("cumlogsumexp")
def cumlogsumexp(a: Any, axis: int, reverse: bool) -> Any:
    return lax.associative_scan(_logaddexp, a, axis=axis, reverse=reverse)


def _logaddexp(a: Any, b: Any) -> Any:
    """log(eᵃ + eᵇ), shifted by the larger value, which is a constant: any shift gives the same."""
    larger = lax.stop_gradient(jnp.maximum(a, b))
    shift = jnp.where(jnp.isfinite(larger), larger, 0)
    return shift + jnp.log(jnp.exp(a - shift) + jnp.exp(b - shift))


def _in_two(operands: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The arrays, and the initial values behind them."""
    return list(operands[: len(operands) // 2]), list(operands[len(operands) // 2 :])


def _halved(combine: Combine, arrays: Sequence[Any], axes: Sequence[int], empty: Sequence[Any]) -> list[Any]:
    """Reduce over axes, neighbours first, in their order; `empty` where there is nothing to reduce."""
    shape = [n for axis, n in enumerate(arrays[0].shape) if axis not in axes]
    rows = [jnp.moveaxis(a, axes, range(len(axes))).reshape(-1, *shape) for a in arrays]
    if not len(rows[0]):
        return [jnp.broadcast_to(e, shape) for e in empty]
    while (count := len(rows[0])) > 1:
        half = count // 2
        paired = combine(*(r[0 : 2 * half : 2] for r in rows), *(r[1 : 2 * half : 2] for r in rows))
        rows = [jnp.concatenate([p, r[2 * half :]]) if count % 2 else p for p, r in zip(paired, rows, strict=True)]
    return [r[0] for r in rows]


def _begun(combine: Combine, starts: Sequence[Any], reduced: Sequence[Any]) -> list[Any]:
    """The reduced arrays with the initial values before them."""
    return list(combine(*(jnp.broadcast_to(s, r.shape) for s, r in zip(starts, reduced, strict=True)), *reduced))


def _elementwise(function: Combine, count: int) -> Combine:
    """A function of 2 · count scalars, on arrays of one shape."""

    def of_arrays(*arrays: Any) -> list[Any]:
        flat = jax.vmap(function)(*(a.reshape(-1) for a in arrays))
        return [f.reshape(arrays[0].shape) for f in flat]

    return of_arrays


def _windows(
    shape: tuple[int, ...],
    window_dimensions: tuple[int, ...],
    window_strides: tuple[int, ...],
    padding: Sequence[tuple[int, int]],
    base_dilation: tuple[int, ...],
    window_dilation: tuple[int, ...],
) -> np.ndarray:
    """(*places, entries) flat indices of the entries that each window holds; one past the last is no entry."""
    none = int(np.prod(shape, dtype=int))
    index = np.arange(none).reshape(shape)
    for axis, (dilation, (low, high)) in enumerate(zip(base_dilation, padding, strict=True)):
        index = _spread(np.moveaxis(index, axis, 0), dilation, low, high, none)
        index = np.moveaxis(index, 0, axis)
    spans = tuple((n - 1) * d + 1 for n, d in zip(window_dimensions, window_dilation, strict=True))
    views = np.lib.stride_tricks.sliding_window_view(index, spans)
    strides = tuple(slice(None, None, s) for s in (*window_strides, *window_dilation))
    kept = views[strides]
    return kept.reshape(*kept.shape[: len(shape)], -1)


def _spread(index: np.ndarray, dilation: int, low: int, high: int, none: int) -> np.ndarray:
    """Rows set apart by `dilation`, with `low` and `high` rows of nothing around, or cut off where negative."""
    apart = np.full(((len(index) - 1) * dilation + 1, *index.shape[1:]), none)
    apart[::dilation] = index
    around = np.pad(apart, [(max(low, 0), max(high, 0)), *[(0, 0)] * (index.ndim - 1)], constant_values=none)
    return around[max(-low, 0) : len(around) - max(-high, 0)]
