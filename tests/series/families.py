"""One table of functions by family, each of one vector of three numbers: what method `series` is checked on beside the
elementary functions, which tests/accuracy takes across their domains.

They move numbers, reduce them, order them; they have kinks, complex values, and primitives that only have a JVP.
"""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.scipy import special, stats
from jax.scipy.special import logsumexp

from tests.series import compare
from tests.series.compare import Table

# Two variables at a low order where numbers are moved about, one variable at a higher order where there is mathematics.
# Either gives vectors with negative and positive entries, in several orders, without ties, far from integers.
PLANE, LINE = np.array([[0.3, -0.7], [1.2, 0.4], [-1.3, 0.6]]), np.array([[0.3], [1.2], [-0.8]])


def three(x: Any) -> Any:
    """The vector: (0.3, −0.7, 2.2), (1.2, 0.4, 0.9), (−1.3, 0.6, −2.0); on the line (0.3, 0.55, −0.3) and so on."""
    first, second = x[0], x[1] if len(x) == 2 else 0.7 - x[0] / 2
    return jnp.stack([first, second, first - 2 * second + 0.5])


MATRIX = np.array([[1.0, -0.5, 0.25], [0.3, 0.7, -1.1], [0.9, 0.2, 0.4]])
VECTOR = np.array([0.5, -1.25, 2.0])


def six(v: Any) -> Any:
    """Six numbers made of three."""
    return jnp.concatenate([jnp.sin(v), v * v[::-1] + 0.3])


def grid(v: Any) -> Any:
    """A matrix 3 × 3 of the variables."""
    return jnp.sin(MATRIX + v[:, None] * v[None, :] / 2)


def positive(v: Any) -> Any:
    """Three numbers above 1/2."""
    return 0.5 + jnp.exp(v / 2)


def index(v: Any) -> Any:
    """Where the largest entry stands: an index that depends on the variables."""
    return jnp.argmax(v)


def two_dimensional(v: Any) -> Any:
    """An image: (batch, channel, height, width) = (1, 1, 3, 3)."""
    return grid(v)[None, None]


REDUCTIONS: Table = {
    "sum": lambda v: jnp.sum(grid(v), axis=1),
    "prod": lambda v: jnp.prod(six(v)),
    "prod_axis": lambda v: jnp.prod(grid(v), axis=0),
    "prod_none": lambda v: jnp.prod(grid(v)[:0], axis=0) * v,
    "max": lambda v: jnp.max(grid(v), axis=1),
    "min": lambda v: jnp.min(grid(v)),
    "argmax": lambda v: v * jnp.argmax(v) + jnp.argmin(v * v),
    "index_by_argmax": lambda v: jnp.sin(v)[jnp.argmax(v)] * v[jnp.argmin(v)],
    "cumsum": lambda v: jnp.cumsum(grid(v), axis=1),
    "cumsum_back": lambda v: lax.cumsum(six(v), reverse=True),
    "cumprod": lambda v: jnp.cumprod(six(v)),
    "cummax": lambda v: lax.cummax(six(v)),
    "cummin_back": lambda v: lax.cummin(grid(v), axis=1, reverse=True),
    "cumlogsumexp": lambda v: lax.cumlogsumexp(six(v)),
    "logsumexp": lambda v: logsumexp(grid(v), axis=0),
    "logsumexp_signed": lambda v: logsumexp(v, b=jnp.array([1.0, -0.1, 2.0])),
    "any_all": lambda v: v * jnp.any(v > 1.5) + jnp.all(v < 1.7) * v**2,
    "norm": lambda v: jnp.linalg.norm(v),
    "nansum": lambda v: jnp.nansum(jnp.where(v > 0, v**3, jnp.nan)),
    "diff": lambda v: jnp.diff(six(v), n=2),
}

WINDOWS: Table = {
    "sum": lambda v: lax.reduce_window(grid(v), 0.0, lax.add, (2, 2), (1, 1), "SAME"),
    "max": lambda v: lax.reduce_window(grid(v), -jnp.inf, lax.max, (2, 2), (1, 1), "VALID"),
    "dilated": lambda v: lax.reduce_window(six(v), -jnp.inf, lax.max, (2,), (1,), [(0, 1)], (1,), (2,)),
    "gradient_of_pooling": lambda v: jax.grad(
        lambda u: jnp.sum(lax.reduce_window(u, -jnp.inf, lax.max, (2, 2), (1, 1), "VALID") ** 2)
    )(grid(v)),
    "convolve": lambda v: jnp.convolve(v, six(v)),
    "conv_kernel": lambda v: lax.conv(jnp.asarray(MATRIX[None, None]), two_dimensional(v)[..., :2, :2], (1, 1), "SAME"),
    "conv_both": lambda v: lax.conv_general_dilated(
        two_dimensional(v), jnp.cos(two_dimensional(v))[..., :2, :2], (2, 1), [(1, 1), (0, 2)], (2, 1), (1, 2)
    ),
    "conv_groups": lambda v: lax.conv_general_dilated(
        jnp.tile(six(v)[None, None], (1, 2, 1)),
        jnp.reshape(six(v), (2, 1, 3)),
        (1,),
        "SAME",
        feature_group_count=2,
    ),
}

SORTING: Table = {
    "sort": lambda v: jnp.sort(six(v)),
    "sort_down": lambda v: jnp.sort(six(v), descending=True),
    "by_key": lambda v: jnp.stack(lax.sort((v, v**2, jnp.sin(v)), num_keys=1)),
    "by_two_keys": lambda v: jnp.stack(lax.sort((jnp.floor(v), v, v**3), num_keys=2)),
    "by_known_key": lambda v: lax.sort((jnp.array([2, 0, 1]), v**2), num_keys=1)[1],
    "top_k": lambda v: lax.top_k(six(v), 2)[0],
    "median": lambda v: jnp.median(v * v),
    "percentile": lambda v: jnp.percentile(six(v), 30.0),
    "interp": lambda v: jnp.interp(v, np.array([-3.0, -1.0, 0.5, 2.5]), np.array([1.0, 2.0, -1.0, 4.0])),
    "searchsorted": lambda v: v * jnp.searchsorted(jnp.array([-1.0, 0.0, 1.0]), v),
    "histogram": lambda v: jnp.histogram(v, bins=3, range=(-3, 3), weights=v**2)[0],
    "segment_sum": lambda v: jax.ops.segment_sum(six(v), np.array([0, 1, 0, 2, 1, 0]), 3),
    "unwrap": lambda v: jnp.unwrap(3 * v),
}

MOVES: Table = {
    "reshape": lambda v: grid(v).reshape(-1)[2:5],
    "transpose": lambda v: jnp.sum(grid(v).T * MATRIX, axis=0),
    "flip": lambda v: jnp.flip(grid(v), axis=1),
    "roll": lambda v: jnp.roll(six(v), 2),
    "traced_roll": lambda v: jnp.roll(six(v), index(v)),
    "pad_edge": lambda v: jnp.pad(v * v, 2, mode="reflect"),
    "pad_cut": lambda v: lax.pad(six(v), 0.5, [(-1, 2, 0)]),
    "pad_inside": lambda v: lax.pad(v**2, v[0] ** 3, [(1, -1, 2)]),
    "concatenate": lambda v: jnp.concatenate([jnp.asarray(VECTOR), v**2, jnp.ones(1)]),
    "stack": lambda v: jnp.stack([v, jnp.asarray(VECTOR), v**3], axis=1),
    "split": lambda v: jnp.stack(jnp.split(six(v), 3)[1:]),
    "tile": lambda v: jnp.tile(v * v, 2),
    "diag": lambda v: jnp.diag(v**2) + jnp.diag(v[:2], 1),
    "diagonal": lambda v: jnp.diagonal(grid(v)),
    "triangle": lambda v: jnp.tril(grid(v)) - jnp.triu(grid(v), 1),
    "iota": lambda v: v * jnp.arange(3) + lax.iota(float, 3) * v**2,
    "copy": lambda v: jnp.copy(v * v),
    "barrier": lambda v: lax.optimization_barrier((v * v, 1.0))[0],
    "stopped": lambda v: v * lax.stop_gradient(v * v),
}

INDEXING: Table = {
    "take": lambda v: six(v)[np.array([4, 0, 0])],
    "take_mask": lambda v: (v * v)[np.array([True, False, True])],
    "take_along": lambda v: jnp.take_along_axis(grid(v), jnp.argsort(grid(v), axis=1), axis=1),
    "traced": lambda v: six(v)[index(v) + 1],
    "traced_many": lambda v: grid(v)[jnp.argsort(v)],
    "fill": lambda v: six(v).at[np.array([1, 9])].get(mode="fill", fill_value=0.25) * v[0],
    "fill_nothing": lambda v: jnp.nan_to_num(six(v).at[np.array([1, 9])].get(mode="fill")) * v[0],
    "fill_traced": lambda v: six(v).at[index(v) * 4].get(mode="fill", fill_value=0.25) * v[0],
    "clip": lambda v: six(v).at[np.array([1, 9, -8])].get(mode="clip"),
    "wrap": lambda v: jnp.take(six(v), np.array([7, -2]), mode="wrap"),
    "set": lambda v: six(v).at[np.array([1, 4])].set(v[:2] ** 3),
    "set_in_numbers": lambda v: jnp.zeros((3, 3)).at[1].set(v * v).at[:, 2].set(v),
    "set_traced": lambda v: six(v).at[index(v)].set(v[1] ** 3),
    "set_dropped": lambda v: six(v).at[np.array([2, 17])].set(v[:2], mode="drop"),
    "set_dropped_traced": lambda v: six(v).at[index(v) + 5].set(v[1] ** 3, mode="drop"),
    "add": lambda v: six(v).at[np.array([1, 1, 4])].add(v**2),
    "add_to_numbers": lambda v: jnp.zeros(4).at[np.array([1, 1, 3])].add(v**2),
    "add_traced": lambda v: six(v).at[jnp.argsort(v)].add(v**3),
    "multiply": lambda v: six(v).at[np.array([1, 4])].mul(v[:2], unique_indices=True),
    "least": lambda v: six(v).at[np.array([0, 3])].min(v[:2]),
    "greatest": lambda v: six(v).at[np.array([0, 3])].max(v[:2]),
    "slice": lambda v: six(v)[1:6:2],
    "dynamic_slice": lambda v: lax.dynamic_slice(grid(v), (1, 0), (2, 2)),
    "dynamic_slice_traced": lambda v: lax.dynamic_slice(grid(v), (index(v), 1), (2, 2)),
    "dynamic_update": lambda v: lax.dynamic_update_slice(six(v), v[:2] ** 2, (3,)),
    "dynamic_update_traced": lambda v: lax.dynamic_update_slice(grid(v), v[None, :2] ** 2, (index(v), 0)),
    "one_hot": lambda v: nn.one_hot(index(v), 3) * v**2,
}

PRODUCTS: Table = {
    "dot": lambda v: jnp.dot(v, jnp.sin(v)),
    "numbers_left": lambda v: MATRIX @ (v * v),
    "numbers_right": lambda v: grid(v) @ jnp.asarray(MATRIX),
    "matrices": lambda v: grid(v) @ jnp.cos(grid(v)),
    "batches": lambda v: jnp.einsum(
        "bij,bjk->bik", jnp.stack([grid(v)] * 2), jnp.stack([grid(v), jnp.asarray(MATRIX)])
    ),
    "preferred": lambda v: (
        lax.dot_general(
            v.astype("float32"), jnp.ones(3, "float32"), (((0,), (0,)), ((), ())), preferred_element_type="float64"
        )
        * 0.0
        + lax.dot_general(v, v * v, (((0,), (0,)), ((), ())), preferred_element_type=v.dtype)
    ),
    "outer": lambda v: jnp.outer(v, jnp.exp(v)),
    "cross": lambda v: jnp.cross(v, jnp.exp(v)),
    "polyval": lambda v: jnp.polyval(v, v * v) + jnp.polyval(jnp.asarray(VECTOR), v),
}

KINKS: Table = {
    "abs": lambda v: jnp.abs(v) * v,
    "sign": lambda v: jnp.sign(v) * v**2,
    "floor_ceil_round": lambda v: jnp.floor(v) * v + jnp.ceil(v) * v**2 + jnp.round(v, 1) * v,
    "maximum": lambda v: jnp.maximum(v, jnp.sin(v[::-1])),
    "clip": lambda v: jnp.clip(v**2, 0.2, 2.0),
    "clamp_arrays": lambda v: lax.clamp(jnp.array([-1.0, 0.0, 1.0]), v**3, jnp.array([0.0, 1.0, 2.0])),
    "clamp_moving": lambda v: jnp.clip(v, jnp.sin(v[0]), 1.0 + v[0] ** 2),
    "rem": lambda v: lax.rem(v**2, positive(v)) + lax.rem(-v, 0.4),
    "fmod": lambda v: jnp.fmod(3 * v, jnp.array([0.8, -0.8, 0.5])),
    "mod": lambda v: jnp.mod(3 * v, -0.8) + jnp.mod(v, 0.37 + v**2),
    "where_hidden_nan": lambda v: jnp.where(v > 0, jnp.sqrt(v), v) + jnp.where(v < 0, v, jnp.log(v)),
    "select_n": lambda v: lax.select_n(jnp.argsort(v).astype("int32"), v, v**2, jnp.sin(v)),
    "copysign": lambda v: jnp.copysign(v**2, -v),
    "sinc": lambda v: jnp.sinc(v),
    "logaddexp": lambda v: jnp.logaddexp(v, v[::-1] ** 2) + jnp.logaddexp2(v, 0.3),
    "hypot": lambda v: jnp.hypot(v, positive(v)),
    "cast": lambda v: v * (3 * v).astype("int32") + (v > 0) * v**2,
    "cast_back": lambda v: (v**2).astype(int).astype(float) * v,
    "bits": lambda v: v * ((10 * v).astype("int32") & 3) + v**2 * (index(v) << 1),
    "reduced_precision": lambda v: lax.reduce_precision(v**2, 11, 52),
    "frexp": lambda v: jnp.frexp(v)[0] * v,
    "ldexp": lambda v: jnp.ldexp(v, np.array([1, -2, 3])),
    "gradient_of_relu": lambda v: jax.vmap(jax.grad(lambda x: nn.relu(x) ** 3))(v),
}

COMPLEX: Table = {
    "real_imag": lambda v: jnp.real(jnp.exp(1j * v)) + jnp.imag(jnp.exp(2j * v)) * v,
    "complex": lambda v: jnp.real(lax.complex(v, v[::-1] ** 2) ** 2),
    "conj": lambda v: jnp.imag(jnp.conj(lax.complex(v, v**2)) * jnp.exp(1j * v)),
    "abs": lambda v: jnp.abs(lax.complex(v, v[::-1] ** 2)),
    "angle": lambda v: jnp.angle(lax.complex(positive(v), v)),
    "quotient": lambda v: jnp.imag(jnp.exp(1j * v) / lax.complex(v, positive(v))),
    "log": lambda v: jnp.imag(jnp.log(lax.complex(v, positive(v)))),
    "sqrt": lambda v: jnp.real(jnp.sqrt(lax.complex(v, positive(v)))),
    "power": lambda v: jnp.real(lax.complex(v, positive(v)) ** (0.5 + 0.2j)),
    "whole_power": lambda v: jnp.real(lax.complex(v, v**2) ** 3),
    "tanh": lambda v: jnp.real(jnp.tanh(lax.complex(v, v**2 / 4))),
    "asin": lambda v: jnp.real(jnp.arcsin(lax.complex(v, positive(v)))),
    "atan": lambda v: jnp.real(jnp.arctan(lax.complex(v / 4, v[::-1] / 5))),
    "sign": lambda v: jnp.real(jnp.sign(lax.complex(v, positive(v)))),
    "contracted": lambda v: jnp.real(jnp.einsum("ij,j->i", jnp.exp(1j * grid(v)), jnp.exp(2j * v))),
    "matrix": lambda v: jnp.imag((MATRIX + 0.5j) @ jnp.exp(1j * v)),
    "conjugate_product": lambda v: jnp.real(jnp.vdot(jnp.exp(1j * v), lax.complex(v, v**2))),
    "where": lambda v: jnp.imag(jnp.where(v > 0, jnp.exp(1j * v), 1j * v)),
    "prod_sum": lambda v: jnp.real(jnp.prod(jnp.exp(1j * v) + v) + jnp.sum(1j * v * jnp.exp(1j * v))),
    "cumprod": lambda v: jnp.imag(jnp.cumprod(jnp.exp(1j * v) + v)),
    "fft": lambda v: (lambda z: jnp.real(z) * jnp.imag(z))(jnp.fft.fft(six(v))),
    "ifft": lambda v: jnp.imag(jnp.fft.ifft(jnp.exp(1j * v))),
    "rfft": lambda v: jnp.abs(jnp.fft.rfft(positive(v))[1:]),
    "irfft": lambda v: jnp.fft.irfft(lax.complex(v, v**2), 4),
    "fft2": lambda v: jnp.real(jnp.fft.fft2(grid(v))) ** 2,
    "spectral_filter": lambda v: jnp.fft.irfft(jnp.fft.rfft(six(v)) * jnp.exp(1j * v[0]), 6),
    "fftconvolve": lambda v: jax.scipy.signal.fftconvolve(v, v**2),
}

NETWORKS: Table = {
    "activations": lambda v: jnp.stack([getattr(nn, name)(v) for name in ACTIVATIONS.split()]),
    "gelu_exact": lambda v: nn.gelu(v, approximate=False),
    "glu": lambda v: nn.glu(six(v)),
    "softmax": lambda v: nn.softmax(v) + nn.log_softmax(2 * v),
    "masked_softmax": lambda v: nn.softmax(v, where=np.array([True, True, False])),
    "logsumexp": lambda v: nn.logsumexp(v) + nn.logmeanexp(2 * v),
    "standardize": lambda v: nn.standardize(grid(v)),
}

ACTIVATIONS = """relu relu6 sigmoid softplus soft_sign silu log_sigmoid leaky_relu hard_sigmoid hard_silu hard_tanh elu
    celu selu gelu sparse_plus sparse_sigmoid squareplus mish identity"""

SPECIAL: Table = {
    "gammaln": lambda v: special.gammaln(positive(v)),
    "polygamma": lambda v: special.polygamma(1, positive(v)),
    "gammainc": lambda v: special.gammainc(1.3, positive(v)) + special.gammaincc(0.7, positive(v)),
    "betainc": lambda v: special.betainc(1.5, 0.8, nn.sigmoid(v)),
    "i0e": lambda v: special.i0e(v) * special.i1e(v),
    "erfinv": lambda v: special.erfinv(jnp.tanh(v) / 2),
    "ndtr": lambda v: special.ndtr(v) + special.log_ndtr(v),
    "xlogy": lambda v: special.xlogy(v, positive(v)) + special.xlog1py(v, positive(v)),
}

STATISTICS: Table = {
    "dirichlet": lambda v: stats.dirichlet.logpdf(nn.softmax(v), jnp.array([1.5, 2.0, 0.7])),
    "gennorm": lambda v: stats.gennorm.logpdf(v, 1.5),
    "t": lambda v: stats.t.logpdf(v, 3.0) + stats.t.logpdf(0.4, positive(v)),
    "truncnorm": lambda v: stats.truncnorm.logpdf(0.3 * v, -1.0, 1.0),
    "von_mises": lambda v: stats.vonmises.logpdf(v, positive(v)),
    "negative_binomial": lambda v: stats.nbinom.logpmf(2, 1.5, nn.sigmoid(v)),
}

REDUCERS: Table = {
    "reduce_mul": lambda v: lax.reduce(six(v), 1.0, lax.mul, (0,)),
    "reduce_max": lambda v: lax.reduce(grid(v), -jnp.inf, lax.max, (1,)),
    "associative_scan": lambda v: lax.associative_scan(jnp.multiply, six(v)),
    "vmapped": lambda v: jax.vmap(lambda x: jnp.prod(jnp.sin(x * v)))(v),
    "map": lambda v: lax.map(lambda x: jnp.max(x * v), v),
    "gradient_of_prod": lambda v: jax.grad(lambda u: jnp.prod(jnp.sin(u)))(v),
    "gradient_of_sort": lambda v: jax.grad(lambda u: jnp.dot(jnp.sort(u) ** 2, VECTOR))(v),
}

ON_THE_PLANE: dict[str, Table] = {
    "reductions": REDUCTIONS,
    "windows": WINDOWS,
    "sorting": SORTING,
    "moves": MOVES,
    "indexing": INDEXING,
    "products": PRODUCTS,
    "kinks": KINKS,
    "reducers": REDUCERS,
}
ON_THE_LINE: dict[str, Table] = {
    "complex": COMPLEX,
    "networks": NETWORKS,
    "special": SPECIAL,
    "statistics": STATISTICS,
}


def far_off(table: Table, points: Any, order: int) -> dict[tuple[str, str], float]:
    """What is not as close to nested derivatives as rounding allows, by form and name."""
    composed = {name: lambda x, f=f: f(three(x)) for name, f in table.items()}
    found = compare.differences(composed, points, order, compare.QUICK)
    return {which: d for which, d in found.items() if d > compare.ROUNDING}


def main() -> int:
    """Every function on the line and in the plane, one by one; the status is 1 where one is far off."""
    worst: dict[tuple[str, str], float] = {}
    tables = {**ON_THE_PLANE, **ON_THE_LINE}
    for family, table in tables.items():
        for name, f in table.items():
            for points, order in ((PLANE, 2), (LINE, 3)):
                worst |= far_off({f"{family}, {name}": f}, points, order)
    print(f"{sum(map(len, tables.values()))} functions, in one and in two variables: {len(worst)} far off", *worst)
    return int(bool(worst))


if __name__ == "__main__":
    sys.exit(main())
