"""Solutions of equations and of linear systems, by rules made by hand and by those of libraries."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
from jax import lax

from tests.faults.program_case import Case
from tests.faults.programs_backward import back_solve, newton
from tests.faults.programs_forward import jvp_of


def root(f: Callable, start: float, v: jax.Array) -> jax.Array:
    """y with f(y, v) = 0, by lax.custom_root."""
    return lax.custom_root(lambda y: f(y, v), jnp.asarray(start, v.dtype), newton, lambda g, y: y / g(jnp.ones_like(y)))


def _unruled(f: Callable, start: float, v: jax.Array) -> jax.Array:
    fixed = lax.stop_gradient(v)
    return newton(lambda y: f(y, fixed), jnp.asarray(start, v.dtype))


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


SOLVED: tuple[Case, ...] = (
    # Equations.
    *(equation(n, s, quick=n == "cubic") for n in EQUATIONS for s in ("root", "implicit_jvp", "implicit_vjp")),
    *(equation(n, "jaxopt_bisection", order=3) for n in ("cubic", "Kepler", "Peng–Robinson", "implied volatility")),
    *(equation(n, "optimistix_newton", order=3) for n in ("cubic", "Kepler", "Colebrook", "implied volatility")),
    *(equation(n, "optimistix_bisection", order=2) for n in ("cubic", "Lambert")),
    # Linear systems.
    Case("backward, a solve", linear_system(back_solve), (0.3, 0.5), mp_linear_system),
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
)
