"""Which function of JAX's own an equation calls.

JAX's special functions are programs of primitives. A call keeps the name of its function and the file that it was
written in: a function of that name in a user's file is another one. Derivatives and maps keep the name too: where it
has a rule, its `fits` says whether the call is still the function's own.
"""

from pathlib import Path
from typing import Any

import jax
from jax.extend.core import JaxprEqn

from taylorkit.series.derived import is_complex
from taylorkit.series.forms import Value, moves
from taylorkit.series.registry import FUNCTIONS, Rule
from taylorkit.series.signatures import is_derived

OWN = str(Path(jax.__file__).parent)
CALLS = ("jaxpr", "call_jaxpr")


def rule(equation: JaxprEqn, inputs: list[Value]) -> Rule | None:
    """The rule for a call of one of `FUNCTIONS`, of which its one operand alone moves."""
    found = FUNCTIONS.get(name_of(equation) or "")
    if found is None or is_complex(equation):
        return None
    place = found.operand % len(inputs)
    return None if any(moves(v) for i, v in enumerate(inputs) if i != place) else found


def name_of(equation: JaxprEqn) -> str | None:
    """The name of the function that an equation calls, if JAX wrote it and the call is one of that function."""
    name = origin(equation)
    ruled = FUNCTIONS.get(name or "")
    return name if ruled is None or (not is_derived(equation) and ruled.fits(equation)) else None


def origin(equation: JaxprEqn) -> str | None:
    """The name of the function of JAX's that an equation calls, or that JAX made its body from."""
    inner: Any = next((equation.params[n] for n in CALLS if n in equation.params), None)
    origin = getattr(getattr(getattr(inner, "jaxpr", inner), "debug_info", None), "func_src_info", None) or ""
    name, _, place = origin.partition(" at ")
    return name if place.startswith(OWN) else None
