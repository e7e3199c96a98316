"""The rows as a table."""

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.markdown import figure, table

HEAD = """**A cloud propagated by a Taylor map.** {points:,} initial states about a halo orbit, half a period on
(`data/specs/three-body.toml`): each integrated by `jax.jit(jax.vmap(…))` of the same scan in double precision, and all
of them by the polynomial of the flow map, in NumPy on all cores. The ratio is to the faster way of integrating in the
same round, with its quartiles; the error is the largest over states and outputs, from what integrating gives. The map
itself, to order {order}, took {expanding:.3g} s, compiling included, once."""


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    heads = ("", "ms", "million states/s", "× integrating", "largest error")
    return "\n\n".join([HEAD.format(**rows[0]), table(heads, map(_line, rows))])


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    low, middle, high = map(figure, row["ratio"])
    rate = figure(row["points"] / row["seconds"], 1e-6)
    return row["who"], figure(row["seconds"], 1e3), rate, f"{middle} ({low}–{high})", f"{row['error']:.1e}"
