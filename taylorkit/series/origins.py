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
    """The rule for a call of one of `FUNCTIONS`, of which the last operand alone moves."""
    found = FUNCTIONS.get(name_of(equation) or "")
    if found is None or is_complex(equation) or any(map(moves, inputs[:-1])):
        return None
    return found


def name_of(equation: JaxprEqn) -> str | None:
    """The name of the function that an equation calls, if JAX wrote it and the call is one of that function."""
    inner: Any = next((equation.params[n] for n in CALLS if n in equation.params), None)
    origin = getattr(getattr(getattr(inner, "jaxpr", inner), "debug_info", None), "func_src_info", None) or ""
    name, _, place = origin.partition(" at ")
    if not place.startswith(OWN):
        return None
    ruled = FUNCTIONS.get(name)
    return name if ruled is None or (not is_derived(equation) and ruled.fits(equation)) else None
