"""Programs of functions with derivative rules of their own, generated.

A program is made of custom_jvp and custom_vjp functions, callbacks and factories within one another, in bodies, in
rules and as operands, to depth 6; a sixth of them work on rows of numbers. Rules are gradients or not: they scale a
derivative, leave out an operand that they read, or call their own function on the direction. They are functions, jitted
ones, or objects; what they scale by they hold, or it is a static argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Unary = Callable[[Any], Any]
Function = Callable[[Any], Any]

# The order to which a program of a depth is differentiated: nested transformations cost exponentially in it.
ORDERS = {1: 6, 2: 4, 3: 3, 4: 3, 5: 2, 6: 2}
# So many points in one program make arrays of it, which no method takes apart.
ROW = 20

PLAIN: list[Unary] = [jnp.sin, jnp.cos, jnp.tanh, lambda x: x / (1 + x * x), lambda x: jnp.exp(x / 4)]
HOST: list[Callable[[np.ndarray], np.ndarray]] = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)]


@dataclass
class Maker:
    """Makes one program; `backward` and `hosts` say afterwards whether it holds a custom_vjp function, a callback.

    Where a rule is `looped`, by a scan, no custom_vjp function is made: it needs gradients, and these drop the rule.
    """

    draw: np.random.Generator
    variables: int
    backward: bool = False
    hosts: bool = False
    looped: bool = False

    def number(self) -> float:
        return round(float(self.draw.uniform(0.3, 1.6)), 2)

    def pick(self, choices: Any) -> Any:
        return choices[int(self.draw.integers(len(choices)))]

    def operand(self, depth: int) -> Function:
        """v ↦ a number."""
        if depth == 0:
            weights = np.array([self.number() for _ in range(self.variables)])
            return lambda v: jnp.sum(jnp.asarray(weights, v.dtype) * v)
        return self.pick([self.applied, self.applied, self.joined, self.binary, self.binary, self.entries])(depth)

    def applied(self, depth: int) -> Function:
        inner, outer = self.operand(depth - 1), self.unary(depth)
        return lambda v: outer(inner(v))

    def joined(self, depth: int) -> Function:
        a, b = self.operand(depth - 1), self.operand(0)
        return lambda v: jnp.sin(a(v)) * b(v)

    def unary(self, depth: int) -> Unary:
        """x ↦ a number, of functions within functions."""
        if depth == 0:
            return self.pick(PLAIN)
        kinds = [
            self.ruled,
            self.ruled,
            self.static,
            self.pulled,
            self.hosted,
            self.factory,
            self.renewed,
            self.wrapped,
        ]
        return self.pick(kinds)(depth - 1)

    def ruled(self, depth: int) -> Unary:
        return scaled(self.number(), self.pick(PLAIN), self.unary(depth), self.pick(RULES))

    def static(self, depth: int) -> Unary:
        """The sum of two calls of one function, which scales its derivative by a static argument."""
        held, (a, b) = self.pick(HELD), (self.number(), self.number())
        backward = not self.looped and bool(self.draw.random() < 0.3)
        self.backward = self.backward or backward
        make = pulled_by_argument if backward else scaled_by_argument
        function = make(self.pick(PLAIN), self.unary(depth), self.pick(RULES))
        return lambda x: function(held(a), x) + function(held(b), x / 2)

    def pulled(self, depth: int) -> Unary:
        """A custom_vjp function."""
        if self.looped:
            return self.ruled(depth)
        self.backward = True
        factor, body, slope = self.number(), self.pick(PLAIN), self.unary(depth)

        @jax.custom_vjp
        def function(x: Any) -> Any:
            return body(x)

        function.defvjp(lambda x: (function(x), x), lambda x, g: (factor * slope(x) * g,))
        return function

    def hosted(self, depth: int) -> Unary:
        self.hosts = True
        return hosted(int(self.draw.integers(4)), self.number())

    def factory(self, depth: int) -> Unary:
        """The difference of two functions of one factory."""
        body, slope, (a, b) = self.pick(PLAIN), self.unary(depth), (self.number(), self.number())
        first, second = scaled(a, body, slope), scaled(b, body, slope)
        return lambda x: first(x) - second(x) + x

    def renewed(self, depth: int) -> Unary:
        """A function that is made anew at each call."""
        factor, body, slope = self.number(), self.pick(PLAIN), self.unary(depth)
        return lambda x: scaled(factor, body, slope)(x)

    def wrapped(self, depth: int) -> Unary:
        inner = self.unary(depth)
        if not self.backward and self.draw.random() < 0.5:
            self.looped = True
            return lambda x: lax.scan(lambda c, _: (inner(c), None), x, None, length=2)[0]
        return self.pick([jax.jit(inner), lambda x: lax.cond(x > -9, inner, jnp.sin, x), jax.checkpoint(inner)])

    def binary(self, depth: int) -> Function:
        a, b = self.operand(depth - 1), self.operand(0)
        function = self.pick([partly, skewed, divided, grown, Maker.both])
        if function is Maker.both and not self.looped:
            function = self.both(depth - 1)
        else:
            function = partly if function is Maker.both else function
            function = function(self.number(), self.unary(depth - 1), self.pick(RULES))
        return lambda v: function(a(v), jnp.sin(b(v)) / 2)

    def both(self, depth: int) -> Callable[[Any, Any], Any]:
        """A custom_vjp function of two numbers."""
        self.backward = True
        factor, slope = self.number(), self.unary(depth)

        @jax.custom_vjp
        def function(x: Any, y: Any) -> Any:
            return x * y

        function.defvjp(lambda x, y: (function(x, y), (x, y)), lambda p, g: (g * p[1], g * factor * slope(p[0])))
        return function

    def entries(self, depth: int) -> Function:
        """A function of an array whose rule mixes its entries."""
        a, b, factor = self.operand(depth - 1), self.operand(0), self.number()

        @jax.custom_jvp
        def function(x: Any) -> Any:
            return x / (1 + jnp.sum(x * x))

        function.defjvp(lambda p, t: (function(*p), factor * t[0] - function(*p) * jnp.sum(jnp.sin(p[0]) * t[0])))
        return lambda v: jnp.sum(function(jnp.stack([a(v), b(v)])) * jnp.asarray([1.0, 2.0], v.dtype))


class Called:
    """A callable object, each unlike all others."""

    def __init__(self, function: Function):
        self.function = function

    def __call__(self, *given: Any) -> Any:
        return self.function(*given)


def bound(rule: Function) -> Function:
    return Called(rule).__call__


# What a rule is made, and a static argument of a number.
RULES: list[Callable[[Function], Function]] = [lambda rule: rule, lambda rule: rule, jax.jit, Called, bound, partial]
HELD: list[Callable[[float], Any]] = [
    lambda a: a,
    lambda a: {"a": a},
    lambda a: SimpleNamespace(a=a),
    lambda a: lambda x: a * x,
    lambda a: Called(lambda x: a * x),
    lambda a: (a, "a"),
]


def read(argument: Any) -> float:
    """The number that a static argument holds."""
    if isinstance(argument, SimpleNamespace):
        return argument.a
    if isinstance(argument, dict | tuple):
        return argument["a" if isinstance(argument, dict) else 0]
    return argument(1.0) if callable(argument) else argument


def scaled(factor: float, body: Unary, slope: Unary, made: Function = RULES[0]) -> Unary:
    @jax.custom_jvp
    def function(x: Any) -> Any:
        return body(x)

    function.defjvp(made(lambda p, t: (function(*p), factor * slope(p[0]) * t[0])))
    return function


def scaled_by_argument(body: Unary, slope: Unary, made: Function) -> Callable[[Any, Any], Any]:
    made = RULES[0] if made is jax.jit else made  # JAX takes no static argument there

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def function(argument: Any, x: Any) -> Any:
        return body(x)

    function.defjvp(made(lambda a, p, t: (function(a, *p), read(a) * slope(p[0]) * t[0])))
    return function


def pulled_by_argument(body: Unary, slope: Unary, made: Function) -> Callable[[Any, Any], Any]:
    made = RULES[0] if made is jax.jit else made

    @partial(jax.custom_vjp, nondiff_argnums=(0,))
    def function(argument: Any, x: Any) -> Any:
        return body(x)

    function.defvjp(made(lambda a, x: (function(a, x), x)), made(lambda a, x, g: (read(a) * slope(x) * g,)))
    return function


def hosted(place: int, factor: float) -> Unary:
    """A sine or its like on the host, with the next one for its rule, made anew at each call."""

    @jax.custom_jvp
    def function(x: Any) -> Any:
        called = HOST[place % 4]
        out = jax.ShapeDtypeStruct(jnp.shape(x), jnp.result_type(x))
        return factor * jax.pure_callback(lambda u: np.asarray(called(u), u.dtype), out, x, vmap_method="expand_dims")

    function.defjvp(lambda p, t: (function(*p), hosted(place + 1, factor)(p[0]) * t[0]))
    return function


def partly(factor: float, slope: Unary, made: Function) -> Any:
    """A rule that reads an operand whose direction it ignores."""

    @jax.custom_jvp
    def function(x: Any, y: Any) -> Any:
        return x * y

    function.defjvp(made(lambda p, t: (function(*p), factor * slope(p[1]) * t[0])))
    return function


def skewed(factor: float, slope: Unary, made: Function) -> Any:
    """A rule of all directions that is no gradient."""

    @jax.custom_jvp
    def function(x: Any, y: Any) -> Any:
        return x * y

    function.defjvp(made(lambda p, t: (function(*p), slope(p[0] * p[1]) * t[0] + factor * p[0] * t[1])))
    return function


def divided(factor: float, _: Unary, made: Function) -> Any:
    """y / (factor + x²), whose rule calls it on the direction: a function that is linear in y by its body, too."""

    @jax.custom_jvp
    def function(x: Any, y: Any) -> Any:
        return y / (factor + x * x)

    def rule(p: Any, t: Any) -> Any:
        found = function(*p)
        return found, function(p[0], t[1] - 2 * p[0] * found * t[0])

    function.defjvp(made(rule))
    return function


def grown(factor: float, _: Unary, made: Function) -> Any:
    """exp(factor x) y, in the same way."""

    @jax.custom_jvp
    def function(x: Any, y: Any) -> Any:
        return jnp.exp(factor * x) * y

    function.defjvp(made(lambda p, t: (function(*p), function(p[0], t[1]) + factor * t[0] * function(*p))))
    return function


@dataclass(frozen=True)
class Program:
    """A composition, the points (N, D) where it is differentiated, and how far.

    `backward` says whether a custom_vjp function is in it, `hosted` whether a callback is.
    """

    function: Function
    points: np.ndarray
    order: int
    backward: bool
    hosted: bool


def program(seed: int) -> Program:
    draw = np.random.default_rng(seed)
    depth, variables = 1 + seed % 6, 1 + seed // 6 % 2
    maker = Maker(draw, variables)
    function = maker.operand(depth)
    row = seed // 12 % 6 == 3
    if row:
        function = in_a_row(function)
    order = min(ORDERS[depth], 3 if row else 4 if maker.backward or variables > 1 else 6)
    return Program(function, draw.uniform(-0.7, 0.9, (2, variables)), order, maker.backward, maker.hosts)


def in_a_row(function: Function) -> Function:
    """The mean of f(c v), over a row of factors c."""
    factors = np.linspace(0.5, 1, ROW)
    return lambda v: jnp.mean(jax.vmap(function)(v * jnp.asarray(factors, v.dtype)[:, None]))
