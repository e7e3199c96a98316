"""Programs with backward rules: custom_vjp functions made by hand."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from jax import lax

from tests.faults.program_case import Case
from tests.faults.programs_forward import looping, mp_looping, on_host, sinh_on_host


def vjp_of(f: Callable, slope: Callable, itself: bool = True) -> Callable:
    """A scalar f with a backward rule, whose forward rule calls the function itself, or its body."""
    ruled = jax.custom_vjp(f)
    ruled.defvjp(lambda x: ((ruled if itself else f)(x), x), lambda x, g: (g * slope(x),))
    return ruled


back_frozen = vjp_of(lambda x: jnp.sin(lax.stop_gradient(x)), jnp.cos)
back_body = vjp_of(lambda x: jnp.sin(x), jnp.cos, itself=False)
back_table = vjp_of(lambda x: jnp.sin(jnp.linspace(0, 3, 30001))[jnp.int32(jnp.round(x * 1e4))], jnp.cos)
back_wrong = vjp_of(lambda x: x**2, lambda x: 5 * x)
back_host = vjp_of(lambda x: on_host(sinh_on_host, x), jnp.cosh)
back_nested = vjp_of(lambda x: back_frozen(x) ** 2, lambda x: 2 * back_frozen(x) * jnp.cos(x))


def newton(f: Callable, start: Any, steps: int = 60) -> Any:
    """A root, without derivatives: the loop stops by data."""

    def step(s: tuple) -> tuple:
        y, _, k = s
        new = y - f(y) / jax.grad(f)(y)
        return new, jnp.abs(new - y), k + 1

    start = jnp.asarray(start, jnp.result_type(float))
    return lax.while_loop(lambda s: (s[1] > 1e-15) & (s[2] < steps), step, (start, start * 0 + 1, 0))[0]


@jax.custom_vjp
def back_root(a: jax.Array) -> jax.Array:
    return newton(lambda y: y**3 + lax.stop_gradient(a) * y - 2, 1.0)


back_root.defvjp(lambda a: (lambda y: (y, (y, a)))(back_root(a)), lambda r, g: (-g * r[0] / (3 * r[0] ** 2 + r[1]),))


@jax.custom_vjp
def back_loop(x: jax.Array) -> jax.Array:
    return jnp.exp(3 * lax.stop_gradient(x))


def _thrice(x: jax.Array, g: jax.Array) -> tuple[jax.Array]:
    """3 g exp(3x), by a loop that reverse mode cannot transpose."""
    return (lax.while_loop(lambda s: s[1] < 3, lambda s: (s[0] * jnp.exp(x), s[1] + 1), (3 * g, 0))[0],)


back_loop.defvjp(lambda x: (back_loop(x), x), _thrice)


@jax.custom_vjp
def back_pair(x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    return lax.stop_gradient((x * jnp.sin(y), x**2 * y))


back_pair.defvjp(
    lambda x, y: (back_pair(x, y), (x, y)),
    lambda r, g: (g[0] * jnp.sin(r[1]) + g[1] * 2 * r[0] * r[1], g[0] * r[0] * jnp.cos(r[1]) + g[1] * r[0] ** 2),
)


@jax.custom_vjp
def back_solve(matrix: jax.Array, b: jax.Array) -> jax.Array:
    return lax.stop_gradient(jnp.linalg.solve(matrix, b))


def _back_solve(r: tuple, g: jax.Array) -> tuple:
    matrix, x = r
    b = back_solve(matrix.T, g)
    return -jnp.outer(b, x), b


back_solve.defvjp(lambda m, b: (lambda x: (x, (m, x)))(back_solve(m, b)), _back_solve)


@jax.custom_vjp
def back_with_count(x: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
    return lax.stop_gradient(x) ** n, n + 1


back_with_count.defvjp(
    lambda x, n: (back_with_count(x, n), (x, n)),
    lambda r, g: (g[0] * r[1] * r[0] ** (r[1] - 1), np.zeros((), jax.dtypes.float0)),
)


@jax.custom_vjp
def clipped(x: jax.Array) -> jax.Array:
    return x


clipped.defvjp(lambda x: (x, None), lambda _, g: (jnp.clip(g, -0.5, 0.5),))


BACKWARD: tuple[Case, ...] = (
    Case("backward, frozen", lambda v: v[0] * back_frozen(v[0]), (0.7,), lambda x: x * mp.sin(x), quick=True),
    Case("backward, its body's", lambda v: v[0] * back_body(v[0]), (0.7,), lambda x: x * mp.sin(x)),
    Case("backward, a table", lambda v: v[0] * back_table(v[0]), (0.7,), lambda x: x * mp.sin(x)),
    Case(
        "backward, not its body's",
        lambda v: back_wrong(v[0]),
        (0.7,),
        lambda x: 2.5 * x**2 - 1.5 * mp.mpf(0.7) ** 2,
    ),
    Case("backward, host code", lambda v: back_host(v[0] * v[0]), (0.6,), lambda x: mp.sinh(x * x)),
    Case("backward, nested", lambda v: back_nested(v[0]), (0.6,), lambda x: mp.sin(x) ** 2),
    Case("backward, a root", lambda v: back_root(v[0]), (1.0,), lambda a: mp.findroot(lambda y: y**3 + a * y - 2, 1)),
    Case("backward, a loop", lambda v: back_loop(v[0]), (0.3,), lambda x: mp.exp(3 * x), quick=True),
    Case(
        "backward, two results",
        lambda v: jnp.prod(jnp.stack(back_pair(v[0], v[1]))),
        (0.7, 0.4),
        lambda x, y: x**3 * y * mp.sin(y),
    ),
    Case(
        "backward, a count beside",
        lambda v: back_with_count(jnp.sin(v[0]), jnp.asarray(3))[0],
        (0.7,),
        lambda x: mp.sin(x) ** 3,
    ),
    Case("backward, clipped", lambda v: clipped(v[0]) ** 2, (0.2,), lambda x: x**2, quick=True),
    Case("backward, in a scan", looping(back_frozen), (0.9,), mp_looping(mp.sin)),
    Case("backward, in a branch", lambda v: lax.cond(v[0] > 0, back_frozen, jnp.cos, v[0]), (0.9,), mp.sin),
    Case("backward, jit and checkpoint", lambda v: jax.checkpoint(jax.jit(back_frozen))(v[0]), (0.9,), mp.sin),
    Case(
        "backward, mapped",
        lambda v: jax.vmap(back_frozen)(v * v).sum(),
        (0.9, 0.4),
        lambda x, y: mp.sin(x * x) + mp.sin(y * y),
    ),
)
