"""The figures as plots: time against the order, compile time, the sweep, the ceilings, and how time grows.

Every axis of time is logarithmic, and one contestant has the same colour and marker in all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.plotting import style
from tests.benchmarks import growth, panels, roofline, scaling, sweep
from tests.benchmarks.markdown import points
from tests.benchmarks.problem import ORDER
from tests.benchmarks.record import Row

EXPRESSIONS = ("t", "sin-cos", "kin-1", "kin-2", "kin-3", "kin-4", "kin-5", "kin-6", "flow")
KIN = "kin: sin(Σ xᵢxⱼ) exp(−|x|²/2) + tanh(Σ i xᵢ)"
# Where compiling differs most.
COMPILED = ("t", "kin-2", "kin-5", "mlp-tanh-4")


def write(rows: Sequence[Row], ceilings: Mapping[str, float], folder: Path) -> list[Path]:
    """Draw what there are rows for, of one machine and precision; PNG and SVG. Returns the PNGs."""
    ran = [row for row in rows if row.seconds is not None]
    ordered = [row for row in ran if row.group == ORDER]
    drawings = {
        "benchmark-sweep": lambda: sweep.draw(ran),
        "benchmark-roofline": lambda: roofline.draw(ran, dict(ceilings)),
        "benchmark-expressions": lambda: _against_order(
            [row for row in ordered if row.problem in EXPRESSIONS],
            _milliseconds,
            f"Time of all derivatives; {KIN}",
            "ms",
        ),
        "benchmark-networks": lambda: _against_order(
            [row for row in ordered if row.problem.startswith("mlp-")],
            _milliseconds,
            "Time of all derivatives of networks D → 64 → 64 → 1, 1,000 points",
            "ms",
        ),
        "benchmark-compile": lambda: _against_order(
            _compiled(ordered), lambda row: row.compile_seconds or 0.0, f"Time to compile; {KIN}", "s"
        ),
        "benchmark-scaling": lambda: scaling.draw(ran),
        "benchmark-growth": lambda: _growing(ran),
    }
    with style.context():
        figures = {stem: draw() for stem, draw in drawings.items()}
    return [style.save(figure, folder, stem)[0] for stem, figure in figures.items() if figure]


def _milliseconds(row: Row) -> float:
    return 1e3 * (row.seconds or 0.0)


def _compiled(rows: Sequence[Row]) -> list[Row]:
    """Of everybody who compiles for the order."""
    return [r for r in rows if r.problem in COMPILED and not r.contestant.startswith(("memory", "floor"))]


def _against_order(rows: Sequence[Row], value: Callable[[Row], float], title: str, unit: str) -> Figure | None:
    """A panel for each problem."""
    problems = list(dict.fromkeys(row.problem for row in rows))
    if not problems:
        return None
    figure, shown = panels.grid(len(problems), title)
    for panel, name in zip(shown, problems, strict=True):
        chosen = [row for row in rows if row.problem == name]
        panels.lines(panel, growth.across(chosen, lambda row: row.order, value))
        panel.set_title(_panel_title(chosen))
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.set_xlabel("order n")
    panels.finish(figure, shown, unit)
    return figure


def _panel_title(rows: Sequence[Row]) -> str:
    row = rows[0]
    kin = f"kin, D = {row.variables}" if row.problem.startswith(sweep.SWEPT) else ""
    network = f"D = {row.variables}, {row.problem.split('-')[1]}" if row.problem.startswith("mlp") else ""
    flow = "flow map of Hénon–Heiles, D = 4" if row.problem == "flow" else ""
    return f"{kin or network or flow or row.title}\n{points(r.points for r in rows)}"


def _growing(rows: Sequence[Row]) -> Figure | None:
    """Time of an output number against D."""
    draws = [
        (title, order, [r for r in rows if belongs(r) and r.order == order]) for title, belongs, order in growth.SERIES
    ]
    draws = [draw for draw in draws if len({row.variables for row in draw[2]}) > 1]
    if not draws:
        return None
    figure, shown = panels.grid(len(draws), "Time of each number written")
    for panel, (title, order, chosen) in zip(shown, draws, strict=True):
        panels.lines(panel, growth.across(chosen, lambda r: r.variables, lambda r: 1e9 * growth.number_seconds(r)))
        panel.set_title(f"{title}\norder {order}")
        panel.set_xscale("log")
        panel.set_xlabel("variables D")
        panels.ticks(panel, sorted({row.variables for row in chosen}))
    panels.finish(figure, shown, "ns")
    return figure
