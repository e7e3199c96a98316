"""What one trace tells: method, cost, what is not smooth, and which line has no derivative."""

from collections.abc import Callable
from math import comb
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.scipy import special

import taylorkit as tk
from taylorkit.differentiation.methods import METHODS, reason
from taylorkit.functions import TABLE
from taylorkit.inspection import require_differentiable
from taylorkit.inspection.operations import OPERATIONS as COUNTED
from taylorkit.inspection.operations import predicted
from taylorkit.trace import trace


def measured(x: jax.Array) -> jax.Array:
    return jax.pure_callback(np.sin, jax.ShapeDtypeStruct((), x.dtype), x)  # the line to name


def around_it(x: jax.Array) -> jax.Array:
    """The same among things that do have rules, though not all of their operands are floats."""
    table = jnp.where(x > 0, x, 2 * x) * jnp.arange(3.0)
    return measured(table[jnp.int32(x)]) + jnp.sort(table)[1]


CALLBACK_LINE = measured.__code__.co_firstlineno + 1


@pytest.mark.parametrize("f", [measured, around_it, jax.jit(measured), lambda x: lax.cond(x > 0, measured, jnp.sin, x)])
def test_names_the_primitive_and_the_line_without_a_rule(f: object) -> None:
    report = tk.preflight(f, 0.5, 2)
    assert len(report.unsupported) == 1
    assert report.unsupported[0].startswith("pure_callback at ")
    assert f"{Path(__file__).name}:{CALLBACK_LINE}" in report.unsupported[0]
    assert report.method is None


def mapped(x: jax.Array) -> jax.Array:
    return jax.pure_callback(np.sin, jax.ShapeDtypeStruct((), x.dtype), x, vmap_method="expand_dims")


def test_order_0_needs_no_rule() -> None:
    report = tk.preflight(mapped, 0.5, 0)
    assert report.unsupported == [] and report.method is not None
    np.testing.assert_allclose(tk.derivatives(mapped, [0.5], 0).packed, [[np.sin(0.5)]])


def test_what_cannot_be_mapped_over_points_is_refused() -> None:
    (refused,) = tk.preflight(measured, 0.5, 0).unsupported
    assert refused.startswith("pure_callback at ") and f":{CALLBACK_LINE}" in refused


@pytest.mark.parametrize("order", [0, 2])
def test_derivatives_refuses_it_too(order: int) -> None:
    where = rf"pure_callback at .*{Path(__file__).name}:{CALLBACK_LINE}"
    message = rf"could not be compiled at order {order} by method '\w+'.*vmap is only supported.*{where}.*custom_jvp"
    with pytest.raises(tk.FunctionError, match=message):
        tk.derivatives(measured, [0.5], order)


def test_a_run_refuses_it() -> None:
    message = rf"measured cannot be differentiated: pure_callback at .*:{CALLBACK_LINE}.*jax\.custom_jvp"
    with pytest.raises(tk.FunctionError, match=message):
        require_differentiable(trace(measured, "scalar", 1, np.dtype(float)), 2, "measured")
    require_differentiable(trace(jnp.sin, "scalar", 1, np.dtype(float)), 2, "sin")


def ruled(f: Callable) -> Callable:
    """f with a derivative rule."""
    with_rule = jax.custom_jvp(f)
    with_rule.defjvp(lambda primals, tangents: (with_rule(*primals), jnp.cos(primals[0]) * tangents[0]))
    return with_rule


def test_a_custom_rule_makes_it_differentiable() -> None:
    assert tk.preflight(ruled(mapped), 0.5, 2).unsupported == []
    np.testing.assert_allclose(tk.derivatives(ruled(mapped), [0.5], 2).packed[2], [-np.sin(0.5)])


def test_a_custom_rule_does_not_make_it_mappable() -> None:
    assert f":{CALLBACK_LINE}" in tk.preflight(ruled(measured), 0.5, 2).unsupported[0]


@jax.custom_vjp
def backwards(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


backwards.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (g * jnp.cos(x),))


def halved(x: jax.Array) -> jax.Array:
    return lax.while_loop(lambda c: c > 1, lambda c: c / 2, x)


def root(x: jax.Array) -> jax.Array:
    def solve(g: Callable, start: jax.Array) -> jax.Array:
        return lax.fori_loop(0, 20, lambda i, y: y - g(y) / (2 * y), start)

    return lax.custom_root(lambda y: y**2 - x, 1.0, solve, lambda g, y: y / g(1.0))


def printing(x: jax.Array) -> jax.Array:
    jax.debug.print("{}", x)
    return jnp.sin(x)


WORKING: dict[str, Callable] = {
    "while": halved,
    "custom_vjp": backwards,
    "custom_root": root,
    "custom_linear_solve": lambda x: lax.custom_linear_solve(lambda b: (2 + x) * b, x, lambda m, b: b / (2 + x)),
    "debug print": printing,
    "integers": lambda x: x * jnp.argsort(jnp.stack([x, -x]))[0] + jnp.floor(x),
    "random": lambda x: x * jax.random.normal(jax.random.key(0)),
    "no derivative": lambda x: jnp.round(x),
}


@pytest.mark.parametrize("name", WORKING)
@pytest.mark.parametrize("order", [0, 1, 3])
def test_what_works_is_not_refused(name: str, order: int) -> None:
    report = tk.preflight(WORKING[name], 2.5, order)
    assert report.unsupported == []
    assert np.isfinite(tk.derivatives(WORKING[name], [2.5], order).packed).all()


def test_what_is_printed_on_the_way_is_taken_out(capfd: pytest.CaptureFixture) -> None:
    def inside(x: jax.Array) -> jax.Array:
        return lax.cond(x > 0, printing, jnp.cos, lax.fori_loop(0, 3, lambda i, c: printing(c), x))

    for f in (printing, inside, jax.jit(jax.checkpoint(printing))):
        for method in ("nested", "series"):
            d = tk.derivatives(f, [0.5, 0.6], 2, method)
        assert not any("debug" in name for name in tk.preflight(f, 0.5, 2).primitives)
    np.testing.assert_allclose(d.packed[1], np.cos([0.5, 0.6]), rtol=1e-15)
    assert capfd.readouterr().out == ""


@jax.custom_vjp
def clipped(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


clipped.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (jnp.clip(g, -1, 1) * jnp.cos(x),))


def test_says_which_method_would_do() -> None:
    line = rf"'series' does not serve the custom_vjp function clipped at .*{Path(__file__).name}:\d+.* not linear"
    with pytest.raises(tk.SpecError, match=line):
        tk.preflight(clipped, 2.5, 1, "series")
    report = tk.preflight(clipped, 2.5, 1)
    assert report.method.name == "reverse" and report.unsupported == []
    assert "is not linear in its cotangents: reverse mode alone serves it" in report.reason
    with pytest.raises(tk.SpecError, match="'nested' does not serve a while together with a custom_vjp function"):
        tk.preflight(lambda x: clipped(halved(x)), 2.5, 1, "nested")


def test_non_smooth() -> None:
    assert tk.preflight(TABLE["kinked"].function, 0.5, 2).non_smooth == ["abs"]
    assert tk.preflight(jnp.sin, 0.5, 2).non_smooth == []


@pytest.mark.parametrize("method", ["auto", "nested", "series", "reverse"])
@pytest.mark.parametrize(("name", "example"), [("tanh_half", 0.5), ("two_variable", (0.5, 0.25))])
def test_says_what_derivatives_will_do(name: str, example: object, method: str) -> None:
    report = tk.preflight(TABLE[name].function, example, 3, method)
    points = tuple(np.array([e]) for e in example) if isinstance(example, tuple) else [example]
    d = tk.derivatives(TABLE[name].function, points, 3, method)
    assert report.method == d.method and d.method.name == (method if method != "auto" else d.method.name)
    assert report.terms == len(d.packed) and report.bytes == d.packed.nbytes
    assert report.variables == len(np.atleast_1d(example)) and report.order == 3
    assert report.flops > 0 and report.operations > report.terms


def test_says_why() -> None:
    asked = tk.preflight(jnp.sin, 0.5, 3, "series").reason
    assert asked.startswith("it was asked for") and "nested " in asked and "reverse " in asked
    chosen = tk.preflight(jnp.sin, 0.5, 3)
    assert chosen.reason.startswith(reason("auto", trace(jnp.sin, "scalar", 1, np.dtype("float64")), 3, "cpu"))
    assert "single numbers" in tk.preflight(jnp.sin, 0.5, 3, "series").reason
    assert "whole arrays" in tk.preflight(lambda v: jnp.sum(jnp.sin(v)), np.ones(100), 1, "series").reason


def test_which_rule_serves_what() -> None:
    def f(x: jax.Array) -> jax.Array:
        inner = jax.jit(lambda y: jnp.floor(y) + lax.lgamma(y))
        return jnp.tan(x) * jnp.sum(jnp.ones((2, 2)) @ jnp.stack([x, inner(x)])) + lax.cond(x > 0, jnp.sin, jnp.cos, x)

    rules = tk.preflight(f, 0.5, 3).rules
    assert rules["tan"] == rules["sin"] == "recurrence" and rules["lgamma"] == "from its JVP"
    assert rules["floor"] == rules["gt"] == "step" and rules["dot_general"] == "bilinear"
    assert rules["reduce_sum"] == "linear" and rules["squeeze"] == "moves entries"
    assert rules["jit"] == "inlined" and rules["cond"] == "own rule"
    assert tk.preflight(measured, 0.5, 2).rules["pure_callback"] == "none"


def test_a_loop_that_data_stop_may_be_late() -> None:
    (late,) = tk.preflight(halved, 2.5, 2).warnings
    assert late.startswith("while at ") and f"{Path(__file__).name}:" in late and "late" in late

    def counted(x: jax.Array) -> jax.Array:
        return lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * x), (0, x))[1]

    def flagged(x: jax.Array) -> jax.Array:
        return lax.while_loop(lambda s: s[0], lambda s: (s[1] > 1, s[1] / 2), (True, x))[1]

    assert tk.preflight(counted, 2.5, 2).warnings == []
    # It holds such a loop, but its derivative rule does not.
    assert tk.preflight(special.expi, 2.5, 2).warnings == []
    assert len(tk.preflight(flagged, 2.5, 2).warnings) == 1


OPERATIONS: dict[str, tuple[Callable, int, float]] = {
    "a recurrence": (jnp.exp, 1, 2 * comb(4 + 2, 4)),
    "a product": (lambda v: jnp.sin(v[0]) * jnp.cos(v[1]), 2, 3 * 2 * comb(4 + 4, 4)),
    "linear": (lambda v: v[0] + v[1], 2, comb(4 + 2, 4)),
    "times a constant": (lambda x: 3.0 * x, 1, 5),
    "a step": (jnp.floor, 1, 1),
    "a matrix": (lambda v: jnp.asarray(np.ones((7, 3)), v.dtype) @ v, 3, 2 * 7 * 3 * comb(4 + 3, 4)),
    "a product of matrices": (lambda v: jnp.outer(v, v) @ v, 3, 2 * 3 * 3 * comb(4 + 6, 4) + 2 * 9 * comb(4 + 6, 4)),
    "a convolution": (lambda v: jnp.convolve(v, jnp.ones(2, v.dtype), "valid"), 3, 2 * 2 * 2 * comb(4 + 3, 4)),
    "a loop": (lambda x: lax.fori_loop(0, 7, lambda i, c: c * x, x), 1, 7 * 2 * comb(4 + 2, 4) + 7),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_of_series(name: str) -> None:
    f, variables, expected = OPERATIONS[name]
    traced = trace(f, "scalar" if variables == 1 else "vector", variables, np.dtype("float64"))
    assert predicted(traced, 4, "series") == expected


def test_operations_of_every_method() -> None:
    traced = trace(lambda v: jnp.sin(v[0]) * v[1], "vector", 2, np.dtype("float64"))
    assert METHODS.keys() == COUNTED.keys()
    own = predicted(traced, 0, "series")
    assert predicted(traced, 0, "nested") == predicted(traced, 0, "reverse") == own
    assert predicted(traced, 3, "nested") == own * 4 * 5**2
    several = trace(lambda v: jnp.stack([jnp.sin(v[0]), v[1] * v[0]]), "vector", 2, np.dtype("float64"))
    assert predicted(several, 3, "nested") == predicted(several, 0, "series") * 5**3
    assert predicted(traced, 2, "reverse") < predicted(traced, 3, "reverse")


def test_shape_and_primitives() -> None:
    report = tk.preflight(lambda v: jnp.outer(jnp.sin(v), v), np.float32([1.0, 2.0]), 1)
    assert report.shape == (2, 2) and report.terms == 3 and report.bytes == 3 * 4 * 4
    assert report.primitives["sin"] == 1


def test_can_be_read() -> None:
    def scaled(x: jax.Array, y: jax.Array) -> jax.Array:
        return jnp.maximum(x, 1.0) * y * y

    lines = dict(line.split(":", 1) for line in str(tk.preflight(scaled, (1.0, 2.0), 2, "series")).splitlines())
    said = {name: text.strip() for name, text in lines.items()}
    assert said["function"] == "scaled" and said["variables"] == "2" and said["output"] == "a scalar"
    assert said["order"] == "2: 6 derivatives a point, 48 bytes"
    assert "recurrence: max, mul (2)" in said["primitives"] and "moves entries: slice (2)" in said["primitives"]
    assert said["not smooth"] == "max" and said["unsupported"] == said["warnings"] == "none"
    assert said["method"].startswith(("series on llvm-", "series on xla, cpu, tiles of "))
    assert said["because"].startswith("it was asked for; f taken apart into single numbers; operations of the others: ")
    assert said["operations"] == f"about {6 + 2 * 2 * comb(4 + 2, 2)} a point; f itself 3"
    refused = str(tk.preflight(measured, 0.5, 2))
    assert "unsupported: pure_callback at " in refused and "method:      none" in refused
    assert "none: pure_callback" in refused


def test_mistakes_are_those_of_derivatives() -> None:
    with pytest.raises(tk.SpecError, match="order = -1: must be a whole number"):
        tk.preflight(jnp.sin, 0.5, -1)
    with pytest.raises(tk.FunctionError, match="could not be traced with 2 scalars"):
        tk.preflight(jnp.sin, (0.5, 0.5), 1)
    with pytest.raises(tk.SpecError, match="method = 'reverse' does not serve a function without reverse mode"):
        tk.preflight(halved, 0.5, 1, "reverse")
    with pytest.raises(tk.SpecError, match=r"center: shape \(1, 2\)"):
        tk.preflight(jnp.sin, np.ones((1, 2)), 1)


@pytest.mark.parametrize("around", [False, True])
def test_callbacks_get_double_precision_and_leave_no_setting_behind(around: bool) -> None:
    """Inside and outside a scope of the caller's; XLA calls back from a thread of its own."""
    points = np.linspace(0, 1, 50)
    with jax.enable_x64(around):
        values = tk.derivatives(mapped, points, 0).packed[0]
    np.testing.assert_allclose(values, np.sin(points), rtol=1e-15)
    assert jnp.ones(1).dtype == np.float32
