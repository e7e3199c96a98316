"""From a jaxpr to its listing: names for variables, short texts for parameters."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from jax.extend.core import Jaxpr, JaxprEqn, Literal, Var

from taylorkit.jaxpr.listing import Equation, Listing
from taylorkit.jaxpr.trace import INLINED, bodies

NOISE = frozenset(
    {
        "accuracy",
        "body_nconsts",
        "cond_nconsts",
        "ft_in",
        "ft_out",
        "linear",
        "num_consts",
        "symbolic_zeros",
    }
)
"""Parameters that say nothing about what is computed."""

WIDTH = 40
"""Longer texts of parameters, literals and constants are cut here."""

Names = dict[Var, str]


class Lister:
    """Names and numbers that run through one program, nested jaxprs included."""

    def __init__(self) -> None:
        self.names = map(letters, count())
        self.numbers = count(1)
        self.types: dict[str, str] = {}

    def listing(self, name: str, jaxpr: Jaxpr, values: tuple) -> Listing:
        """A jaxpr whose variables are its own, with the values of its constants."""
        names: Names = {}
        constants = [self.constant(names, *pair) for pair in zip(jaxpr.constvars, values, strict=True)]
        inputs = [self.define(names, var) for var in jaxpr.invars]
        equations = tuple(self.equations(jaxpr, names, constants))
        outputs = tuple(read(names, atom) for atom in jaxpr.outvars)
        return Listing(
            name=name,
            inputs=tuple(inputs),
            constants=tuple(constants),
            equations=equations,
            outputs=outputs,
            types=self.types,
        )

    def equations(self, jaxpr: Jaxpr, names: Names, constants: list[str]) -> Iterator[Equation]:
        """The equations of a jaxpr with named inputs; constants of calls join `constants`."""
        used = {atom for equation in jaxpr.eqns for atom in variables(equation.invars)}
        used |= set(variables(jaxpr.outvars))
        for equation in jaxpr.eqns:
            if equation.primitive.name in INLINED:
                yield from self.call(equation, names, constants)
            else:
                yield self.equation(equation, names, used)

    def call(self, equation: JaxprEqn, names: Names, constants: list[str]) -> Iterator[Equation]:
        """The body of a call, in a scope of its own: JAX shares one body among its calls."""
        ((_, body, values),) = bodies(equation)
        inner: Names = {}
        for var, value in zip(body.constvars, values, strict=True):
            constants.append(self.constant(inner, var, value))
        inputs = (read(names, atom) for atom in equation.invars)
        inner.update(zip(body.invars, inputs, strict=True))
        yield from self.equations(body, inner, constants)
        names.update(zip(equation.outvars, (read(inner, a) for a in body.outvars), strict=True))

    def equation(self, equation: JaxprEqn, names: Names, used: set[Var]) -> Equation:
        inputs = tuple(read(names, atom) for atom in equation.invars)
        outputs = tuple(self.define(names, var) if var in used else "_" for var in equation.outvars)
        number = next(self.numbers)
        inside = tuple(self.listing(*body) for body in bodies(equation))
        return Equation(number, outputs, equation.primitive.name, parameters(equation), inputs, inside)

    def define(self, names: Names, var: Var) -> str:
        names[var] = next(self.names)
        self.types[names[var]] = var.aval.str_short()
        return names[var]

    def constant(self, names: Names, var: Var, value: Any) -> str:
        name = self.define(names, var)
        if np.size(value) <= 4:
            self.types[name] += f" = {short(value)}"
        return name


def letters(number: int) -> str:
    """0, 1, …, 25, 26, 27 ↦ a, b, …, z, ba, bb: base 26, as JAX prints its variables."""
    tens, unit = divmod(number, 26)
    return (letters(tens) if tens else "") + chr(ord("a") + unit)


def variables(atoms: Any) -> Iterator[Var]:
    return (atom for atom in atoms if not isinstance(atom, Literal))


def read(names: Names, atom: Any) -> str:
    """The name of a variable, the value of a literal."""
    return short(atom.val) if isinstance(atom, Literal) else names[atom]


def parameters(equation: JaxprEqn) -> dict[str, str]:
    """What tells this use of a primitive from others: no None or False, callables or bodies."""
    inside = {name.partition("[")[0] for name, _, _ in bodies(equation)}
    return {
        name: short(value) for name, value in equation.params.items() if name not in NOISE | inside and plain(value)
    }


def plain(value: Any) -> bool:
    """Whether a parameter is data that a reader can use: numbers, names, shapes, dtypes."""
    if isinstance(value, type):
        return issubclass(value, np.generic)
    if isinstance(value, tuple | list):
        return all(item is None or plain(item) or item is False for item in value)
    return value is not False and isinstance(value, bool | int | float | str | np.dtype | np.generic)


def short(value: Any) -> str:
    """One line of at most WIDTH characters."""
    text = " ".join((value.__name__ if isinstance(value, type) else str(value)).split())
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
