"""The general rule by Euler's operator: E v = J(u) [E u], so that k v_k = (E v)_k.

E u begins at degree 1, so degree k of E v asks its factors for degrees below k only: one lazy run of J's program serves
all variables.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn

from taylorkit.series import forms
from taylorkit.series.algebra import Series, scale
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense, Part, Sparse
from taylorkit.trace import rerun

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run

Above = Callable[[int, int, int | None, bool], Part | None]
"""Degree k ≥ 1 of the n-th floating result, or of one entry of it, or as symbols: (k, n, entry, rows) ↦ part."""


def outputs(run: "Run", equation: JaxprEqn, inputs: list[Value], moving: list[bool], rule: ClosedJaxpr) -> list[Value]:
    """The results, whose higher degrees run the rule when first asked for."""
    changes: list[Value] = []

    def part(degree: int, place: int, entry: int | None, rows: bool) -> Part | None:
        if not changes:
            directions = [euler(v) for v, m in zip(inputs, moving, strict=True) if m]
            changes.extend(run.lazily()(rule.jaxpr, rule.consts, [*inputs, *directions]))
        moved = changes[place]
        if not moves(moved):
            return None
        if entry is not None:
            moved = moved.reshape(-1)[entry]
        elif rows:
            moved = forms.rows(moved, run.variables, run.program)
        return scale(1 / degree, moved.part(degree))

    return lazily(run, equation, inputs, part)


def lazily(run: "Run", equation: JaxprEqn, inputs: list[Value], above: Above) -> list[Value]:
    """The results: their values by the primitive, their degrees above by `above`, each when it is asked for."""
    primal: list[Any] = []

    def values() -> list[Any]:
        if not primal:
            primal.extend(rerun(equation, run.primals(equation, inputs)))
        return primal

    found: list[Value] = []
    place = 0
    for number, var in enumerate(equation.outvars):
        if not jnp.issubdtype(var.aval.dtype, jnp.inexact):
            found.append(values()[number])
            continue
        make = _entries if run.numbers else _whole
        found.append(make(run, var.aval, lambda n=number: values()[n], lambda k, e, r, p=place: above(k, p, e, r)))
        place += 1
    return found


def _whole(run: "Run", aval: Any, value: Any, above: Any) -> Series:
    def whole_degree(k: int) -> Part | None:
        return above(k, None, False) if k else Dense(jnp.asarray(value())[None], run.variables, 0)

    def row_degree(k: int) -> Part | None:
        return above(k, None, True) if k else Sparse({0: run.program.leaf(jnp.asarray(value()))})

    series = Series(whole_degree)
    series.twin = Series(row_degree)
    return series


def _entries(run: "Run", aval: Any, value: Any, above: Any) -> np.ndarray:
    table: list[Series] = []

    def entry(i: int) -> Series:
        def degree(k: int) -> Part | None:
            if k == 0:
                if not table:
                    table.extend(forms.number_constants(value(), run.program).reshape(-1))
                return table[i].value
            return above(k, i, False)

        return Series(degree)

    return forms.object_array([entry(i) for i in range(int(np.prod(aval.shape, dtype=int)))], aval.shape)


def euler(value: Value) -> Value:
    """E of a value."""
    if isinstance(value, Series):
        return value.euler
    return forms.object_array([s.euler for s in value.reshape(-1)], value.shape)
