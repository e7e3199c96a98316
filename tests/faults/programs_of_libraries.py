"""Programs of jaxopt, optimistix, diffrax and equinox."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from jax import lax

from tests.faults.program_case import HEUN, STEPS, Case
from tests.faults.programs_forward import mp_looping


def jaxopt_fixed_point(v: jax.Array) -> jax.Array:
    """y = cos(x y), by iteration."""
    from jaxopt import FixedPointIteration

    solver = FixedPointIteration(lambda y, x: jnp.cos(x * y), maxiter=300, tol=1e-15, implicit_diff=True)
    return solver.run(jnp.asarray(0.8, v.dtype), v[0]).params


def optimistix_fixed_point(v: jax.Array) -> jax.Array:
    """The same."""
    import optimistix

    solver = optimistix.FixedPointIteration(1e-14, 1e-14)
    start = jnp.asarray(0.8, v.dtype)
    return optimistix.fixed_point(lambda y, x: jnp.cos(x * y), solver, start, args=v[0], max_steps=500).value


def mp_fixed_point(x: Any) -> Any:
    return mp.findroot(lambda y: mp.cos(x * y) - y, 0.8)


def least_squares(v: jax.Array) -> jax.Array:
    """min (y₀ − x)² + (y₀ y₁ − 1)²: y₀ = x, y₁ = 1/x."""
    import optimistix

    def residuals(y: jax.Array, x: jax.Array) -> jax.Array:
        return jnp.stack([y[0] - x, y[0] * y[1] - 1])

    solver = optimistix.LevenbergMarquardt(1e-12, 1e-12)
    return optimistix.least_squares(residuals, solver, jnp.ones(2, v.dtype), args=v[0]).value[1]


def ridge(v: jax.Array) -> jax.Array:
    """min (y − x)² + x² y²: y = x / (1 + x²), by jaxopt's gradient descent."""
    from jaxopt import GradientDescent

    solver = GradientDescent(
        lambda y, x: (y - x) ** 2 + (x * y) ** 2, stepsize=0.2, maxiter=500, tol=1e-14, acceleration=False
    )
    return solver.run(jnp.asarray(0.3, v.dtype), v[0]).params


def declared_root(v: jax.Array) -> jax.Array:
    """jaxopt.implicit_diff.custom_root around a closed form that stops gradients."""
    from jaxopt.implicit_diff import custom_root

    @custom_root(lambda y, x: y**2 - x)
    def solve(start: Any, x: jax.Array) -> jax.Array:
        return jnp.sqrt(lax.stop_gradient(x))

    return solve(None, v[0])


def flow(adjoint: str, solver: str = "Tsit5") -> Callable[[jax.Array], jax.Array]:
    """y' = −p y from 1 to t = ½ in ten steps."""

    def program(v: jax.Array) -> jax.Array:
        import diffrax

        term = diffrax.ODETerm(lambda t, y, p: -p * y)
        options = {"adjoint": getattr(diffrax, adjoint)()} if adjoint else {}
        method, steps = getattr(diffrax, solver)(), diffrax.ConstantStepSize()
        start = jnp.ones((), v.dtype)
        return diffrax.diffeqsolve(term, method, 0.0, 0.5, 0.05, start, v[0], stepsize_controller=steps, **options).ys[
            0
        ]

    return program


def mp_flow(p: Any) -> Any:
    return mp.exp(-p / 2)


def by_odeint(v: jax.Array) -> jax.Array:
    from jax.experimental.ode import odeint

    times = jnp.array([0.0, 0.5], v.dtype)
    return odeint(lambda y, t, p: -p * y, jnp.ones((), v.dtype), times, v[0], rtol=1e-10, atol=1e-10)[1]


def equinox_vjp(v: jax.Array) -> jax.Array:
    import equinox

    @equinox.filter_custom_vjp
    def f(x: jax.Array) -> jax.Array:
        return jnp.sin(lax.stop_gradient(x))

    f.def_fwd(lambda perturbed, x: (f(x), x))
    f.def_bwd(lambda residual, g, perturbed, x: g * jnp.cos(x))
    return v[0] * f(v[0])


def equinox_jvp(v: jax.Array) -> jax.Array:
    import equinox

    @equinox.filter_custom_jvp
    def f(x: jax.Array) -> jax.Array:
        return jnp.sin(lax.stop_gradient(x))

    @f.def_jvp
    def rule(primals: Any, tangents: Any) -> Any:
        (x,), (dx,) = primals, tangents
        return f(x), jnp.cos(x) * dx

    return v[0] * f(v[0])


def equinox_loop(kind: str) -> Callable[[jax.Array], jax.Array]:
    """y ↦ sin(x y), four times from x, in a loop whose adjoint keeps checkpoints."""

    def program(v: jax.Array) -> jax.Array:
        import equinox.internal as eqxi

        body = lambda s: (s[0] + 1, jnp.sin(s[1] * v[0]))  # noqa: E731
        return eqxi.while_loop(lambda s: s[0] < 4, body, (0, v[0]), max_steps=8, kind=kind)[1]

    return program


def _weights() -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(0)
    return tuple(random.normal(size=s) for s in ((4, 2), 4, (1, 4), 1))


def network(activation: Callable) -> Callable[[jax.Array], jax.Array]:
    """An equinox MLP of one hidden layer with weights that are known."""

    def program(v: jax.Array) -> jax.Array:
        import equinox

        mlp = equinox.nn.MLP(2, 1, 4, 1, activation=activation, key=jax.random.key(0))
        where = lambda m: [x for layer in m.layers for x in (layer.weight, layer.bias)]  # noqa: E731
        return equinox.tree_at(where, mlp, [jnp.asarray(x, v.dtype) for x in _weights()])(v)[0]

    return program


def plain_network(activation: Callable) -> Callable[[jax.Array], jax.Array]:
    first, b, second, c = _weights()
    return lambda v: (second @ activation(first @ v + b) + c)[0]


OF_LIBRARIES: tuple[Case, ...] = (
    Case("jaxopt, a fixed point", jaxopt_fixed_point, (0.9,), mp_fixed_point, order=3),
    Case("jaxopt, gradient descent", ridge, (0.6,), lambda x: x / (1 + x**2), order=3),
    Case("jaxopt, a declared root", declared_root, (0.6,), mp.sqrt, order=3),
    Case("optimistix, a fixed point", optimistix_fixed_point, (0.9,), mp_fixed_point, order=3),
    Case("optimistix, least squares", least_squares, (1.2,), lambda x: 1 / x, order=2),
    Case("diffrax, Tsit5", flow(""), (0.8,), mp_flow, order=2, tolerance=STEPS),
    Case("diffrax, Tsit5, direct", flow("DirectAdjoint"), (0.8,), mp_flow, order=2, tolerance=STEPS),
    Case("diffrax, Heun", flow("", "Heun"), (0.8,), mp_flow, order=2, tolerance=HEUN),
    Case("odeint", by_odeint, (0.8,), mp_flow, order=2, tolerance=STEPS),
    Case("equinox, a backward rule", equinox_vjp, (0.7,), lambda x: x * mp.sin(x)),
    Case("equinox, a rule", equinox_jvp, (0.7,), lambda x: x * mp.sin(x)),
    Case("equinox, checkpoints", equinox_loop("checkpointed"), (0.9,), mp_looping(mp.sin), order=2),
    Case("equinox, a bounded loop", equinox_loop("bounded"), (0.9,), mp_looping(mp.sin), order=2),
    Case("equinox, tanh", network(jnp.tanh), (0.3, 0.5), plain_network(jnp.tanh), plain=True),
    Case(
        "equinox, softplus",
        network(jax.nn.softplus),
        (0.3, 0.5),
        plain_network(lambda x: jnp.log(1 + jnp.exp(x))),
        plain=True,
    ),
    Case("equinox, silu", network(jax.nn.silu), (0.3, 0.5), plain_network(lambda x: x / (1 + jnp.exp(-x))), plain=True),
)
