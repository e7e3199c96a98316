"""How time grows: of a point with the number of points and of derivatives, and how much a second core saves."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit.plotting.style import LINES
from tests.benchmarks import growth, panels
from tests.benchmarks.contestants import AUTO, ONE_CORE
from tests.benchmarks.markdown import figure, table
from tests.benchmarks.problem import CORES, POINTS
from tests.benchmarks.record import Row
from tests.benchmarks.sweep import SWEPT


def draw(rows: Sequence[Row]) -> Figure | None:
    """The panels there are rows for."""
    ran = [row for row in rows if row.seconds is not None]
    found = [(panel, chosen) for belongs, panel in PANELS if (chosen := [row for row in ran if belongs(row)])]
    if not found:
        return None
    drawing = Figure(figsize=(10.6, 4.6), layout="constrained")
    drawing.suptitle("How time grows")
    for axes, (panel, chosen) in zip(drawing.subplots(1, len(found), squeeze=False).flat, found, strict=True):
        panel(axes, chosen)
    named = [axes for axes in drawing.axes if axes.get_legend() is None]
    units = [axes.get_ylabel() for axes in drawing.axes]
    panels.finish(drawing, named, "")
    for axes, unit in zip(drawing.axes, units, strict=True):
        axes.set_ylabel(unit)
    return drawing


def speedups(rows: Sequence[Row]) -> dict[str, dict[int, float]]:
    """By contestant and order: seconds on one core to those on all."""
    times = {(row.contestant, row.order): row.seconds for row in rows if row.group == CORES and row.seconds}
    found: dict[str, dict[int, float]] = {}
    for (who, order), seconds in times.items():
        if alone := times.get((who + ONE_CORE, order)):
            found.setdefault(who, {})[order] = alone / seconds
    return found


def report(rows: Sequence[Row]) -> str:
    """Times as fast on all cores as on one; nothing where it was not measured."""
    found = speedups(rows)
    orders = sorted({order for values in found.values() for order in values})
    lines = [[who, *(figure(values.get(order)) for order in orders)] for who, values in found.items()]
    title = "Times as fast on all cores as on one, sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)"
    return f"{title}\n\n{table(['', *(f'n = {n}' for n in orders)], lines)}\n" if found else ""


def _points(axes: Axes, rows: Sequence[Row]) -> None:
    panels.lines(axes, growth.across(rows, lambda r: r.points, lambda r: 1e9 * growth.point_seconds(r)))
    axes.set_xscale("log")
    axes.set_xlabel("points N")
    axes.set_ylabel("ns a point")
    axes.set_title(f"two variables, order {rows[0].order}")


def _terms(axes: Axes, rows: Sequence[Row]) -> None:
    """The time of one number, which is flat where a derivative costs what any other costs."""
    for name, style in ((AUTO, "-"), ("heyoka", (0, (3, 1.5)))):
        for d in sorted({row.variables for row in rows}):
            chosen = sorted((r for r in rows if r.variables == d and r.contestant == name), key=lambda r: r.terms)
            axes.plot(
                [r.terms for r in chosen],
                [1e9 * growth.number_seconds(r) for r in chosen],
                color=LINES[d - 1],
                linestyle=style,
                linewidth=1.4,
                marker="o" if name == AUTO else "x",
                markersize=3.5,
                label=f"D = {d}" if name == AUTO else "_",
            )
    panels.logarithmic(axes)
    axes.set_xscale("log")
    axes.set_xlabel("derivatives P")
    axes.set_ylabel("ns a number")
    axes.set_title("kin in D variables (dashed: heyoka)")
    axes.legend(ncols=2, fontsize=8, columnspacing=1.0, handlelength=1.4)


def _cores(axes: Axes, rows: Sequence[Row]) -> None:
    shown = [row for row in rows if row.contestant != AUTO]
    panels.lines(axes, growth.across(shown, lambda r: r.order, lambda r: 1e9 * growth.point_seconds(r)))
    panels.ticks(axes, sorted({row.order for row in shown}))
    axes.set_xlabel("order n")
    axes.set_ylabel("ns a point")
    axes.set_title("two variables, on all cores and on one")


PANELS = (
    (lambda row: row.group == POINTS, _points),
    (lambda row: row.problem.startswith(SWEPT), _terms),
    (lambda row: row.group == CORES, _cores),
)
