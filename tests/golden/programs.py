"""Programs of every kind whose derivatives 0.4 computed: `numbers.json` has them, made once by `make_numbers`.

Each takes one vector. Among its points are those where something may go wrong: zeros, ties, ends of domains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
from jax import lax, nn

ORDER = 4


@dataclass(frozen=True)
class Case:
    f: Callable[[jax.Array], Any]
    points: tuple[tuple[float, ...], ...]
    method: str = "series"
    order: int = ORDER


LINE = ((0.7,), (0.0,), (2.0,))
ABOVE = ((0.7,), (2.0,))
PLANE = ((0.3, 0.8), (1.0, 1.0), (0.0, 0.5))
TABLE = (0.5, -1.0, 2.0, 0.25)


def loop(v: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3, lambda i, y: y * v[0] + 1, v[0])


def scanned(v: jax.Array) -> jax.Array:
    return lax.scan(lambda c, t: (c * v[0] + t, None), v[0], jnp.asarray(TABLE, v.dtype))[0]


def heron(v: jax.Array) -> jax.Array:
    """√a: it starts at its answer where a = 1, and stops by data."""
    return lax.while_loop(lambda y: jnp.abs(y * y - v[0]) > 1e-12, lambda y: 0.5 * (y + v[0] / y), jnp.ones_like(v[0]))


def counted(v: jax.Array) -> jax.Array:
    return lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * v[0]), (0, v[0]))[1]


def branch(v: jax.Array) -> jax.Array:
    return lax.cond(v[0] > 0.5, jnp.sin, lambda x: x**2, v[0])


@jax.custom_jvp
def reads_only(x: jax.Array, y: jax.Array) -> jax.Array:
    return x * y


reads_only.defjvp(lambda p, t: (reads_only(*p), p[1] * t[0]))


@jax.custom_vjp
def backward(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


backward.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (g * jnp.cos(x),))


@jax.custom_jvp
def forward(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


forward.defjvp(lambda p, t: (forward(p[0]), jnp.cos(p[0]) * t[0]))


def root(v: jax.Array) -> jax.Array:
    def solve(g: object, x0: jax.Array) -> jax.Array:
        return lax.fori_loop(0, 40, lambda _, x: x - (x**3 + v[0] * x - 2) / (3 * x**2 + v[0]), x0)

    return lax.custom_root(
        lambda x: x**3 + v[0] * x - 2, jnp.ones_like(v[0]), solve, lambda g, y: y / g(jnp.ones_like(y))
    )


def matrix(v: jax.Array) -> jax.Array:
    return jnp.array([[2.0, 0.5], [0.5, 3.0]], v.dtype) + v[0] * jnp.array([[1.0, 0.25], [0.25, -0.5]], v.dtype)


def of_line(f: Callable, points: tuple = LINE, **options: Any) -> Case:
    return Case(lambda v: f(v[0]), points, **options)


def by_reverse(f: Callable, points: tuple = PLANE) -> Case:
    return Case(f, points, "reverse", order=2)


def ruled(slope: Callable) -> Callable:
    """exp with this derivative, which is another function's."""
    f = jax.custom_jvp(jnp.exp)
    f.defjvp(lambda p, t: (jnp.exp(p[0]), slope(p[0]) * t[0]))
    return f


CASES: dict[str, Case] = {
    "polynomial": of_line(lambda x: 3 * x**3 - x + 1),
    "rational": of_line(lambda x: 1 / (1 + 25 * x * x)),
    "pole": of_line(lambda x: 1 / x),
    "exp": of_line(jnp.exp),
    "log": of_line(jnp.log, ABOVE),
    "log of a positive sum": of_line(lambda x: jnp.log(1 + x * x)),
    "log at 0": of_line(lambda x: jnp.log(x * x)),
    "log1p": of_line(jnp.log1p),
    "sqrt": of_line(jnp.sqrt, ABOVE),
    "sqrt of a positive sum": of_line(lambda x: jnp.sqrt(1 + x**2)),
    "sqrt at 0": of_line(lambda x: jnp.sqrt(x)),
    "cbrt": of_line(jnp.cbrt),
    "power": of_line(lambda x: x**2.5),
    "power of a positive": of_line(lambda x: jnp.exp(x) ** 1.5),
    "power of 1 + x": of_line(lambda x: (1 + x * x) ** -0.75),
    "whole power as a number": of_line(lambda x: x ** jnp.float64(2.0)),
    "power of both": Case(lambda v: v[0] ** v[1], ((0.7, 1.5), (2.0, 2.0))),
    "powers of an array": of_line(lambda x: (x ** jnp.arange(4.0)).sum()),
    "sin": of_line(jnp.sin),
    "tan": of_line(jnp.tan),
    "tanh": of_line(jnp.tanh),
    "arctan": of_line(jnp.arctan),
    "arcsin": of_line(lambda x: jnp.arcsin(x / 3)),
    "atan2": Case(lambda v: jnp.arctan2(v[0], 1 + v[1]), PLANE),
    "hypot": Case(lambda v: jnp.hypot(v[0], v[1]), PLANE),
    "norm": Case(lambda v: jnp.linalg.norm(v), PLANE),
    "logistic": of_line(nn.sigmoid),
    "softplus": of_line(nn.softplus),
    "relu": of_line(nn.relu),
    "gelu": of_line(nn.gelu),
    "silu": of_line(nn.silu),
    "abs": of_line(jnp.abs),
    "abs of a positive": of_line(lambda x: jnp.abs(1 + x * x)),
    "max": Case(lambda v: jnp.maximum(v[0] ** 2, v[1]), PLANE),
    "min": Case(lambda v: jnp.minimum(v[0], v[1] ** 2), PLANE),
    "clip": of_line(lambda x: jnp.clip(x * x, 0.0, 4.0)),
    "sign": of_line(lambda x: jnp.sign(x) * x**2),
    "where": of_line(lambda x: jnp.where(x > 0, jnp.sin(x), x**3)),
    "masked pole": of_line(lambda x: jnp.where(x > 0, 1 / x**6, 0.0)),
    "masked log": of_line(lambda x: jnp.where(x > 0, x * jnp.log(x), 0.0)),
    "logsumexp": Case(lambda v: jsp.logsumexp(jnp.stack([v[0], v[1], v[0] * v[1]])), PLANE),
    "logsumexp of nothing": Case(lambda v: jsp.logsumexp(jnp.where(v > 5, v, -jnp.inf)) * v[0], PLANE),
    "softmax": Case(lambda v: nn.softmax(v)[0], PLANE),
    "logaddexp": Case(lambda v: jnp.logaddexp(v[0], v[1]), PLANE),
    "sum, product": Case(lambda v: jnp.sum(v**2) * jnp.prod(v), PLANE),
    "reduce_max": Case(lambda v: jnp.max(v**2), PLANE),
    "cumsum": Case(lambda v: jnp.cumsum(v * v)[-1], PLANE),
    "cummax": Case(lambda v: lax.cummax(v * v)[-1], PLANE),
    "sort": Case(lambda v: jnp.sort(v * v)[0], PLANE),
    "taken": of_line(lambda x: jnp.take(jnp.asarray(TABLE), 2) * x**2),
    "interp": of_line(lambda x: jnp.interp(x, jnp.arange(4.0), jnp.asarray(TABLE)), ((0.7,), (2.5,))),
    "loop": Case(loop, LINE),
    "scan": Case(scanned, LINE),
    "heron": Case(heron, ((0.7,), (1.0,), (2.0,))),
    "counted": Case(counted, LINE),
    "branch": Case(branch, LINE),
    "det": Case(lambda v: jnp.linalg.det(matrix(v)), LINE, order=2),
    "matmul": Case(lambda v: (matrix(v) @ matrix(v))[0, 0], LINE),
    "erf": of_line(jsp.erf),
    "i0e": of_line(jsp.i0e, order=2),
    "sinc": of_line(jnp.sinc),
    "own rule": of_line(lambda x: forward(x) * x),
    "rule that reads": of_line(lambda x: reads_only(x, jnp.sin(x))),
    "backward rule": of_line(lambda x: backward(x) * x),
    "root": Case(root, ABOVE),
    "nested": of_line(lambda x: jnp.sin(x) * x, method="nested"),
    "nested, masked": of_line(lambda x: jnp.where(x > 0, 1 / x**6, 0.0), method="nested"),
    "reverse": Case(lambda v: jnp.sin(v[0]) * jnp.exp(v[1]), PLANE, "reverse"),
    "reverse, rule that reads": Case(lambda v: reads_only(v[0], jnp.sin(v[1])), PLANE, "reverse"),
    "clip by reverse": by_reverse(lambda v: jnp.clip(v * v, 0.25, 1.0).sum()),
    "max by reverse": by_reverse(lambda v: jnp.maximum(v[0] ** 2, v[1])),
    "sort by reverse": by_reverse(lambda v: jnp.sort(v * v)[0]),
    "median by reverse": by_reverse(lambda v: jnp.median(v * v)),
    "ptp by reverse": by_reverse(lambda v: jnp.ptp(v * v)),
    "cummax by reverse": by_reverse(lambda v: lax.cummax(v * v)[-1]),
    "norm by reverse": by_reverse(lambda v: jnp.linalg.norm(v, ord=jnp.inf) ** 2),
    "celu by reverse": by_reverse(lambda v: nn.celu(v).sum()),
    "power by reverse": by_reverse(lambda v: (v**1.5).sum()),
    "i0 by reverse": by_reverse(lambda v: jnp.i0(v).sum()),
    "erfcx by reverse": by_reverse(lambda v: jsp.erfcx(v[0]), ((0.3, 0.8),)),
    "hypot in a rule": of_line(ruled(lambda x: jnp.hypot(x, 1.0)), ((1.0,), (2.0,))),
    "power in a rule": of_line(ruled(lambda x: x**1.5)),
    "abs in a rule of a rule": of_line(ruled(ruled(jnp.abs))),
    "rule of exp": of_line(ruled(jnp.exp)),
}
