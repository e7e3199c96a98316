"""The table of programs with derivative rules of their own: hand-made ones, and those of five libraries.

Each takes one vector (D,). `right` is the same function without any rule: of D numbers of mpmath, or of the vector in
plain JAX where `plain`. Libraries are imported by the programs that use them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero

# Largest difference in a degree over the largest derivative of it, or over 1: solvers stop at 1e-12 or so, and each
# degree divides by another power of the slope at the root.
TOLERANCE = 1e-8
# Constant steps: the solution of a differential equation is that of the method, not the exact one.
STEPS = 1e-6
HEUN = 1e-3


@dataclass(frozen=True)
class Case:
    """A program, where it is expanded, and what is right there. The test suite runs the quick ones."""

    name: str
    program: Callable[[jax.Array], jax.Array]
    point: tuple[float, ...]
    right: Callable[..., Any]
    order: int = 4
    plain: bool = False
    tolerance: float = TOLERANCE
    quick: bool = False


# -- custom_jvp ---------------------------------------------------------------------------------------------------


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


def _sinh_host(x: np.ndarray) -> np.ndarray:
    return np.sinh(x).astype(np.asarray(x).dtype)


def _host(f: Callable, x: jax.Array) -> jax.Array:
    return jax.pure_callback(f, jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="expand_dims")


host_sinh = jvp_of(lambda x: _host(_sinh_host, x), lambda x, dx: jnp.cosh(x) * dx)


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


# -- custom_vjp ---------------------------------------------------------------------------------------------------


def vjp_of(f: Callable, slope: Callable, itself: bool = True) -> Callable:
    """A scalar f with a backward rule, whose forward rule calls the function itself, or its body."""
    ruled = jax.custom_vjp(f)
    ruled.defvjp(lambda x: ((ruled if itself else f)(x), x), lambda x, g: (g * slope(x),))
    return ruled


back_frozen = vjp_of(lambda x: jnp.sin(lax.stop_gradient(x)), jnp.cos)
back_body = vjp_of(lambda x: jnp.sin(x), jnp.cos, itself=False)
back_table = vjp_of(lambda x: jnp.sin(jnp.linspace(0, 3, 30001))[jnp.int32(jnp.round(x * 1e4))], jnp.cos)
back_wrong = vjp_of(lambda x: x**2, lambda x: 5 * x)
back_host = vjp_of(lambda x: _host(_sinh_host, x), jnp.cosh)
back_nested = vjp_of(lambda x: back_frozen(x) ** 2, lambda x: 2 * back_frozen(x) * jnp.cos(x))


def _newton(f: Callable, start: Any, steps: int = 60) -> Any:
    """A root, without derivatives: the loop stops by data."""

    def step(s: tuple) -> tuple:
        y, _, k = s
        new = y - f(y) / jax.grad(f)(y)
        return new, jnp.abs(new - y), k + 1

    start = jnp.asarray(start, jnp.result_type(float))
    return lax.while_loop(lambda s: (s[1] > 1e-15) & (s[2] < steps), step, (start, start * 0 + 1, 0))[0]


@jax.custom_vjp
def back_root(a: jax.Array) -> jax.Array:
    return _newton(lambda y: y**3 + lax.stop_gradient(a) * y - 2, 1.0)


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


# -- custom_root and custom_linear_solve ---------------------------------------------------------------------------


def root(f: Callable, start: float, v: jax.Array) -> jax.Array:
    """y with f(y, v) = 0, by lax.custom_root."""
    return lax.custom_root(
        lambda y: f(y, v), jnp.asarray(start, v.dtype), _newton, lambda g, y: y / g(jnp.ones_like(y))
    )


def _unruled(f: Callable, start: float, v: jax.Array) -> jax.Array:
    fixed = lax.stop_gradient(v)
    return _newton(lambda y: f(y, fixed), jnp.asarray(start, v.dtype))


def implicit_jvp(f: Callable, start: float, v: jax.Array) -> jax.Array:
    """The same, by a custom_jvp of one's own: f_y ẏ = −f_v v̇."""

    def rule(v: jax.Array, dv: jax.Array) -> jax.Array:
        y = solve(v)
        return -jax.jvp(lambda v: f(y, v), (v,), (dv,))[1] / jax.grad(f)(y, v)

    solve = jvp_of(lambda v: _unruled(f, start, v), rule)
    return solve(v)


def implicit_vjp(f: Callable, start: float, v: jax.Array) -> jax.Array:
    """The same, by a custom_vjp."""

    @jax.custom_vjp
    def solve(v: jax.Array) -> jax.Array:
        return _unruled(f, start, v)

    def backward(r: tuple, g: jax.Array) -> tuple:
        y, v = r
        return (-g * jax.grad(f, 1)(y, v) / jax.grad(f)(y, v),)

    solve.defvjp(lambda v: (lambda y: (y, (y, v)))(solve(v)), backward)
    return solve(v)


def jaxopt_bisection(f: Callable, start: float, v: jax.Array) -> jax.Array:
    from jaxopt import Bisection

    solver = Bisection(f, 0.5 * start, 2 * start, maxiter=70, tol=1e-15, check_bracket=False)
    return solver.run(None, v).params


def optimistix_newton(f: Callable, start: float, v: jax.Array) -> jax.Array:
    import optimistix

    return optimistix.root_find(f, optimistix.Newton(1e-13, 1e-13), jnp.asarray(start, v.dtype), args=v).value


def optimistix_bisection(f: Callable, start: float, v: jax.Array) -> jax.Array:
    import optimistix

    options = {"lower": 0.5 * start, "upper": 2 * start}
    solver = optimistix.Bisection(1e-14, 1e-14, flip="detect")
    return optimistix.root_find(f, solver, jnp.asarray(start, v.dtype), args=v, options=options).value


SOLVERS = {
    f.__name__: f for f in (root, implicit_jvp, implicit_vjp, jaxopt_bisection, optimistix_newton, optimistix_bisection)
}


def _call(m: Any, s: Any, k: Any) -> Any:
    """A European call's price over the spot's, without rates, at total volatility s."""
    normal = lambda x: (1 + m.erf(x / 2**0.5)) / 2  # noqa: E731
    return normal(s / 2 - m.log(k) / s) - k * normal(-s / 2 - m.log(k) / s)


JAX = SimpleNamespace(sin=jnp.sin, log=jnp.log, exp=jnp.exp, erf=jax.scipy.special.erf)

# f(functions, y, *parameters) = 0, a start near y, the parameters.
EQUATIONS: dict[str, tuple[Callable, float, tuple[float, ...]]] = {
    "cubic": (lambda m, y, a: y**3 + a * y - 2, 1.1, (1.0,)),
    "Kepler": (lambda m, y, t, e: y - e * m.sin(y) - t, 1.0, (0.8, 0.3)),
    "Colebrook": (lambda m, y, s: y + 2 * m.log(s * 1e-4 / 3.7 + 2.51e-5 * y) / m.log(10.0), 7.0, (1.2,)),
    "van der Waals": (lambda m, v, p, t: (p + 3 / v**2) * (3 * v - 1) - 8 * t, 2.5, (0.9, 1.2)),
    "Peng–Robinson": (
        lambda m, z, a, b: z**3 - (1 - b) * z**2 + (a - 3 * b**2 - 2 * b) * z - (a * b - b**2 - b**3),
        0.75,
        (0.3, 0.05),
    ),
    "Lambert": (lambda m, y, x: y * m.exp(y) - x, 0.6, (1.3,)),
    "implied volatility": (lambda m, s, c, k: _call(m, s, k) - c, 0.3, (0.1, 1.05)),
}


def equation(name: str, solver: str, **fields: Any) -> Case:
    """One of the equations, solved in one of the ways."""
    f, start, point = EQUATIONS[name]
    of_jax = lambda y, v: f(JAX, y, *v)  # noqa: E731
    solved = lambda *v: mp.findroot(lambda y: f(mp, y, *v), start)  # noqa: E731
    return Case(f"{name}, {solver}", lambda v: SOLVERS[solver](of_jax, start, v), point, solved, **fields)


def linear_system(solve: Callable) -> Callable[[jax.Array], jax.Array]:
    """The first entry of A(v)⁻¹ b(v), A = [[2 + x², 1 + x y], [1 + x y, 3 + y²]], b = (sin x, y)."""

    def program(v: jax.Array) -> jax.Array:
        matrix = jnp.array([[2.0, 1.0], [1.0, 3.0]], v.dtype) + jnp.outer(v, v)
        return solve(matrix, jnp.stack([jnp.sin(v[0]), v[1]]))[0]

    return program


def mp_linear_system(x: Any, y: Any) -> Any:
    m = [[2 + x * x, 1 + x * y], [1 + x * y, 3 + y * y]]
    return (mp.sin(x) * m[1][1] - y * m[0][1]) / (m[0][0] * m[1][1] - m[0][1] * m[1][0])


def by_custom_linear_solve(matrix: jax.Array, b: jax.Array) -> jax.Array:
    def solve(_: Callable, b: jax.Array) -> jax.Array:
        return jnp.linalg.solve(lax.stop_gradient(matrix), b)

    return lax.custom_linear_solve(lambda x: matrix @ x, b, solve, symmetric=True)


def by_conjugate_gradients(matrix: jax.Array, b: jax.Array) -> jax.Array:
    return jax.scipy.sparse.linalg.cg(lambda x: matrix @ x, b, tol=1e-14)[0]


def by_lineax(solver: str, *tags: str) -> Callable:
    def solve(matrix: jax.Array, b: jax.Array) -> jax.Array:
        import lineax

        operator = lineax.MatrixLinearOperator(matrix, [getattr(lineax, tag) for tag in tags])
        options = (1e-14, 1e-14) if solver == "CG" else ()
        return lineax.linear_solve(operator, b, getattr(lineax, solver)(*options)).value

    return solve


# -- libraries -----------------------------------------------------------------------------------------------------


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


# -- masks ---------------------------------------------------------------------------------------------------------


def pairs(v: jax.Array) -> jax.Array:
    """Σ 1/r⁶ over pairs, the diagonal masked."""
    r = v[:, None] - v[None, :]
    return jnp.where(r > 0, 1 / r**6, 0).sum()


def picked_pairs(v: jax.Array) -> jax.Array:
    """The same, by the indices of a triangle."""
    return (1 / (v[:, None] - v[None, :]) ** 6)[jnp.tril_indices(len(v), -1)].sum()


def plain_pairs(v: jax.Array) -> jax.Array:
    return sum(1 / (v[i] - v[j]) ** 6 for i in range(len(v)) for j in range(i))


def entropy(v: jax.Array) -> jax.Array:
    return -jnp.where(v > 0, v * jnp.log(v), 0).sum()


def mp_entropy(x: Any, y: Any, z: Any) -> Any:
    """Of which y is 0, and masked."""
    return -x * mp.log(x) - z * mp.log(z)


def branch(v: jax.Array) -> jax.Array:
    return lax.cond(v[0] > 0, jnp.log, jnp.exp, v[0]) + jnp.where(v[0] > 1, jnp.sqrt(v[0] - 0.6), 0)


CASES: tuple[Case, ...] = (
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
    # Backward rules by hand.
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
    Case("backward, a solve", linear_system(back_solve), (0.3, 0.5), mp_linear_system),
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
    # Equations.
    *(equation(n, s, quick=n == "cubic") for n in EQUATIONS for s in ("root", "implicit_jvp", "implicit_vjp")),
    *(equation(n, "jaxopt_bisection", order=3) for n in ("cubic", "Kepler", "Peng–Robinson", "implied volatility")),
    *(equation(n, "optimistix_newton", order=3) for n in ("cubic", "Kepler", "Colebrook", "implied volatility")),
    *(equation(n, "optimistix_bisection", order=2) for n in ("cubic", "Lambert")),
    # Linear systems.
    Case("custom_linear_solve", linear_system(by_custom_linear_solve), (0.3, 0.5), mp_linear_system),
    Case("conjugate gradients", linear_system(by_conjugate_gradients), (0.3, 0.5), mp_linear_system, order=3),
    Case("lineax, LU", linear_system(by_lineax("LU")), (0.3, 0.5), mp_linear_system, order=3),
    Case("lineax, QR", linear_system(by_lineax("QR")), (0.3, 0.5), mp_linear_system, order=2),
    Case(
        "lineax, Cholesky",
        linear_system(by_lineax("Cholesky", "positive_semidefinite_tag")),
        (0.3, 0.5),
        mp_linear_system,
        order=3,
    ),
    Case(
        "lineax, CG",
        linear_system(by_lineax("CG", "positive_semidefinite_tag")),
        (0.3, 0.5),
        mp_linear_system,
        order=2,
    ),
    # Libraries.
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
    # Masks.
    Case("masked pairs", pairs, (0.1, 0.9, 1.8), plain_pairs, plain=True, order=3, quick=True),
    Case("picked pairs", picked_pairs, (0.1, 0.9, 1.8), plain_pairs, plain=True, order=3),
    Case("masked entropy", entropy, (0.3, 0.0, 0.6), mp_entropy, order=3),
    Case("masked branch", branch, (0.6,), mp.log, order=3),
)
