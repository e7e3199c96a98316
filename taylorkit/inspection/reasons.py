"""Why a method was chosen, and what its user should know of it."""

from taylorkit import motion
from taylorkit.differentiation import series
from taylorkit.differentiation.methods import METHODS, Method, reason, resolve
from taylorkit.inspection.operations import predicted
from taylorkit.smoothness.bodies import Ruled
from taylorkit.trace import Traced

FORMS = {"scalars": "f taken apart into single numbers", "arrays": "f on whole arrays"}
FORMED = frozenset({"series", "reverse"})
LATE = "{where} stops when its data say so: derivatives of high degree may come late, before they have converged"


def why(asked: str, method: Method, traced: Traced, order: int) -> str:
    """A line: asked for or chosen by `auto`, from what; and how much the others would take by the formulas."""
    form = f"; {FORMS[series.kind(traced, order)]}" if method.name in FORMED else ""
    others = [name for name, module in METHODS.items() if name != method.name and not module.unsupported(traced)]
    costs = ", ".join(f"{name} {predicted(traced, order, name):,.0f}" for name in others)
    beside = f"; operations of the others: {costs}" if costs else ""
    taken = resolve(asked, traced, order, method.platform)
    chosen = reason(asked, traced, order, method.platform)
    if taken != method:
        chosen = f"{taken.name}, which was measured faster, fails on this function"
    return f"{chosen}{form}{beside}"


def warnings(traced: Traced) -> list[str]:
    """What does not stop a run: loops that data stop."""
    with traced.scope():
        loops = motion.loops_stopped_by_data(traced.jaxpr.jaxpr, Ruled)
    return list(dict.fromkeys(LATE.format(where=use.where) for use in loops))
