"""The rows as tables."""

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.markdown import figure, table

HEAD = """**An atlas beside an interpolator.** f = sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y) on [−2, 2]², at
{points:,} random points; centres (of an atlas) or nodes (of SciPy's `RegularGridInterpolator`) are about as few as keep
the largest error there within {tolerance:g}. Bytes are those of coefficients, centres and axes. The ratio is to the
faster of the interpolators in the same round, with its quartiles."""

STENCIL = """**Many centres, one stencil.** `Atlas.stencil` evaluates all centres at the same displacements: one matrix
product. The share is that of a square product's speed in the same round, with its quartiles."""


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    surfaces, stencils = ([row for row in rows if row["group"] == group] for group in ("surface", "stencil"))
    parts = []
    if surfaces:
        heads = ("", "along an axis", "kB", "largest error", "million points/s", "× interpolator")
        parts += [HEAD.format(**surfaces[0]), table(heads, map(_surface, surfaces))]
    if stencils:
        heads = ("", "terms P", "GFLOP/s", "square product", "share")
        parts += [STENCIL, table(heads, map(_stencil, stencils))]
    return "\n\n".join(parts)


def _surface(row: dict[str, Any]) -> tuple[str, ...]:
    rate = row["points"] / row["seconds"]
    return (
        row["who"],
        str(row["side"]),
        figure(row["bytes"], 1e-3),
        f"{row['error']:.1e}",
        figure(rate, 1e-6),
        _middle(row["ratio"]),
    )


def _stencil(row: dict[str, Any]) -> tuple[str, ...]:
    name = f"D = {row['variables']}, order {row['order']}"
    return name, str(row["terms"]), figure(row["gflops"]), figure(row["peak_gflops"]), _middle(row["share"])


def _middle(quartiles: Sequence[float]) -> str:
    low, middle, high = map(figure, quartiles)
    return f"{middle} ({low}–{high})"
