"""Which kind of rule of the Taylor arithmetic serves each primitive: read off the registry.

| kind | what happens to the series |
|---|---|
| recurrence | degree k from the degrees below, entry by entry |
| linear | the primitive acts on each coefficient alone |
| moves entries | linear, and nothing is computed |
| bilinear | Σ_j p(a_j, b_{k−j}) |
| piecewise linear | its JVP at the values acts on each coefficient |
| rewritten | a program of other primitives is run in its place |
| step | piecewise constant: its results do not move with the variables |
| inlined | a call, whose body is run in place |
| own rule | loops, branches, linear algebra: a function of its own |
| from its JVP | k y_k = Σ_j j x_j g_{k−j}, g from the primitive's or the function's derivative rule |
| ignored | what is printed on the way: it is taken out |
| none | it has no derivative rule at all |
"""

from collections.abc import Callable, Iterable, Mapping

from taylorkit import motion
from taylorkit.series.registry import RULES
from taylorkit.silence import PRINTING
from taylorkit.trace import Traced
from taylorkit.vjp_rules import VJP_CALLS

WORDS = {
    "elementwise": "recurrence",
    "linear": "linear",
    "structural": "moves entries",
    "bilinear": "bilinear",
    "piecewise": "piecewise linear",
    "rewritten": "rewritten",
    "constant": "step",
    "whole": "own rule",
    "named": "own rule",
    "jvp": "from its JVP",
}
INLINED, IGNORED, NONE = "inlined", "ignored", "none"
ORDER = (*dict.fromkeys(WORDS.values()), INLINED, IGNORED, NONE)


def kind(primitive: str) -> str:
    """The kind of rule that serves a primitive of this name, if any can."""
    if primitive in PRINTING:
        return IGNORED
    if primitive in VJP_CALLS:
        return WORDS["jvp"]
    if primitive in RULES and primitive in motion.CALLS:
        return INLINED
    return WORDS[RULES[primitive].kind] if primitive in RULES else WORDS["jvp"]


def serving(traced: Traced, unsupported: Iterable[str] = ()) -> dict[str, str]:
    """The kind of rule for each primitive of f, by name in alphabetical order."""
    refused = {text.partition(" ")[0] for text in unsupported}
    return {name: NONE if name in refused else kind(name) for name in sorted(traced.primitives)}


def grouped(primitives: Mapping[str, int], rules: Mapping[str, str]) -> str:
    """`recurrence: exp, mul (2); linear: reduce_sum`."""
    names = {kind: [n for n, k in sorted(rules.items()) if k == kind] for kind in ORDER}
    return "; ".join(f"{kind}: {', '.join(map(_counted(primitives), found))}" for kind, found in names.items() if found)


def _counted(primitives: Mapping[str, int]) -> Callable[[str], str]:
    return lambda name: f"{name} ({primitives[name]})" if primitives[name] > 1 else name
