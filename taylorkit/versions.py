"""Two versions that are not the release's: of how artifacts are stored, and of how numbers are computed.

A release that changes neither leaves a store as it is. `ARTIFACT_FORMAT` is what a reader must understand. `NUMERICS`
enters every fingerprint; it is raised only where numbers of *all* programs may change. A mended fault that changes the
numbers of some programs is a row of `MENDED`: it enters the fingerprints of those programs alone, so that they alone
are computed anew, and the run says why.

To add a row: a name that never changes, the release, words for users (what came out wrong), and which programs it
affects. Imports nothing of taylorkit's but errors: what reads an artifact imports this.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from taylorkit.errors import IntegrityError

if TYPE_CHECKING:
    from taylorkit.differentiation.methods import Method
    from taylorkit.series_programs import SeriesProgram
    from taylorkit.trace import Traced

# Raised where a reader of before would misread, or miss, what is stored. Format 1 carries no mark; since format 2 seals
# and records name the artifact that they belong to.
ARTIFACT_FORMAT = 2
NUMERICS = "0.4.0"

Lows = Sequence[float] | None
Affects = Callable[["Traced", int, "Method", Lows], bool]
"""Whether derivatives of this program, up to this order and by this method, may have come out wrong at points whose
coordinates are not below `Lows`, one a variable; None where nothing is known of them."""


@dataclass(frozen=True)
class Mended:
    """A fault that stored numbers had before `release`. `part` is what of a run it touched: its derivatives, which all
    else depends on, its radii, or each evaluation."""

    name: str
    release: str
    words: str
    affects: Affects
    part: str = "derivatives"


def in_series(asks: Callable[["SeriesProgram", Lows], bool], order: int = 1) -> Affects:
    """Programs of which a part that is computed as Taylor series answers with yes, where that is differentiated so
    often: f, the program of its gradient, and their custom rules."""

    def affects(traced: "Traced", asked: int, method: "Method", lows: Lows = None) -> bool:
        if method.name not in ("series", "reverse"):
            return False
        from taylorkit.series_programs import series_programs  # which imports JAX: readers do not ask for this

        found = series_programs(traced, asked, method.name)
        return any(part.order >= order and asks(part, lows if part.of_variables else None) for part in found)

    return affects


def holds(*names: str, order: int) -> Affects:
    """Programs in which a primitive stands whose name begins so."""
    return in_series(lambda part, lows: any(p.startswith(names) for p in part.traced.primitives), order)


def at_or_below(bound: float, *names: str) -> Affects:
    """Programs in which the operand of such a primitive may be so small."""

    def asks(part: "SeriesProgram", lows: Lows) -> bool:
        if not part.traced.primitives.keys() & set(names):
            return False
        from taylorkit.lower_bounds import bounded  # likewise

        return any(use.name in names and use.lows[0] <= bound for use in bounded(part.traced, lows))

    return in_series(asks)


def either(*predicates: Affects) -> Affects:
    return lambda traced, order, method, lows: any(p(traced, order, method, lows) for p in predicates)


def calls(*names: str, order: int) -> Affects:
    """Programs that call a function of JAX's own of this name."""

    def asks(part: "SeriesProgram", lows: Lows) -> bool:
        from taylorkit.rewriting import equations  # likewise
        from taylorkit.series.origins import name_of

        return any(name_of(e) in names for e in equations(part.traced.jaxpr.jaxpr))

    return in_series(asks, order)


def ruled(
    question: str, order: int, methods: Iterable[str] = ("series", "reverse"), module: str = "custom_rules"
) -> Affects:
    """Programs of whose custom rules a module answers a question with yes, from an order on, by some methods."""
    served = frozenset(methods)

    def affects(traced: "Traced", asked: int, method: "Method", lows: Lows = None) -> bool:
        asking = import_module(f"taylorkit.{module}")  # which imports JAX: readers do not ask for this
        return asked >= order and method.name in served and getattr(asking, question)(traced, asked)

    return affects


def tie(part: "SeriesProgram", lows: Lows) -> bool:
    """Whether it takes one of several sides which may be equal."""
    if not any(p.startswith(SIDES) for p in part.traced.primitives):
        return False
    from taylorkit.lower_bounds import bounded  # likewise

    return any(use.name.startswith(SIDES) and use.may_tie for use in bounded(part.traced, lows))


def stops_by_data(traced: "Traced", order: int, method: "Method", lows: Lows = None) -> bool:
    """Programs with a loop whose number of turns depends on its operands."""
    from taylorkit.motion import loops_stopped_by_data  # likewise

    return order > 0 and "while" in traced.primitives and bool(loops_stopped_by_data(traced.jaxpr.jaxpr))


def large_determinant(part: "SeriesProgram", lows: Lows) -> bool:
    """Whether it takes the determinant of a matrix of four rows and more."""
    from taylorkit.rewriting import equations  # likewise
    from taylorkit.series.origins import name_of

    found = [e for e in equations(part.traced.jaxpr.jaxpr) if name_of(e) == "det"]
    return any(e.invars[0].aval.shape[-1] >= 4 for e in found)


def has_left_calls(traced: "Traced", order: int, method: "Method", lows: Lows = None) -> bool:
    """Programs of a custom_vjp function, by methods that use JAX's gradient."""
    found = any(p.startswith("custom_vjp_call") for p in traced.primitives)
    return found and order > 0 and method.name in ("nested", "reverse")


def began_with_a_gradient(traced: "Traced", order: int, method: "Method", lows: Lows = None) -> bool:
    """Programs of which `nested` took a gradient that may be wrong."""
    from taylorkit.differentiation.gradients import wrong_gradient  # which imports JAX: readers do not ask for this

    return order > 0 and method.name == "nested" and traced.shape == () and wrong_gradient(traced) is not None


# What takes one of several sides that may be equal.
SIDES = (
    "max",
    "min",
    "abs",
    "clamp",
    "sign",
    *("reduce_max", "reduce_min", "reduce_window_m", "cummax", "cummin", "sort", "top_k", "argm"),
)

MENDED = (
    Mended(
        "ignored-operands",
        "0.5.0",
        "derivatives of order 2 and more where a custom rule reads an operand and ignores its direction "
        "(custom_root and other implicit functions)",
        ruled("ignore_operands", order=2),
    ),
    Mended(
        "rules-without-a-gradient",
        "0.5.0",
        "mixed derivatives by a custom rule that is no gradient: they took the mean of all orders of the variables",
        ruled("are_of_several_operands", order=2),
    ),
    Mended(
        "alike-rules",
        "0.5.0",
        "derivatives where custom rules or callbacks differ in nothing but what they call (two of one factory)",
        ruled("look_alike", order=2, module="rule_hashes"),
    ),
    Mended(
        "backward-rules",
        "0.5.0",
        "derivatives of custom_vjp functions",
        ruled("have_backward_rules", order=1),
    ),
    Mended(
        "deep-rules",
        "0.5.0",
        "functions whose custom rules nest three deep and were changed, as of which the numbers of before were kept",
        ruled("are_deep", order=3, methods=("nested", "series", "reverse")),
    ),
    Mended(
        "wrong-gradients",
        "0.5.0",
        "NaN by nested where a mask hides a pole, and second derivatives of custom rules within a scan",
        began_with_a_gradient,
    ),
    *(
        Mended(
            f"shared-{part}",
            "0.5.0",
            "radii and evaluations of two runs at once that asked for unlike ones: they could be mixed",
            lambda traced, order, method, lows: True,
            part=part,
        )
        for part in ("radii", "evaluation")
    ),
    Mended(
        "convergence-radius",
        "0.5.0",
        "radii of convergence were too large where a singularity shows late, and finite for entire functions",
        lambda traced, order, method, lows: order >= 4,
        part="radii",
    ),
    Mended(
        "late-convergence",
        "0.5.0",
        "status was silent where a loop stops before the derivatives have converged",
        stops_by_data,
    ),
    Mended(
        "bessel-and-polygamma",
        "0.5.0",
        "derivatives of I0 and I1 near 0, of digamma and of gammaln at negative numbers",
        either(holds("bessel_i0e", "bessel_i1e", order=1), at_or_below(0.0, "digamma", "lgamma")),
    ),
    Mended(
        "special-functions",
        "0.5.0",
        "derivatives of sinc near 0, of log_ndtr, Fresnel and sine integrals, erfcx, expn and Bessel functions J_n, "
        "of jnp.i0 at 0, and of incomplete gamma and beta functions near 0 and 1",
        either(
            calls("sinc", "log_ndtr", "fresnel", "sici", "_erfcx", "expn", "bessel_jn", "_i0", order=1),
            holds("igamma", "regularized_incomplete_beta", order=2),
        ),
    ),
    Mended("spence", "0.5.0", "derivatives of spence from order 5 on", calls("_piecewise", "spence", order=1)),
    Mended(
        "singular-determinants",
        "0.5.0",
        "derivatives of det of singular matrices of four rows and more, and of eigenvalues equal but for rounding",
        either(in_series(large_determinant, order=2), holds("eig", "svd", order=1)),
    ),
    Mended(
        "masked-infinities",
        "0.5.0",
        "derivatives of logsumexp where all of a row is masked",
        at_or_below(0.0, "log"),
    ),
    Mended(
        "ties",
        "0.5.0",
        "derivatives where two sides of max, min, abs or clamp are equal, or numbers that are sorted",
        in_series(tie),
    ),
    Mended(
        "powers-at-zero",
        "0.5.0",
        "derivatives of powers that are not whole, and of roots, where their base is 0",
        at_or_below(0.0, "pow", "sqrt", "cbrt"),
    ),
    Mended(
        "affine-backward-rules",
        "0.5.0",
        "derivatives by a custom_vjp rule that adds to its cotangents, rounds them or leaves them out",
        has_left_calls,
    ),
)


def mended(traced: "Traced", order: int, method: "Method", part: str = "derivatives", lows: Lows = None) -> list[str]:
    """The names of the faults that numbers of this program may have had in some release before, at points whose
    coordinates are not below `lows`."""
    return sorted(row.name for row in MENDED if row.part == part and row.affects(traced, order, method, lows))


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
