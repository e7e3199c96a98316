"""Rules of solutions, which read the solution and its parameters, mean to every method what they mean to JAX."""

from typing import Any

import jax
import jax.numpy as jnp
import lineax
import numpy as np
import optimistix
from jax import lax

import taylorkit as tk
from tests.faults.by_nested import ROUNDING, Function, cramer, nested, require


def newton(f: Function, x: Any, steps: int = 12) -> Any:
    """Newton's method: it doubles the correct digits of derivatives, too."""
    return lax.fori_loop(0, steps, lambda i, x: x - f(x) / jax.grad(f)(x), x)


def root(f: Function, x: Any) -> Any:
    return lax.custom_root(f, x, newton, lambda g, y: y / g(1.0))


@jax.custom_jvp
def anomaly(e: Any, m: Any) -> Any:
    """E − e sin E = M, with the rule that reads E and e."""
    return newton(lambda x: x - e * jnp.sin(x) - m, m)


@anomaly.defjvp
def _anomaly_jvp(primals: Any, tangents: Any) -> Any:
    (e, _), (de, dm) = primals, tangents
    x = anomaly(*primals)
    return x, (dm + jnp.sin(x) * de) / (1 - e * jnp.cos(x))


def cubic(a: Any) -> Function:
    return lambda x: x**3 + a * x - 2


def friction(v: Any) -> Function:
    """Colebrook's equation in x = 1/√f, of the roughness and of the Reynolds number."""
    return lambda x: x + 2 * jnp.log(0.03 * v[0] + 2.51 * x / (1e4 * v[1])) / jnp.log(10.0)


def implicit(v: Any) -> Any:
    coupled = root(lambda x: x * jnp.exp(v[1] * x) - v[0], 0.5)
    return jnp.stack([root(cubic(v[0]), 1.0), anomaly(v[0] / 2, v[1]), root(friction(v), 6.0), coupled])


def explicit(v: Any) -> Any:
    """The same, differentiated through Newton's steps."""
    kepler = newton(lambda x: x - v[0] / 2 * jnp.sin(x) - v[1], v[1])
    coupled = newton(lambda x: x * jnp.exp(v[1] * x) - v[0], 0.5)
    return jnp.stack([newton(cubic(v[0]), 1.0), kepler, newton(friction(v), 6.0), coupled])


def test_fault_R1_implicit_function() -> None:
    """A rule that reads a solution and its parameters: all of it moves."""
    found = tk.derivatives(lambda a: root(cubic(a), 1.0), [1.0], 3, "series").packed[:, 0]
    np.testing.assert_allclose(found, [1, -0.25, 0.03125, 0.03515625], rtol=ROUNDING)
    require(implicit, [1.0, 0.7], nested(explicit, [1.0, 0.7], 2), 2)


def test_fault_R6_solvers_of_libraries() -> None:
    """lineax' and optimistix' derivatives solve again, for the direction."""

    def f(v: Any) -> Any:
        (x,) = v
        matrix = jnp.array([[3.0, 1.0], [0.0, 2.0]], v.dtype) + x / 10
        right, start = jnp.stack([jnp.sin(x), x]), jnp.ones((), v.dtype)
        linear = lineax.linear_solve(lineax.MatrixLinearOperator(matrix), right).value
        newton = optimistix.Newton(rtol=1e-12, atol=1e-12)
        root = optimistix.root_find(lambda y, a: y**3 + a * y - 2, newton, start, args=x).value
        fixed = optimistix.fixed_point(lambda y, a: jnp.cos(a * y) / 2, newton, start, args=x).value
        return jnp.concatenate([linear, jnp.stack([root, fixed])])

    def plain(v: Any) -> Any:
        (x,) = v
        matrix = jnp.array([[3.0, 1.0], [0.0, 2.0]]) + x / 10
        roots = [newton(cubic(x), 1.0), newton(lambda y: y - jnp.cos(x * y) / 2, 1.0)]
        return jnp.concatenate([cramer(matrix, jnp.stack([jnp.sin(x), x])), jnp.stack(roots)])

    require(f, [1.0], nested(plain, [1.0], 2), 2, ("series",))
