"""A derivative rule's program, rid of what its results do not rest on.

A `custom_jvp` rule gets zeros where an operand does not move. As numbers they would hide that a change begins at degree
1: u · (a du + b 0) asks for the highest degree of u, which may be what is being computed.
"""

from typing import Any

import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal

# Of which operands one must be zero for the result to be.
FIRST = frozenset("div neg convert_element_type broadcast_in_dim reshape squeeze transpose reduce_sum".split())
SUMS = frozenset("add add_any sub".split())


def without_zeros(program: ClosedJaxpr) -> ClosedJaxpr:
    """A program without the sums to which one operand is zero."""
    zeros: set[Any] = set()
    same: dict[Any, Any] = {}
    kept = []
    for equation in program.jaxpr.eqns:
        invars = [_found(same, a) for a in equation.invars]
        nothing = [_is_zero(a, zeros) for a in invars]
        if _gives_zero(equation.primitive.name, nothing):
            zeros.update(equation.outvars)
        elif (rest := _rest(equation, invars, nothing)) is not None:
            same[equation.outvars[0]] = rest
            continue
        kept.append(equation.replace(invars=invars))
    outvars = [_found(same, a) for a in program.jaxpr.outvars]
    return ClosedJaxpr(program.jaxpr.replace(eqns=kept, outvars=outvars), program.consts)


def _found(same: dict[Any, Any], atom: Any) -> Any:
    return atom if isinstance(atom, Literal) else same.get(atom, atom)


def _is_zero(atom: Any, zeros: set[Any]) -> bool:
    if not isinstance(atom, Literal):
        return atom in zeros
    value = np.asarray(atom.val)
    return value.dtype.kind in "biufc" and not value.any()  # what changes of whole numbers are is no number at all


def _gives_zero(name: str, nothing: list[bool]) -> bool:
    return (name == "mul" and any(nothing)) or (name in FIRST and nothing[0]) or (name in SUMS and all(nothing))


def _rest(equation: JaxprEqn, invars: list[Any], nothing: list[bool]) -> Any:
    """The operand that a sum is, where the other is zero; None where it is none."""
    if equation.primitive.name not in SUMS or not any(nothing):
        return None
    if nothing[0] and equation.primitive.name == "sub":
        return None
    rest = invars[1] if nothing[0] else invars[0]
    alike = (rest.aval.shape, rest.aval.dtype) == (equation.outvars[0].aval.shape, equation.outvars[0].aval.dtype)
    return rest if alike else None


def without_dead(program: ClosedJaxpr) -> ClosedJaxpr:
    """A program without the equations on which its results do not rest."""
    needed = {a for a in program.jaxpr.outvars if not isinstance(a, Literal)}
    kept = []
    for equation in reversed(program.jaxpr.eqns):
        if not needed.isdisjoint(equation.outvars):
            kept.append(equation)
            needed.update(a for a in equation.invars if not isinstance(a, Literal))
    return ClosedJaxpr(program.jaxpr.replace(eqns=kept[::-1]), program.consts)
