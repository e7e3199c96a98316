"""Programs with forward rules: custom_jvp functions made by hand."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero

from tests.faults.program_case import Case


def jvp_of(f: Callable, rule: Callable, **options: Any) -> Callable:
    """f with a JVP: rule(*primals, *tangents) ↦ the tangent."""
    ruled = jax.custom_jvp(f)
    ruled.defjvp(lambda p, t: (ruled(*p), rule(*p, *t)), **options)
    return ruled


frozen_sin = jvp_of(lambda x: jnp.sin(lax.stop_gradient(x)), lambda x, dx: jnp.cos(x) * dx)
looked_up = jvp_of(
    lambda x: jnp.interp(x, jnp.linspace(0, 3, 20001), jnp.sin(jnp.linspace(0, 3, 20001))),
    lambda x, dx: jnp.cos(x) * dx,
)
reads_only = jvp_of(lambda x, y: 0 * x, lambda x, y, dx, dy: y * dx)
power = jvp_of(lambda x, n: x**n, lambda x, n, dx, dn: n * x ** (n - 1) * dx + x**n * jnp.log(x) * dn)
exp_itself = jvp_of(lambda x: jnp.exp(lax.stop_gradient(x)), lambda x, dx: exp_itself(x) * dx)
tan_by_itself = jvp_of(lambda x: jnp.tan(lax.stop_gradient(x)), lambda x, dx: (1 + tan_by_itself(x) ** 2) * dx)
product = jvp_of(lambda a, b: lax.stop_gradient(a * b), lambda a, b, da, db: product(a, db) + product(da, b))
divided = jvp_of(lambda a, b: lax.stop_gradient(b / a), lambda a, b, da, db: divided(a, db - da * divided(a, b)))
scaled_exp = jvp_of(
    lambda s, x: lax.stop_gradient(jnp.exp(s) * x), lambda s, x, ds, dx: scaled_exp(s, dx) + ds * scaled_exp(s, x)
)


def _nested_rules(factor: float) -> Callable:
    """Two rules in one: f' = g, g' = −factor f."""
    outer = jvp_of(lambda x: jnp.sin(factor * lax.stop_gradient(x)), lambda x, dx: factor * inner(x) * dx)
    inner = jvp_of(lambda x: jnp.cos(factor * lax.stop_gradient(x)), lambda x, dx: -factor * outer(x) * dx)
    return outer


@jax.custom_jvp
def first_if_both_move(x: jax.Array, y: jax.Array) -> jax.Array:
    return x


def _first_if_both(primals: Any, tangents: Any) -> Any:
    (x, _), (dx, dy) = primals, tangents
    return x, jnp.zeros_like(x) if isinstance(dy, SymbolicZero) or isinstance(dx, SymbolicZero) else dx


first_if_both_move.defjvp(_first_if_both, symbolic_zeros=True)


def sinh_on_host(x: np.ndarray) -> np.ndarray:
    return np.sinh(x).astype(np.asarray(x).dtype)


def on_host(f: Callable, x: jax.Array) -> jax.Array:
    return jax.pure_callback(f, jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="expand_dims")


host_sinh = jvp_of(lambda x: on_host(sinh_on_host, x), lambda x, dx: jnp.cosh(x) * dx)


def looping(rule: Callable) -> Callable:
    """A rule within a scan: y ↦ rule(y x), four times."""
    return lambda v: lax.scan(lambda y, _: (rule(y * v[0]), None), v[0], None, length=4)[0]


def mp_looping(f: Callable) -> Callable:
    def right(x: Any) -> Any:
        y = x
        for _ in range(4):
            y = f(y * x)
        return y

    return right


FORWARD: tuple[Case, ...] = (
    # Rules by hand.
    Case("a frozen body", lambda v: v[0] * frozen_sin(v[0]), (0.7,), lambda x: x * mp.sin(x), quick=True),
    Case("a table", lambda v: v[0] * looked_up(v[0] + 1), (0.7,), lambda x: x * mp.sin(x + 1)),
    Case(
        "an operand that is read",
        lambda v: reads_only(v[0], jnp.sin(v[0])),
        (3.0,),
        lambda x: mp.cos(3) - mp.cos(x),
        quick=True,
    ),
    Case("a power", lambda v: power(v[0], v[1]), (1.3, 2.4), lambda x, y: x**y),
    Case("a rule of itself", lambda v: exp_itself(jnp.sin(v[0])), (0.4,), lambda x: mp.exp(mp.sin(x)), quick=True),
    Case("tan by itself", lambda v: tan_by_itself(v[0] * v[0]), (0.6,), lambda x: mp.tan(x * x)),
    Case(
        "a product by itself",
        lambda v: product(jnp.sin(v[0]), jnp.exp(v[1])),
        (0.6, 0.2),
        lambda x, y: mp.sin(x) * mp.exp(y),
    ),
    Case(
        "a quotient by itself",
        lambda v: divided(2 + jnp.sin(v[0]), v[1]),
        (0.6, 0.2),
        lambda x, y: y / (2 + mp.sin(x)),
    ),
    Case("exp(s) x by itself", lambda v: scaled_exp(v[0], v[1]), (0.6, 0.2), lambda x, y: mp.exp(x) * y),
    Case(
        "factories",
        lambda v: _nested_rules(1.0)(v[0]) - _nested_rules(2.0)(v[0]),
        (0.5,),
        lambda x: mp.sin(x) - mp.sin(2 * x),
        quick=True,
    ),
    Case("who moves", lambda v: first_if_both_move(v[0] ** 2, v[0]), (3.0,), lambda x: x**2, quick=True),
    Case("host code", lambda v: host_sinh(v[0] * v[0]), (0.6,), lambda x: mp.sinh(x * x)),
    Case("in a scan", looping(frozen_sin), (0.9,), mp_looping(mp.sin)),
    Case("in a branch", lambda v: lax.cond(v[0] > 0, frozen_sin, jnp.cos, v[0]), (0.9,), mp.sin),
    Case("under jit and checkpoint", lambda v: jax.checkpoint(jax.jit(frozen_sin))(v[0]), (0.9,), mp.sin),
)
