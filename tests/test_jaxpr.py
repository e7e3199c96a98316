"""The text and the count of a computation: what JAX traces, named as JAX names it."""

import functools
import re
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from taylorkit.errors import FunctionError
from taylorkit.jaxpr import JaxprDescription, count_equations, derivative, describe_jaxpr

MATRIX = np.arange(6.0, dtype=np.float32).reshape(3, 2)


@pytest.fixture(autouse=True)
def single_precision() -> Iterator[None]:
    """Jaxprs name their dtypes: fix them, whatever the setting of the other tests."""
    with jax.enable_x64(False):
        yield


def f(x: jax.Array) -> jax.Array:
    return x**2 + jnp.exp(x)


def lines(fun: Callable, *example: object) -> list[str]:
    return [str(e) for _, e in describe_jaxpr(fun, *example).walk()]


def test_the_smallest_graph_that_branches_and_joins() -> None:
    d = describe_jaxpr(f)
    assert [str(e) for e in d.equations] == ["b = integer_pow[y=2] a", "c = exp a", "d = add b c"]
    assert (d.inputs, d.constants, d.outputs) == (("a",), (), ("d",))
    assert d.source == "def f(x: jax.Array) -> jax.Array:\n    return x**2 + jnp.exp(x)"
    first = d.equations[0]
    assert (first.number, first.outputs, first.primitive) == (1, ("b",), "integer_pow")
    assert (first.parameters, first.inputs) == ({"y": "2"}, ("a",))


def test_the_text_shows_all_of_it() -> None:
    text = str(describe_jaxpr(f))
    assert text == repr(describe_jaxpr(f))
    places = [
        text.index(part)
        for part in (
            "source:\n  def f(x: jax.Array)",
            "inputs:\n  a: float32[]",
            "constants:\n  none",
            "  1: b = integer_pow[y=2] a\n  2: c = exp a\n  3: d = add b c",
            "output: d",
        )
    ]
    assert places == sorted(places)


def test_the_derivative_takes_more_equations() -> None:
    d = describe_jaxpr(jax.grad(f))
    assert len(d.equations) > 3
    assert d.source.startswith("# transformed from\ndef f(x")


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_names_are_those_that_jax_prints(order: int) -> None:
    fun = derivative(lambda x: (1 - jnp.exp(-x)) / (1 + jnp.exp(-x)), order)
    printed = re.findall(r"^\s+(\w+):f32\[\] = (\w+)", str(jax.make_jaxpr(fun)(1.0)), re.MULTILINE)
    assert printed == [(e.outputs[0], e.primitive) for e in describe_jaxpr(fun).equations]


def test_several_inputs_array_inputs_and_literals() -> None:
    d = describe_jaxpr(lambda x, v: 2.0 * x * v, 1.0, np.ones(3, np.float32))
    assert d.inputs == ("a", "b")
    assert (d.types["a"], d.types["b"]) == ("float32[]", "float32[3]")
    assert str(d.equations[0]) == "c = mul 2.0 a"


def test_trees_as_inputs_are_flattened() -> None:
    assert describe_jaxpr(lambda p: p["w"] * p["b"], {"w": 1.0, "b": 2.0}).inputs == ("a", "b")


def test_closed_over_constants() -> None:
    scale = jnp.array([2.0, 3.0])
    d = describe_jaxpr(lambda v: MATRIX @ (scale * v), np.ones(2, np.float32))
    small, large = sorted(d.constants, key=lambda name: "=" not in d.types[name])
    assert d.types[small] == "float32[2] = [2. 3.]"
    assert d.types[large] == "float32[3,2]"
    assert {small, large} < {name for e in d.equations for name in e.inputs}


def test_constants_of_a_jitted_call_are_the_programs() -> None:
    scale = jnp.array([2.0, 3.0])
    d = describe_jaxpr(jax.jit(lambda x: jax.jit(lambda y: y * scale)(x) + x))
    assert len(d.constants) == 1 and "float32[2]" in str(d)
    assert {"mul", "add"} < {e.primitive for e in d.equations}
    assert any(d.constants[0] in e.inputs for e in d.equations)


def test_unused_inputs_stay_and_unused_values_are_blank() -> None:
    def unused(x: jax.Array, y: jax.Array) -> jax.Array:
        jnp.sin(x)
        return 3 * x

    d = describe_jaxpr(unused)
    assert d.inputs == ("a", "b")
    assert "_ = sin a" in [str(e) for e in d.equations]


def test_outputs_that_are_inputs_literals_or_several() -> None:
    d = describe_jaxpr(lambda x, y: (y, x * y, x * y, 3.0, {"again": y}))
    assert d.outputs == ("b", "c", "d", "3.0", "b")


def test_no_equations_at_all() -> None:
    d = describe_jaxpr(lambda x: x)
    assert (d.equations, d.outputs) == ((), ("a",))
    assert "equations:\n  none\noutput: a" in str(d)
    assert count_equations(lambda x: x) == 0


def test_calls_are_written_out_each_in_its_own_scope() -> None:
    # JAX caches the jaxpr of `twice`, so both calls hold the same variables.
    twice = jax.jit(lambda z: jnp.sin(z) * 2.0)
    assert lines(lambda x: twice(twice(x))) == [
        "b = sin a",
        "c = mul b 2.0",
        "d = sin c",
        "e = mul d 2.0",
    ]


def test_a_call_that_hands_its_input_back() -> None:
    d = describe_jaxpr(lambda x: jax.jit(lambda z: (z, 2.0, z + 1.0))(jnp.sin(x)))
    assert d.outputs == ("b", "2.0", "c")


def loops(x: jax.Array, y: jax.Array) -> jax.Array:
    total, _ = lax.scan(lambda c, _: (jnp.tanh(c) * x, c), y, None, length=3)
    doubled = lax.while_loop(lambda s: s < 10.0, lambda s: s * 2.0, total)
    return lax.cond(x > 0, lambda z: z + 1.0, jax.nn.relu, doubled)


def test_control_flow_is_listed_below_its_equation() -> None:
    d = describe_jaxpr(loops)
    rows = [(within, e.number, e.primitive) for within, e in d.walk()]
    numbers = [number for _, number, _ in rows]
    assert numbers == list(range(1, len(rows) + 1))
    holder = {primitive: number for _, number, primitive in rows}
    inside = {p: w for w, _, p in rows}
    assert inside["tanh"] == holder["scan"]
    assert inside["lt"] == holder["while"]
    assert inside["add"] == holder["cond"]
    assert inside["custom_jvp_call"] == holder["cond"]
    assert inside["max"] == holder["custom_jvp_call"]
    (branches,) = [e.bodies for e in d.equations if e.primitive == "cond"]
    assert [b.name for b in branches] == ["branches[0]", "branches[1]"]
    assert all(len(b.inputs) == len(b.outputs) == 1 for b in branches)


def test_bodies_have_names_of_their_own() -> None:
    d = describe_jaxpr(loops)
    defined = [name for _, e in d.walk() for name in e.outputs if name != "_"]
    bodies = [b for _, e in d.walk() for b in e.bodies]
    everything = [*d.inputs, *defined, *(name for b in bodies for name in b.inputs)]
    assert len(set(everything)) == len(everything)
    assert "jaxpr takes" in str(d) and "branches[1] gives" in str(d)


def test_a_named_rule_stays_visible() -> None:
    relu = describe_jaxpr(jax.nn.relu).equations[0]
    assert relu.primitive == "custom_jvp_call"
    assert [e.primitive for e in relu.bodies[0].equations] == ["max"]


def test_parameters_without_noise() -> None:
    texts = [e.parameters for _, e in describe_jaxpr(loops).walk()]
    assert not {"accuracy", "jaxpr", "branches", "jvp_jaxpr_fun"} & {k for p in texts for k in p}
    assert not {"None", "False"} & {value for p in texts for value in p.values()}
    (cast,) = describe_jaxpr(lambda x: x.astype(int), np.ones(2, np.float32)).equations
    assert cast.parameters == {"new_dtype": "int32"}
    long = describe_jaxpr(lambda v: v.reshape((1,) * 30), np.ones(1, np.float32)).equations[0]
    assert all(len(value) <= 40 for value in long.parameters.values())


def test_no_outputs_at_all() -> None:
    def prints(x: jax.Array) -> None:
        jax.debug.print("{}", x)

    (line,) = lines(prints)
    assert line.startswith("debug_") and "=" not in line.partition("[")[0]


@pytest.mark.parametrize(
    ("fun", "example"),
    [
        (f, ()),
        (loops, ()),
        (jax.grad(jax.nn.relu), ()),
        (jax.jit(f), ()),
        (lambda v: jnp.linalg.norm(MATRIX @ v), (np.ones(2, np.float32),)),
        (jax.vmap(jax.jit(f)), (np.ones(4, np.float32),)),
        (jax.checkpoint(f), ()),
    ],
    ids=["plain", "loops", "relu", "jit", "matrix", "vmap", "checkpoint"],
)
def test_the_count_is_the_number_of_lines(fun: Callable, example: tuple) -> None:
    assert count_equations(fun, *example) == len(lines(fun, *example)) > 0


def test_a_call_counts_as_its_body_and_a_loop_as_one_more() -> None:
    assert count_equations(jax.jit(f)) == count_equations(f) == 3
    scanned = functools.partial(lax.fori_loop, 0, 5, lambda i, c: c * 2.0)
    # The scan, i + 1 and c * 2, however many steps it runs.
    assert count_equations(scanned, 1.0) == 3


def test_derivative_by_every_input_of_scalars_and_vectors() -> None:
    gradient = derivative(lambda x, y: x * y**2, 1)
    assert gradient(2.0, 3.0) == (9.0, 12.0)
    hessian = derivative(lambda v: v @ v, 2, np.ones(3, np.float32))
    np.testing.assert_array_equal(hessian(np.ones(3, np.float32)), 2 * np.eye(3))
    jacobian = derivative(lambda v: 3.0 * v, 1, np.ones(2, np.float32))
    np.testing.assert_array_equal(jacobian(np.ones(2, np.float32)), 3 * np.eye(2))


def test_defaults_keep_their_value() -> None:
    assert lines(lambda x, power=3: x**power) == ["b = integer_pow[y=3] a"]


@pytest.mark.parametrize(
    ("fun", "example", "message"),
    [
        (lambda *xs: xs[0], (), r"takes any number of inputs: give one example of each"),
        (lambda v: v[2], (), r"traced with \(float\[\]\): .* Give one example of each input"),
        (f, (1.0, 2.0), r"f could not be traced with \(float\[\], float\[\]\): TypeError"),
        (lambda x: 1.0 if x > 0 else 0.0, (), r"TracerBoolConversionError"),
        (f, ("text",), r"f could not be traced with \(str\[\]\)"),
        (dict.update, (), r"dict|update"),
    ],
    ids=["variadic", "not-scalar", "too-many", "python-branch", "no-number", "builtin"],
)
def test_what_cannot_be_traced_says_why(fun: Callable, example: tuple, message: str) -> None:
    with pytest.raises(FunctionError, match=message):
        describe_jaxpr(fun, *example)


def test_a_function_without_source_says_so() -> None:
    namespace: dict = {}
    exec("def made(x): return x + 1", namespace)
    assert describe_jaxpr(namespace["made"]).source.startswith("(no source: ")
    assert describe_jaxpr(functools.partial(pow, exp=2), 1.0).source.startswith("(no source: ")


def test_descriptions_cannot_be_changed() -> None:
    d: JaxprDescription = describe_jaxpr(f)
    with pytest.raises(AttributeError):
        d.source = ""  # type: ignore[misc]
