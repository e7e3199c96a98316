"""Custom derivative rules to any depth: which there are, and what is asked of them.

A derivative of order n sees the rules of f's functions, the rules of those that these rules call, and so on, n deep.
Each is traced once, however often it is met. `rule_hashes` says what they compute.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit import vjp_rules
from taylorkit.errors import FunctionError
from taylorkit.precision import scope
from taylorkit.rewriting import called, placed
from taylorkit.series.identity import Identities
from taylorkit.series.ingredients import as_written, is_jax_own
from taylorkit.silence import PRINTING
from taylorkit.trace import Traced, equations, rerun

FORWARD = "custom_jvp_call"
CALLS = (FORWARD, "custom_vjp_call", "custom_vjp_call_jaxpr")
# Rules that are made anew at each call, each unlike the others, have no end.
MOST = 2000
# What the lowering of derivatives of order 2 shows, which is hashed anyhow.
SHOWN = 2


def of(traced: Traced) -> "Rules":
    """Those of a program, found once."""
    return traced.remembered(Rules, lambda: Rules(traced))


def are_deep(traced: Traced, order: int) -> bool:
    """Whether derivatives up to an order depend on rules that low derivatives do not show."""
    return order > SHOWN and len(list(of(traced).levels(order))) > SHOWN


def outside(traced: Traced, order: int) -> list[str]:
    """What f, or a rule of it, calls outside of JAX, each with its line: no tracing sees what it computes."""
    return list(dict.fromkeys(placed(e) for e in of(traced).unseen(order)))


def have_backward_rules(traced: Traced, order: int = 1) -> bool:
    """Whether f, or a rule that an order sees, holds custom_vjp functions, which are traced as custom_jvp functions
    with rules made of theirs."""
    levels = of(traced).levels(order)
    return any(_original(call).primitive.name != FORWARD for level in levels for call in level.values())


def ignore_operands(traced: Traced, order: int) -> bool:
    """Whether a rule reads an operand's value, and not its direction."""
    rules = of(traced)
    return any(rules.ignores(call) for level in rules.levels(order - 1) for call in level.values())


def are_of_several_operands(traced: Traced, order: int) -> bool:
    """Whether a rule that is not JAX's own has several operands with directions, in a program of several variables."""
    rules = of(traced)
    return traced.variables > 1 and any(
        sum(_moving(call)) > 1 and not is_jax_own(call.params.get("jvp_jaxpr_fun"))
        for level in rules.levels(order - 1)
        for call in level.values()
    )


class Rules:
    """The custom rules of one program."""

    def __init__(self, traced: Traced):
        self.traced = traced
        self.identities = Identities()
        self.programs: dict[Any, ClosedJaxpr | None] = {}

    def levels(self, order: int) -> Iterator[dict[Any, JaxprEqn]]:
        """The functions with rules that an order 1, 2, … is the first to see, by what they are; until there is none."""
        known: dict[Any, JaxprEqn] = {}
        programs: list[ClosedJaxpr | None] = [self.traced.jaxpr]
        with scope(self.traced.dtype):
            for _ in range(order):
                met = {self.key(call): call for p in programs if p for call in _calls(p)}
                new = {key: call for key, call in met.items() if key not in known}
                known |= new
                if not new:
                    return
                if len(known) > MOST:
                    raise FunctionError(
                        f"its custom rules hold more than {MOST} functions with rules of their own, each unlike the "
                        "others: no fingerprint can see them all; make these functions once, outside of the rules"
                    )
                yield new
                programs = [self.rule(call) for call in new.values()]

    def unseen(self, order: int) -> list[JaxprEqn]:
        """What no tracing sees: calls of Python and of foreign code, in f and in its rules."""
        return [e for p in self.programs_to(order) for e in equations(p.jaxpr) if _is_foreign(e.primitive.name)]

    def programs_to(self, order: int) -> list[ClosedJaxpr]:
        """f's, and those of the rules that an order sees."""
        calls = [call for level in self.levels(order) for call in level.values()]
        return [self.traced.jaxpr, *filter(None, map(self.rule, calls))]

    def key(self, call: JaxprEqn) -> Any:
        avals = tuple((v.aval.shape, str(v.aval.dtype)) for v in call.invars)
        return self.identities.of_equation(call), avals

    def rule(self, call: JaxprEqn) -> ClosedJaxpr | None:
        key = self.key(call)
        if key not in self.programs:
            self.programs[key] = _traced_rule(call)
        return self.programs[key]

    def ignores(self, call: JaxprEqn) -> bool:
        """Whether the directions that a rule gives depend on the value of an operand, and not on its direction."""
        program = self.rule(call)
        if program is None or _original(call).primitive.name != FORWARD:
            return False
        read = _leading(program.jaxpr, program.jaxpr.outvars[len(program.jaxpr.outvars) // 2 :])
        values, directions = program.jaxpr.invars[: len(call.invars)], iter(program.jaxpr.invars[len(call.invars) :])
        moving = [(v, next(directions)) for v, m in zip(values, _moving(call), strict=True) if m]
        return any(value in read and direction not in read for value, direction in moving)


def _original(call: JaxprEqn) -> JaxprEqn:
    """The call of a custom_vjp function where that is traced as a custom_jvp function: see `vjp_rules`."""
    rule = getattr(as_written(call.params.get("jvp_jaxpr_fun")), "f", None)
    held = rule.args if isinstance(rule, partial) and rule.func.__module__ == vjp_rules.__name__ else ()
    return next((argument for argument in held if isinstance(argument, JaxprEqn)), call)


def named(call: JaxprEqn) -> str:
    """The person's own function that a call with a rule stands for."""
    return called(_original(call))


def _traced_rule(call: JaxprEqn) -> ClosedJaxpr | None:
    """What is computed where a function with a rule is differentiated: forward or, by a rule that is so, backward."""
    call = _original(call)
    moving = _moving(call)
    avals = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in call.invars]

    def of_moving(values: list[Any], floats: tuple[Any, ...]) -> list[Any]:
        given = iter(floats)
        outputs = rerun(call, [next(given) if m else v for v, m in zip(values, moving, strict=True)])
        return [o for o in outputs if jnp.issubdtype(o.dtype, jnp.inexact)]

    def forward(values: list[Any], directions: list[Any]) -> Any:
        floats = tuple(v for v, m in zip(values, moving, strict=True) if m)
        return jax.jvp(lambda *f: of_moving(values, f), floats, tuple(directions))

    def backward(values: list[Any], _: list[Any]) -> Any:
        floats = tuple(v for v, m in zip(values, moving, strict=True) if m)
        results, pull = jax.vjp(lambda *f: of_moving(values, f), *floats)
        return results, pull(results)

    for way in (forward, backward) if call.primitive.name == FORWARD else (backward,):
        try:
            return jax.make_jaxpr(way)(avals, [a for a, m in zip(avals, moving, strict=True) if m])
        except Exception:  # whatever a rule raises that is not made for this way
            continue
    return None


def _moving(call: JaxprEqn) -> list[bool]:
    """Which operands have directions; what a function with a rule closes over stands first, and has none."""
    constants = call.params.get("num_consts", 0)
    return [i >= constants and jnp.issubdtype(v.aval.dtype, jnp.inexact) for i, v in enumerate(call.invars)]


def _leading(jaxpr: Jaxpr, results: list[Any]) -> set[Any]:
    """The variables that results are made of."""
    found = {a for a in results if not isinstance(a, Literal)}
    for equation in reversed(jaxpr.eqns):
        if not found.isdisjoint(equation.outvars):
            found.update(a for a in equation.invars if not isinstance(a, Literal))
    return found


def _calls(program: ClosedJaxpr) -> Iterator[JaxprEqn]:
    return (e for e in equations(program.jaxpr) if e.primitive.name in CALLS)


def _is_foreign(primitive: str) -> bool:
    return ("callback" in primitive and primitive not in PRINTING) or primitive == "ffi_call"
