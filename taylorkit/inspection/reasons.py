"""Why a method was chosen, and what its user should know of it."""

from jax.extend.core import JaxprEqn

from taylorkit import motion
from taylorkit.differentiation import series
from taylorkit.differentiation.methods import METHODS, Method, reason
from taylorkit.inspection.operations import predicted
from taylorkit.precision import scope
from taylorkit.smoothness.bodies import Ruled
from taylorkit.trace import Traced, equations, source_line

FORMS = {"scalars": "f taken apart into single numbers", "arrays": "f on whole arrays"}
FORMED = frozenset({"series", "reverse"})
LATE = "{where} stops when its data say so: derivatives of high degree may come late, before they have converged"
UNUSED = (
    "{where} has a rule that `series` does not use: its body is differentiated; method = 'reverse' or 'nested' uses it"
)


def why(asked: str, method: Method, traced: Traced, order: int) -> str:
    """A line: asked for or chosen by `auto`, from what; and how much the others would take by the formulas."""
    form = f"; {FORMS[series.kind(traced, order)]}" if method.name in FORMED else ""
    others = [name for name, module in METHODS.items() if name != method.name and not module.unsupported(traced)]
    costs = ", ".join(f"{name} {predicted(traced, order, name):,.0f}" for name in others)
    beside = f"; operations of the others: {costs}" if costs else ""
    return f"{reason(asked, traced, order, method.platform)}{form}{beside}"


def warnings(traced: Traced, method: Method) -> list[str]:
    """What does not stop a run: loops that data stop, custom_vjp rules that are not used."""
    with scope(traced.dtype):
        loops = motion.loops_stopped_by_data(traced.jaxpr.jaxpr, Ruled)
    late = [LATE.format(where=use.where) for use in loops]
    custom = [e for e in equations(traced.jaxpr.jaxpr) if e.primitive.name.startswith("custom_vjp")]
    unused = [UNUSED.format(where=_function(e)) for e in custom if method.name == series.NAME]
    return list(dict.fromkeys([*late, *unused]))


def _function(call: JaxprEqn) -> str:
    """`f at file.py:12`: the function that has the rule, or where it is called."""
    inner = getattr(motion.body(call), "jaxpr", motion.body(call))
    found = getattr(getattr(inner, "debug_info", None), "func_src_info", None)
    return found or f"a function at {source_line(call)}"
