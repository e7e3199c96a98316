"""Why a method was chosen, and what its user should know of it."""

from taylorkit import motion
from taylorkit.differentiation import series
from taylorkit.differentiation.methods import METHODS, Method, reason, resolve
from taylorkit.inspection.operations import predicted
from taylorkit.smoothness.bodies import Ruled
from taylorkit.smoothness.kept import steps_kept_by_data
from taylorkit.trace import Traced

FORMS = {"scalars": "f taken apart into single numbers", "arrays": "f on whole arrays"}
FORMED = frozenset({"series", "reverse"})
LATE = "{where} stops when its data say so: derivatives of high degree may come late, before they have converged"
KEPT = (
    "{where} keeps what it has when its data say so: derivatives may not have converged where its value has, as at a "
    "start that is the answer; status does not tell. Let it go round some turns more"
)


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
    """What does not stop a run: loops that data stop, and such whose steps data mask."""
    with traced.scope():
        loops = motion.loops_stopped_by_data(traced.jaxpr.jaxpr, Ruled)
        stopped = {id(use.equation) for use in loops}
        kept = [use for use in steps_kept_by_data(traced.jaxpr.jaxpr, Ruled) if id(use.equation) not in stopped]
    found = [*(LATE.format(where=use.where) for use in loops), *(KEPT.format(where=use.where) for use in kept)]
    return list(dict.fromkeys(found))
