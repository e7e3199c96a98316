"""Custom derivative rules as hashes of what they compute.

A hash is that of the graph: each value by its primitive and its operands, so that neither names nor the order of lines
nor dead code count. A function with a rule is its values and, where a derivative is taken, what its rule computes.
"""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit import custom_rules, digest
from taylorkit.custom_rules import CALLS, Rules
from taylorkit.precision import scope
from taylorkit.trace import Traced

# What of a primitive's parameters says how the source is written, and the functions that are traced here instead.
WORDS = frozenset("name callback jvp_jaxpr_fun fwd_jaxpr_thunk bwd out_trees debug_info".split())


def of(traced: Traced) -> "Hashes":
    """Those of a program, found once."""
    return traced.remembered(Hashes, lambda: Hashes(custom_rules.of(traced)))


def look_alike(traced: Traced, order: int) -> bool:
    """Whether two functions with rules, or two callbacks, are told apart by what they call alone."""
    rules, hashes = custom_rules.of(traced), of(traced)
    with scope(traced.dtype):
        calls = [call for level in rules.levels(order) for call in level.values()]
        alike = len({hashes.hash_of(call, 1) for call in calls}) < len({hashes.hash_of(call, order) for call in calls})
    return alike or len({id(e.params.get("callback")) for e in rules.unseen(order)}) > 1


class Hashes:
    """Of the custom rules of one program."""

    def __init__(self, rules: Rules):
        self.rules = rules
        self.hashes: dict[Any, str] = {}

    def hash(self, order: int) -> str:
        """Of the program with its rules up to `order`."""
        with scope(self.rules.traced.dtype):
            return self._program(self.rules.traced.jaxpr, order)

    def hash_of(self, call: JaxprEqn, order: int) -> str:
        """A function with a rule: its values, and what its rule computes where a derivative is taken."""
        key = self.rules.key(call), order
        if key not in self.hashes:
            values = self._value({n: v for n, v in call.params.items() if n not in WORDS}, 0)
            rule = self.rules.rule(call) if order else None
            self.hashes[key] = digest.of_value([values, self._program(rule, order - 1) if rule else ""])
        return self.hashes[key]

    def _program(self, program: Any, order: int) -> str:
        """A jaxpr by what its results are made of."""
        jaxpr = getattr(program, "jaxpr", program)
        seen = {v: f"in {i} {_aval(v)}" for i, v in enumerate(jaxpr.invars)}
        held = getattr(program, "consts", [f"constant {i}" for i, _ in enumerate(jaxpr.constvars)])
        seen |= {v: self._value(c, order) for v, c in zip(jaxpr.constvars, held, strict=True)}
        for equation in jaxpr.eqns:
            made = self._equation(equation, [self._atom(a, seen) for a in equation.invars], order)
            seen |= {v: digest.of_value([made, i, _aval(v)]) for i, v in enumerate(equation.outvars)}
        return digest.of_value([self._atom(a, seen) for a in jaxpr.outvars])

    def _equation(self, equation: JaxprEqn, operands: list[str], order: int) -> str:
        if equation.primitive.name in CALLS:
            return digest.of_value([equation.primitive.name, self.hash_of(equation, order), operands])
        parameters = {n: v for n, v in equation.params.items() if n not in WORDS}
        return digest.of_value([equation.primitive.name, self._value(parameters, order), operands])

    def _atom(self, atom: Any, seen: dict[Any, str]) -> str:
        return self._value(np.asarray(atom.val, atom.aval.dtype), 0) if isinstance(atom, Literal) else seen[atom]

    def _value(self, value: Any, order: int) -> str:
        if isinstance(value, Jaxpr | ClosedJaxpr):
            return self._program(value, order)
        if isinstance(value, dict):
            return digest.of_value({str(name): self._value(v, order) for name, v in value.items()})
        if isinstance(value, tuple | list):
            return digest.of_value([self._value(v, order) for v in value])
        if isinstance(value, np.ndarray | np.generic | jax.Array) and not isinstance(value, jax.core.Tracer):
            if jnp.issubdtype(value.dtype, jax.dtypes.extended):
                return str(jax.random.key_data(value))
            array = np.asarray(value)
            return f"{array.dtype} {array.shape} {digest.of_array(array.reshape(-1).view(np.uint8))}"
        return "function" if callable(value) else re.sub(r" at 0x[0-9a-f]+", "", str(value))


def _aval(variable: Any) -> str:
    return f"{getattr(variable.aval, 'dtype', '')} {getattr(variable.aval, 'shape', '')}"
