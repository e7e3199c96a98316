"""Rules that differ in nothing but a static argument, or in whose code it is, are told apart."""

from collections import namedtuple
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit import custom_rules
from taylorkit.rewriting import equations
from taylorkit.series.ingredients import is_jax_own
from taylorkit.trace import Traced, trace
from tests.faults.by_nested import ROUNDING, Function, nested, require
from tests.faults.edits import mark


@dataclass(frozen=True)
class Frozen:
    a: float


@dataclass(frozen=True)
class Hidden:
    """Two of it are equal, whatever they hold."""

    a: float = field(compare=False)


class Alike(SimpleNamespace):
    """All of it are equal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike)

    def __hash__(self) -> int:
        return 1


class Factor:
    def __init__(self, a: float):
        self.a = a

    def __call__(self, x: Any) -> Any:
        return self.a * x


class Number(float):
    """A number that carries another."""

    a: float


def number(a: float) -> Number:
    made = Number(1.0)
    made.a = a
    return made


One, Three = namedtuple("One", "a"), namedtuple("Three", "a")


def attributed(a: float) -> Function:
    """A function with an attribute, that holds itself."""

    def scale(x: Any) -> Any:
        return scale.factor * x

    scale.factor = a  # type: ignore[attr-defined]
    return scale


def masked(a: float) -> Any:
    return np.ma.masked_array([1.0, 3.0], [a != 1, a != 3])


# What makes a static argument of a number, and what reads it again.
KINDS: dict[str, tuple[Function, Function]] = {
    "float": (float, lambda p: p),
    "int": (int, lambda p: p),
    "bool": (lambda a: a == 1, lambda p: 1.0 if p else 3.0),
    "string": (str, float),
    "tuple": (lambda a: (a,), lambda p: p[0]),
    "list": (lambda a: [a], lambda p: p[0]),
    "list or tuple": (lambda a: [1] if a == 1 else (1,), lambda p: 1.0 if isinstance(p, list) else 3.0),
    "named tuples": (lambda a: (One if a == 1 else Three)(0), lambda p: 1.0 if isinstance(p, One) else 3.0),
    "dict": (lambda a: {"a": [a]}, lambda p: p["a"][0]),
    "set": (lambda a: {a}, max),
    "array": (lambda a: np.array([a]), lambda p: p[0]),
    "masked array": (masked, lambda p: p.sum()),
    "jax array": (jnp.float32, lambda p: p),
    "function": (lambda a: lambda x: a * x, lambda p: p(1.0)),
    "function's attribute": (attributed, lambda p: p(1.0)),
    "jitted function": (lambda a: jax.jit(lambda x: a * x), lambda p: p(1.0)),
    "partial": (lambda a: partial(jnp.multiply, a), lambda p: p(1.0)),
    "callable object": (Factor, lambda p: p(1.0)),
    "bound method": (lambda a: Factor(a).__call__, lambda p: p(1.0)),
    "frozen dataclass": (Frozen, lambda p: p.a),
    "dataclass without comparison": (Hidden, lambda p: p.a),
    "namespace": (lambda a: SimpleNamespace(a=a), lambda p: p.a),
    "equal objects": (lambda a: Alike(a=a), lambda p: p.a),
    "number with an attribute": (number, lambda p: p.a),
}


def forward(read: Function) -> Function:
    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def wave(p: Any, x: Any) -> Any:
        return jnp.sin(x)

    wave.defjvp(lambda p, v, t: (wave(p, *v), read(p) * jnp.cos(v[0]) * t[0]))
    return wave


def backward(read: Function) -> Function:
    @partial(jax.custom_vjp, nondiff_argnums=(0,))
    def wave(p: Any, x: Any) -> Any:
        return jnp.sin(x)

    wave.defvjp(lambda p, x: (wave(p, x), x), lambda p, x, g: (read(p) * jnp.cos(x) * g,))
    return wave


def differences(ruled: Function, kinds: Iterable[str]) -> Function:
    """For each kind what a function gives with one static argument, less what it gives with another."""
    made = [(ruled(read), make(1.0), make(3.0)) for make, read in map(KINDS.get, kinds)]
    return lambda v: jnp.stack([wave(one, v[0]) - wave(three, v[0]) for wave, one, three in made])


# Of sin by rules a cos: 0, (1 - 3) cos and so on.
RIGHT = np.array([0, -2 * np.cos(0.4), 2 * np.sin(0.4)])
FEW = ("float", "dict", "function", "frozen dataclass", "namespace", "callable object")


def test_fault_W3_static_arguments() -> None:
    f = differences(forward, FEW)
    np.testing.assert_allclose(nested(f, [0.4], 2), RIGHT.repeat(len(FEW)).reshape(3, -1), rtol=ROUNDING)
    require(f, [0.4], nested(f, [0.4], 2), 2)


@pytest.mark.parametrize("ruled", [forward, backward])
def test_fault_W3_static_arguments_of_all_kinds(ruled: Function) -> None:
    right = RIGHT.repeat(len(KINDS)).reshape(3, -1)
    require(differences(ruled, KINDS), [0.4], right, 2, ("series",))


def test_fault_W3_static_arguments_of_backward_rules() -> None:
    require(differences(backward, FEW[:2]), [0.4], RIGHT.repeat(2).reshape(3, -1), 2)


def test_fault_W3_products_of_static_arguments() -> None:
    """x x by a rule λ ẋ: f' = (λ + μ) x and f'' = 2 λ μ."""

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def scaled(factor: float, x: Any) -> Any:
        return x * 1.0

    scaled.defjvp(lambda factor, p, t: (scaled(factor, *p), factor * t[0]))
    f = lambda v: scaled(0.5, v[0]) * scaled(2.0, v[0])  # noqa: E731
    require(f, [0.4], np.array([0.16, 1.0, 2.0]), 2)


def test_fault_W3_no_kernel_of_another_is_served() -> None:
    """Two functions whose rules compute the same share a kernel: whichever comes first, it must be right."""

    def factory(a: float) -> Function:
        return partial(forward(lambda _: a), None)

    made = [factory(1.0), factory(3.0)]
    static = partial(forward(lambda p: p.a), SimpleNamespace(a=1.0)), partial(forward(Factor.__call__), 0)
    for one, three in ((static[0], made[1]), made):
        require(lambda v, one=one, three=three: one(v[0]) - three(v[0]), [0.4], RIGHT, 2, ("series", "auto"))


def test_a_rule_that_makes_its_argument_anew_is_one() -> None:
    """Such rules have no end, and each level would have twice as many, were they not one."""
    for make, read in (KINDS[k] for k in ("float", "dict", "tuple", "array", "frozen dataclass", "list")):

        @partial(jax.custom_jvp, nondiff_argnums=(0,))
        def wave(p: Any, x: Any) -> Any:
            return jnp.sin(x)

        def rule(p: Any, v: Any, t: Any, wave: Any = wave, make: Any = make, read: Any = read) -> Any:
            return wave(make(3.0), *v), wave(make(3.0), v[0] + 1) * read(p) * t[0]

        wave.defjvp(rule)
        program = traced(lambda x, wave=wave, make=make: wave(make(3.0), x) * wave(make(3.0), x))
        levels = list(custom_rules.of(program).levels(6))
        assert sum(map(len, levels)) == 1


def traced(f: Function) -> Traced:
    return trace(f, "scalar", 1, np.dtype("float64"))


def deep(kind: str, a: float) -> Traced:
    """A static argument within five rules, beside the same function with another one."""
    make, read = KINDS[kind]
    wave = forward(read)

    def within(inner: Function) -> Function:
        @jax.custom_jvp
        def function(x: Any) -> Any:
            return jnp.sin(x)

        function.defjvp(lambda p, t: (function(*p), inner(p[0]) * t[0]))
        return function

    inner = lambda x: wave(make(a), x)  # noqa: E731
    for _ in range(4):
        inner = within(inner)
    return traced(lambda x: inner(x) * x + wave(make(1.0), x))


@pytest.mark.parametrize("kind", ["dict", "namespace", "callable object", "equal objects"])
def test_fault_W5_static_arguments_of_deep_rules(kind: str) -> None:
    marks = [mark(deep(kind, a), 6) for a in (1.0, 3.0, 1.0)]
    assert marks[0] == marks[2] != marks[1]


class Rule:
    """A rule as a callable object, and as its method."""

    def __init__(self, rule: Function):
        self.rule = rule

    def __call__(self, p: Any, t: Any) -> Any:
        return self.rule(p, t)


def forged(rule: Function) -> Function:
    """A rule that says of itself that it is JAX's."""
    return wraps(jnp.sin)(lambda p, t: rule(p, t))


# What people make of a rule.
RULES: dict[str, Function] = {
    "jitted": jax.jit,
    "callable object": Rule,
    "bound method": lambda rule: Rule(rule).__call__,
    "jitted object": lambda rule: jax.jit(Rule(rule)),
    "partial": partial,
    "partial of JAX's": jax.tree_util.Partial,
    "checkpointed": jax.checkpoint,
    "named as JAX's": forged,
    "jitted twice": lambda rule: jax.jit(jax.jit(rule)),
}


def ruled(kind: str) -> Function:
    """x y by a rule that is no gradient."""

    @jax.custom_jvp
    def function(x: Any, y: Any) -> Any:
        return x * y

    def skewed(p: Any, t: Any) -> Any:
        x, y = p
        return function(x, y), jnp.sin(x * y) * t[0] + 1.3 * x * t[1]

    function.defjvp(RULES[kind](skewed))
    return function


def test_fault_R26_rules_that_are_no_functions_of_python() -> None:
    functions = list(map(ruled, RULES))
    f = lambda v: jnp.stack([function(v[0], v[1]) for function in functions])  # noqa: E731
    require(f, [0.7, 0.9], nested(f, [0.7, 0.9], 2), 2, ("nested", "series", "auto"))


@pytest.mark.parametrize("kind", ["jitted", "callable object"])
def test_fault_R26_such_rules_in_a_loop(kind: str) -> None:
    """JAX's reverse mode drops them there."""
    function = ruled(kind)
    f = lambda v: lax.scan(lambda c, _: (function(c, v[1]), None), v[0], None, length=2)[0]  # noqa: E731
    with pytest.raises(tk.SpecError, match="JAX drops the rule of "):
        tk.derivatives(f, [[0.7, 0.9]], 2, "reverse")
    require(f, [0.7, 0.9], nested(f, [0.7, 0.9], 2), 2, ("nested", "series", "auto"))


def calls(f: Function) -> Iterator[Any]:
    """The rules in a function of a vector."""
    program = trace(f, "vector", 2, np.dtype("float64"))
    return (e.params["jvp_jaxpr_fun"] for e in equations(program.jaxpr.jaxpr) if "jvp_jaxpr_fun" in e.params)


JAX_OWN: list[Function] = [
    jax.nn.relu,
    jax.nn.relu6,
    jnp.sinc,
    jax.scipy.special.logit,
    jax.scipy.special.log_ndtr,
    jax.scipy.special.expi,
    lambda v: jax.scipy.special.expn(3, v),
    lambda v: jnp.logaddexp(v[0], v[1]),
    lambda v: jax.scipy.special.xlogy(v, v),
    lambda v: jnp.linalg.pinv(v[None]),
]


def test_whose_a_rule_is() -> None:
    for f in JAX_OWN:
        found = list(map(is_jax_own, calls(f)))
        assert found and all(found), f
    others = [*map(ruled, RULES), lambda x, y: lax.custom_root(lambda z: z - x * y, x, root, tangent)]
    for function in others:
        assert not any(map(is_jax_own, calls(lambda v, function=function: function(v[0], v[1]))))


def root(f: Function, x: Any) -> Any:
    return x - f(x)


def tangent(g: Function, y: Any) -> Any:
    return y / g(1.0)
