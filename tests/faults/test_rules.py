"""Custom derivative rules mean to every method what they mean to nested transformations of JAX, at every order."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import lineax
import numpy as np
import optimistix
import pytest
from jax import lax
from scipy.special import jv, jvp

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.linearity import is_linear

METHODS = ("nested", "series", "reverse", "auto")
# Some hundreds of operations in double precision, in different orders, of derivatives that grow with the order.
ROUNDING = 1e-11

Function = Callable[..., Any]


def nested(f: Function, point: list[float], order: int) -> np.ndarray:
    """The packed derivatives by k applications of `jacfwd`, the first variable first: (P, *S)."""
    tower, rows = [f], []
    for _ in range(order):
        tower.append(jax.jacfwd(tower[-1]))
    with jax.enable_x64(True):
        x = jnp.array(point)
        shape = jax.eval_shape(f, x).shape
        for k, level in enumerate(tower):
            flat = np.asarray(jax.jit(level)(x)).reshape(*shape, -1)
            rows.append(np.moveaxis(flat[..., multi_index.packed_positions(len(point), k)], -1, 0))
    return np.concatenate(rows)


def require(
    f: Function, point: list[float], expected: np.ndarray, order: int, methods: tuple[str, ...] = METHODS
) -> None:
    """Every method gives the expected derivatives (P, *S)."""
    for method in methods:
        found = tk.derivatives(f, np.array([point]), order, method).packed[..., 0]
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING * scale, err_msg=method)


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


@jax.custom_jvp
def partly(x: Any, y: Any) -> Any:
    return x * y


partly.defjvp(lambda p, t: (partly(*p), p[1] * t[0]))


def readings(v: Any) -> Any:
    x, y = v
    square = jnp.stack([jnp.exp(v), jnp.cos(v)])
    return jnp.stack([partly(x, jnp.sin(x)), partly(x * y, jnp.exp(y)), partly(square, jnp.sin(square.T)).sum()])


def test_fault_R2_an_operand_that_is_only_read() -> None:
    """A rule that is no gradient: of mixed derivatives the one that takes the first variable first."""
    found = tk.derivatives(lambda x: partly(x, jnp.sin(x)), [3.0], 2).packed[:, 0]
    np.testing.assert_allclose(found, [3 * np.sin(3), np.sin(3), np.cos(3)], rtol=ROUNDING)
    require(readings, [0.4, 0.9], nested(readings, [0.4, 0.9], 3), 3)


def looping(v: Any) -> Any:
    x, y = v
    return lax.scan(lambda c, _: (partly(jnp.sin(c), c * y), None), x, None, length=2)[0]


def test_rules_in_a_loop() -> None:
    """JAX's reverse mode drops them there."""
    require(looping, [0.4, 0.9], nested(looping, [0.4, 0.9], 3), 3, ("nested", "series", "auto"))
    with pytest.raises(tk.SpecError, match=r"JAX drops the rule of .*test_rules\.py"):
        tk.derivatives(looping, [[0.4, 0.9]], 2, "reverse")


def test_fault_R26_one_value_at_every_order() -> None:
    """What a lower order says, a higher one says, whichever method `auto` takes for it."""
    low, high = (tk.derivatives(lambda v: readings(v)[1], [[0.4, 0.9]], n).packed for n in (2, 4))
    np.testing.assert_allclose(high[: len(low)], low, rtol=ROUNDING)


def scaled(factor: float, inner: Function | None = None) -> Function:
    """A sine whose rule is `factor` times that of a sine, with an inner function of the same kind for the cosine."""
    slope = inner or jnp.cos

    @jax.custom_jvp
    def wave(x: Any) -> Any:
        return jnp.sin(x)

    wave.defjvp(lambda p, t: (wave(*p), factor * slope(p[0]) * t[0]))
    return wave


def test_fault_W3_factories_of_nested_rules() -> None:
    """Functions that differ in a rule within a rule, or in what a rule closes over, are not one function."""
    pairs = [(scaled(1.0, scaled(1.0)), scaled(1.0, scaled(2.0))), (scaled(1.0), scaled(3.0))]
    three = [scaled(1.0, scaled(1.0, scaled(a))) for a in (2.0, 4.0)]
    table = [scaled(1.0, lambda x, a=a: x * a) for a in (np.array(2.0), np.array(5.0))]

    def f(x: Any) -> Any:
        return jnp.stack([a(x) - b(x) for a, b in (*pairs, three, table)])

    expected = nested(lambda v: f(v[0]), [0.3], 4)
    assert np.abs(expected[2:]).max(axis=0).min() > 0.1  # that they differ shows
    for method in METHODS:
        found = tk.derivatives(f, [0.3], 4, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING, err_msg=method)


def bessel(n: int) -> Function:
    """J_n by SciPy, a new function at each call."""

    @jax.custom_jvp
    def function(x: Any) -> Any:
        out = jax.ShapeDtypeStruct(x.shape, x.dtype)
        return jax.pure_callback(lambda v: jv(n, v).astype(v.dtype), out, x, vmap_method="expand_dims")

    function.defjvp(lambda p, t: (function(*p), (bessel(n - 1)(p[0]) - bessel(n + 1)(p[0])) / 2 * t[0]))
    return function


def test_fault_W4_callbacks() -> None:
    """J₀ + 10 J₁ and the like: what a callback calls tells it from another."""
    weights = np.array([[1.0, 10.0, 0.0], [0.0, 1.0, -3.0], [2.0, 0.0, 1.0]])

    def f(x: Any) -> Any:
        return jnp.asarray(weights) @ jnp.stack([bessel(n)(x) for n in range(3)])

    expected = np.array([weights @ [jvp(n, 0.5, k) for n in range(3)] for k in range(4)])
    for method in METHODS:
        found = tk.derivatives(f, [0.5], 3, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, err_msg=method)


@jax.custom_jvp
def divided(a: Any, b: Any) -> Any:
    return b / a


@divided.defjvp
def _divided_jvp(primals: Any, tangents: Any) -> Any:
    x = divided(*primals)
    return x, divided(primals[0], tangents[1] - tangents[0] * x)


def cramer(a: Any, b: Any) -> Any:
    inverse = jnp.stack([a[1, 1], -a[0, 1], -a[1, 0], a[0, 0]]).reshape(2, 2)
    return inverse @ b / (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])


solved = jax.custom_jvp(cramer)


@solved.defjvp
def _solved_jvp(primals: Any, tangents: Any) -> Any:
    x = solved(*primals)
    return x, solved(primals[0], tangents[1] - tangents[0] @ x)


@jax.custom_jvp
def grown(s: Any, x: Any) -> Any:
    return jnp.exp(s) * x


grown.defjvp(lambda p, t: (grown(*p), grown(p[0], t[1]) + t[0] * grown(*p)))


@jax.custom_jvp
def triple(a: Any, b: Any, c: Any) -> Any:
    return a * b * c


@triple.defjvp
def _triple_jvp(p: Any, t: Any) -> Any:
    return triple(*p), triple(t[0], p[1], p[2]) + triple(p[0], t[1], p[2]) + triple(p[0], p[1], t[2])


def test_fault_R24_a_rule_that_calls_its_function_on_the_direction() -> None:
    def matrix(v: Any) -> Any:
        return jnp.array([[2.0, 1.0], [0.0, 3.0]]) + jnp.outer(v, v)

    def f(v: Any, divide: Any = divided, solve: Any = solved, grow: Any = grown, times: Any = triple) -> Any:
        x, y = v
        return jnp.stack([
            divide(jnp.exp(x + y**2), jnp.sin(x * y)), solve(matrix(v), jnp.sin(v))[0],
            grow(x * y, y), times(x, y, x + y),
        ])  # fmt: skip

    def plain(v: Any) -> Any:
        return f(v, lambda a, b: b / a, cramer, lambda s, x: jnp.exp(s) * x, lambda a, b, c: a * b * c)

    require(f, [0.5, 0.3], nested(plain, [0.5, 0.3], 2), 2, ("nested", "series", "auto"))
    with pytest.raises(tk.SpecError, match=r"JAX drops the rule of a function that the rule of divided at .* calls"):
        tk.derivatives(f, [[0.5, 0.3]], 2, "reverse")
    found = tk.derivatives(lambda x: divided(jnp.exp(x), grown(x, x)), [0.5], 5, "series").packed[:, 0]
    np.testing.assert_allclose(found, [0.5, 1, 0, 0, 0, 0], rtol=ROUNDING, atol=ROUNDING)


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


def test_what_a_rule_cannot_see_is_refused() -> None:
    def f(x: Any) -> Any:
        @jax.custom_jvp
        def shifted(y: Any) -> Any:
            return y + x

        shifted.defjvp(lambda p, t: (p[0], t[0]))
        return shifted(2.0 * x)

    with pytest.raises(tk.FunctionError, match="closes over a value that depends on the variables"):
        tk.derivatives(f, [0.5], 2, "series")


def backward(body: Function, slope: Function, own: bool) -> Function:
    """A custom_vjp function; its forward rule calls it, or hands on what the body found."""

    @jax.custom_vjp
    def function(x: Any) -> Any:
        return body(x)

    function.defvjp(lambda x: (function(x) if own else body(x), x), lambda x, g: (g * slope(x),))
    return function


TABLE = np.sin(np.linspace(0.0, 3.0, 3001))


def looked_up(x: Any) -> Any:
    return jnp.asarray(TABLE, x.dtype)[(x * 1000).astype(int)]


@jax.custom_vjp
def bisected(a: Any) -> Any:
    """The root of x³ + a x = 2 by bisection, which has no derivative; the rule reads it."""

    def halve(_: int, ends: Any) -> Any:
        low, high = ends
        middle = (low + high) / 2
        below = middle**3 + a * middle < 2
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    return lax.fori_loop(0, 60, halve, (jnp.zeros_like(a), 2 * jnp.ones_like(a)))[0]


def _bisected_forward(a: Any) -> Any:
    x = bisected(a)
    return x, (x, a)


bisected.defvjp(_bisected_forward, lambda held, g: (-g * held[0] / (3 * held[0] ** 2 + held[1]),))


def test_fault_R4_a_body_without_derivatives() -> None:
    """A custom_vjp rule of a body that stops gradients, looks up a table or bisects is its derivative, to every order,
    also where its forward rule hands on what the body found."""
    stopped = [backward(lambda x: lax.stop_gradient(jnp.sin(x)), jnp.cos, own) for own in (True, False)]
    table = backward(looked_up, jnp.cos, False)

    def f(x: Any) -> Any:
        return jnp.stack([x * stopped[0](x), x * stopped[1](x), x * table(x), bisected(x + 0.2)])

    sine = [0.8 * np.sin(0.8), np.sin(0.8) + 0.8 * np.cos(0.8), 0.81952854597, -2.70943364018]
    expected = np.stack([sine, sine, sine, [1, -0.25, 0.03125, 0.03515625]], axis=1)
    for method in METHODS:
        found = tk.derivatives(f, [0.8], 3, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=ROUNDING, err_msg=method)


def identity(rule: Function) -> Function:
    """A custom_vjp identity with this rule (x, cotangent) ↦ cotangent."""

    @jax.custom_vjp
    def function(x: Any) -> Any:
        return x

    function.defvjp(lambda x: (x, x), lambda x, g: (rule(x, g),))
    return function


def by_turns(x: Any, g: Any) -> Any:
    """A loop whose carry begins at the cotangent, and grows by what does not depend on it."""
    return lax.fori_loop(0, 3, lambda i, c: c + x, g)


# Rules that are not linear, and what each makes of f′ = −1.82.
NOT_LINEAR: dict[str, tuple[Function, float]] = {
    "g + 1": (lambda x, g: g + 1, -0.82),
    "g + sign(x) / 10": (lambda x, g: g + 0.1 * jnp.sign(x), -1.72),
    "sign": (lambda x, g: jnp.sign(g), -1.0),
    "round": (lambda x, g: jnp.round(4 * g) / 4, -1.75),
    "stopped clip": (lambda x, g: lax.stop_gradient(jnp.clip(g, -0.5, 0.5)), -0.5),
    "constant": (lambda x, g: jnp.ones_like(g), 1.0),
    "half precision": (lambda x, g: g.astype(jnp.float16).astype(g.dtype), float(np.float16(-1.82))),
    "whole numbers": (lambda x, g: g.astype(int).astype(g.dtype), -1.0),
    "reduced": (lambda x, g: lax.reduce_precision(g, 8, 2), -1.75),
    "put beside": (lambda x, g: jnp.stack([g, x]).sum(), -1.12),
    "chosen": (lambda x, g: jnp.where(x > 1, g, x), 0.7),
    "jit": (lambda x, g: jax.jit(lambda c: c + 1)(g), -0.82),
    "branches": (lambda x, g: lax.cond(x > 0, lambda c: c + 1, lambda c: c, g), -0.82),
    "loop": (by_turns, -1.82 + 2.1),
    "square": (lambda x, g: g * g, 1.82**2),
}


@pytest.mark.parametrize("name", NOT_LINEAR)
def test_fault_R4_backward_rules_that_are_not_linear(name: str) -> None:
    """Methods that begin in reverse mode give what JAX's reverse mode gives; series says that it does not serve."""
    rule, slope = NOT_LINEAR[name]
    held = identity(rule)

    def f(x: Any) -> Any:
        return -1.3 * held(x) ** 2

    with jax.enable_x64(True):
        assert float(jax.grad(f)(0.7)) == pytest.approx(slope, rel=1e-14)
    for method in ("nested", "reverse", "auto"):
        found = tk.derivatives(f, [0.7], 1, method).packed[:, 0]
        np.testing.assert_allclose(found, [-0.637, slope], rtol=1e-14, err_msg=method)
    with pytest.raises(tk.SpecError, match=r"'series' does not serve the custom_vjp function.*not linear"):
        tk.derivatives(f, [0.7], 1, "series")


# Rules that are linear, with zeros that JAX or their author wrote.
LINEAR: dict[str, Function] = {
    "factors": lambda x, g: 0.5 * g * (1 + x),
    "zeros": lambda x, g: jnp.zeros_like(g),
    "sum with zeros": lambda x, g: g + jnp.zeros((2, 1)).reshape(2).astype(g.dtype)[0] * x,
    "mask": lambda x, g: jnp.where(x > 0, g, 0.0),
    "put into zeros": lambda x, g: jnp.zeros(3).at[1].set(g).at[2].add(2 * g) @ jnp.arange(3.0),
    "product of arrays": lambda x, g: (jnp.full((2, 2), x).T @ jnp.stack([g, 2 * g])).sum(),
    "linear solve": lambda x, g: jnp.linalg.solve(jnp.eye(2) * (1 + x), jnp.stack([g, g]))[1],
    "padded": lambda x, g: jnp.pad(jnp.cumsum(jnp.stack([g, x * g])), 1).sum(),
}


@pytest.mark.parametrize("name", LINEAR)
def test_backward_rules_that_are_linear(name: str) -> None:
    """They have a forward mode: series serves them, with the derivatives of reverse mode."""
    held = identity(LINEAR[name])

    def f(x: Any) -> Any:
        return -1.3 * held(x) ** 2

    with jax.enable_x64(True):
        expected = [float(f(0.7)), float(jax.grad(f)(0.7))]
    for method in METHODS:
        found = tk.derivatives(f, [0.7], 1, method).packed[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-13, err_msg=method)


# Programs with branches and loops that are linear in g, and others.
LOOPS: dict[str, tuple[Function, bool]] = {
    "branches": (lambda g: lax.cond(jnp.arange(3)[1] > 0, lambda c: 2 * c, jnp.zeros_like, g), True),
    "one branch of a number": (lambda g: lax.cond(jnp.arange(3)[1] > 0, lambda c: 2 * c, jnp.ones_like, g), False),
    "a branch chosen by g": (lambda g: lax.cond(g > 0, lambda c: 2 * c, lambda c: c, g), False),
    "from zero": (lambda g: lax.fori_loop(0, 3, lambda i, c: i * c + g, jnp.zeros_like(g)), True),
    "from one": (lambda g: lax.fori_loop(0, 3, lambda i, c: i * c + g, jnp.ones_like(g)), False),
    "carried around": (lambda g: lax.scan(lambda c, i: ((c[1], c[0] * i), c[0]), (g, 1.0), jnp.ones(2))[1], False),
    "while": (lambda g: lax.while_loop(lambda c: c[0] < 9, lambda c: (2 * c[0], c[1] / 3), (1, g))[1], True),
    "while g": (lambda g: lax.while_loop(lambda c: c < 9, lambda c: 2 * c, g), False),
}


@pytest.mark.parametrize("name", LOOPS)
def test_linear_through_branches_and_loops(name: str) -> None:
    function, linear = LOOPS[name]
    assert is_linear(jax.make_jaxpr(function)(1.0)) == linear


def test_what_moves_by_a_rule_alone() -> None:
    """A rule of a body that steps: its changes are seen, and no jump of the body's."""

    @jax.custom_jvp
    def rounded(x: Any) -> Any:
        return jnp.round(x)

    rounded.defjvp(lambda p, t: (rounded(*p), t[0]))
    report = tk.preflight(lambda x: jnp.abs(rounded(x)), 0.5, 2)
    assert any("abs" in said for said in report.non_smooth)
    np.testing.assert_array_equal(tk.derivatives(lambda x: rounded(x) ** 2, [1.25], 2).packed[:, 0], [1, 2, 2])
