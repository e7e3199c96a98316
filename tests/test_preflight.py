"""What one trace tells: method, cost, what is not smooth, and which line has no derivative."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.functions import TABLE
from taylorkit.inspection import require_differentiable
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


def test_order_0_needs_no_rule() -> None:
    def mapped(x: jax.Array) -> jax.Array:
        return jax.pure_callback(np.sin, jax.ShapeDtypeStruct((), x.dtype), x, vmap_method="expand_dims")

    report = tk.preflight(mapped, 0.5, 0)
    assert report.unsupported == [] and report.method is not None
    np.testing.assert_allclose(tk.derivatives(mapped, [0.5], 0).packed, [[np.sin(0.5)]])


@pytest.mark.parametrize(("order", "reason"), [(0, "vmap is only supported"), (2, "do not support JVP")])
def test_derivatives_refuses_it_too(order: int, reason: str) -> None:
    message = rf"could not be compiled at order {order} by method 'nested'.*{reason}.*taylorkit\.preflight names"
    with pytest.raises(tk.FunctionError, match=message):
        tk.derivatives(measured, [0.5], order)


def test_a_run_refuses_it() -> None:
    message = rf"measured cannot be differentiated: pure_callback at .*:{CALLBACK_LINE}.*jax\.custom_jvp"
    with pytest.raises(tk.FunctionError, match=message):
        require_differentiable(trace(measured, "scalar", 1, np.dtype(float)), 2, "measured")
    require_differentiable(trace(jnp.sin, "scalar", 1, np.dtype(float)), 2, "sin")


def test_a_custom_rule_makes_it_differentiable() -> None:
    ruled = jax.custom_jvp(measured)
    ruled.defjvp(lambda primals, tangents: (ruled(*primals), jnp.cos(primals[0]) * tangents[0]))
    assert tk.preflight(ruled, 0.5, 2).unsupported == []


def test_non_smooth() -> None:
    assert tk.preflight(TABLE["kinked"].function, 0.5, 2).non_smooth == ["abs"]
    assert tk.preflight(jnp.sin, 0.5, 2).non_smooth == []


@pytest.mark.parametrize(
    ("name", "example", "order", "method"),
    [("tanh_half", 0.5, 6, "series"), ("tanh_half", 0.5, 2, "nested"), ("two_variable", (0.5, 0.25), 3, "nested")],
)
def test_says_what_derivatives_will_do(name: str, example: object, order: int, method: str) -> None:
    report = tk.preflight(TABLE[name].function, example, order)
    points = tuple(np.array([e]) for e in example) if isinstance(example, tuple) else [example]
    d = tk.derivatives(TABLE[name].function, points, order)
    assert report.method == d.method and report.method.name == method
    assert report.terms == len(d.packed) and report.bytes == d.packed.nbytes
    assert report.variables == len(np.atleast_1d(example)) and report.order == order
    assert report.flops > 0


def test_shape_and_primitives() -> None:
    report = tk.preflight(lambda v: jnp.outer(jnp.sin(v), v), np.float32([1.0, 2.0]), 1)
    assert report.shape == (2, 2) and report.terms == 3 and report.bytes == 3 * 4 * 4
    assert report.primitives["sin"] == 1


def test_can_be_read() -> None:
    def scaled(x: jax.Array, y: jax.Array) -> jax.Array:
        return jnp.abs(x) * y * y

    lines = dict(line.split(":", 1) for line in str(tk.preflight(scaled, (1.0, 2.0), 2)).splitlines())
    said = {name: text.strip() for name, text in lines.items()}
    assert said["function"] == "scaled" and said["variables"] == "2" and said["output"] == "a scalar"
    assert said["order"] == "2: 6 derivatives a point, 48 bytes"
    assert "mul (2)" in said["primitives"] and said["not smooth"] == "abs" and said["unsupported"] == "none"
    assert said["method"].startswith("nested on xla, cpu, tiles of ")
    refused = str(tk.preflight(measured, 0.5, 2))
    assert "unsupported: pure_callback at " in refused and "method:      none" in refused


def test_mistakes_are_those_of_derivatives() -> None:
    with pytest.raises(tk.SpecError, match="order = -1: must be a whole number"):
        tk.preflight(jnp.sin, 0.5, -1)
    with pytest.raises(tk.FunctionError, match="could not be traced with 2 scalars"):
        tk.preflight(jnp.sin, (0.5, 0.5), 1)
    with pytest.raises(tk.SpecError, match="method = 'series' does not serve 2 variables"):
        tk.preflight(lambda x, y: x * y, (0.5, 0.5), 1, "series")
    with pytest.raises(tk.SpecError, match=r"center: shape \(1, 2\)"):
        tk.preflight(jnp.sin, np.ones((1, 2)), 1)
