"""Two versions that are not the release's: of how artifacts are stored, and of how numbers are computed.

A release that changes neither leaves a store as it is. `ARTIFACT_FORMAT` is what a reader must understand. `NUMERICS`
enters every fingerprint; it is raised only where numbers of *all* programs may change. A mended fault that changes the
numbers of some programs is a row of `MENDED`: it enters the fingerprints of those programs alone, so that they alone
are computed anew, and the run says why.

To add a row: a name that never changes, the release, words for users (what came out wrong), and which programs it
affects. Imports nothing of taylorkit's but errors: what reads an artifact imports this.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taylorkit.errors import IntegrityError

if TYPE_CHECKING:
    from taylorkit.differentiation.methods import Method
    from taylorkit.trace import Traced

# Raised where a reader of before would misread, or miss, what is stored. Format 1 carries no mark; since format 2 seals
# and records name the artifact that they belong to.
ARTIFACT_FORMAT = 2
NUMERICS = "0.4.0"

Affects = Callable[["Traced", int, "Method"], bool]
"""Whether derivatives of this program, up to this order and by this method, came out wrong."""


@dataclass(frozen=True)
class Mended:
    """A fault that stored numbers had before `release`. `part` is what of a run it touched: its derivatives, which all
    else depends on, or its radii alone."""

    name: str
    release: str
    words: str
    affects: Affects
    part: str = "derivatives"


def holds(*names: str, order: int, methods: Iterable[str] = ("series", "reverse")) -> Affects:
    """Programs in which a primitive stands whose name begins so, from an order on, by some methods."""
    served = frozenset(methods)

    def affects(traced: "Traced", asked: int, method: "Method") -> bool:
        return asked >= order and method.name in served and any(p.startswith(names) for p in traced.primitives)

    return affects


# What takes one of several sides that may be equal.
SIDES = ("max", "min", "abs", "clamp", "sign", *("reduce_max", "reduce_min", "reduce_window_m", "cummax", "cummin"))

MENDED = (
    Mended(
        "custom-rules",
        "0.5.0",
        "derivatives of order 2 and more through custom_jvp, custom_root, custom_linear_solve and callbacks",
        holds("custom_jvp", "custom_lin", "pure_callback", order=2),
    ),
    Mended(
        "custom-vjp",
        "0.5.0",
        "derivatives through custom_vjp functions",
        holds("custom_vjp", order=1),
    ),
    Mended(
        "convergence-radius",
        "0.5.0",
        "radii of convergence were too large near branch points, and finite for entire functions",
        lambda traced, order, method: order >= 4,
        part="radii",
    ),
    Mended(
        "late-convergence",
        "0.5.0",
        "status was silent where a loop stops before the derivatives have converged",
        holds("while", order=1, methods=["series", "reverse", "nested"]),
    ),
    Mended(
        "ties",
        "0.5.0",
        "derivatives where two sides of max, min, abs or clamp are equal",
        holds(*SIDES, order=1, methods=["series"]),
    ),
    Mended(
        "powers-at-zero",
        "0.5.0",
        "derivatives of powers that are not whole, and of roots, where their base is 0",
        holds("pow", "sqrt", "cbrt", order=1, methods=["series"]),
    ),
)


def mended(traced: "Traced", order: int, method: "Method", part: str = "derivatives") -> list[str]:
    """The names of the faults that numbers of this program had in some release before."""
    return sorted(row.name for row in MENDED if row.part == part and row.affects(traced, order, method))


def rows(names: Iterable[Any]) -> list[Mended]:
    """The faults of these names, in the table's order; what names none is passed over."""
    wanted = [name for name in names if isinstance(name, str)]
    return [row for row in MENDED if row.name in wanted]


def require_known_format(attributes: dict[str, Any], where: object) -> None:
    """Raise IntegrityError where the attributes of a root say a format that this release does not read."""
    found = attributes.get("format", 1)
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise IntegrityError(f"{where}: attribute format = {str(found)[:40]!r}: is no format that taylorkit writes")
    if found > ARTIFACT_FORMAT:
        raise IntegrityError(
            f"{where}: has format {found}, this release of taylorkit reads formats up to {ARTIFACT_FORMAT}; "
            "use the release that wrote it, or a later one"
        )
