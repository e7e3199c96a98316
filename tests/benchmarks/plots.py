"""The figures as plots: time against the order, compile time, and how time grows with D and N.

Every panel has a logarithmic axis of time, and one contestant the same colour and marker in all of them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.plotting import style
from tests.benchmarks import growth
from tests.benchmarks.record import Row

# Name begins with ↦ how it is drawn. `auto` is a broad band behind the method that it takes.
LOOKS: dict[str, dict[str, Any]] = {
    "taylorkit auto": {
        "color": "#000000",
        "alpha": 0.18,
        "linewidth": 8,
        "marker": "o",
        "markersize": 8,
        "markeredgewidth": 0,
        "zorder": 1,
    },
    "taylorkit nested": {"color": "#56B4E9", "marker": "s"},
    "taylorkit series": {"color": "#0072B2", "marker": "^"},
    "taylorkit reverse": {"color": "#009E73", "marker": "v"},
    "jacfwd": {"color": "#D55E00", "marker": "D"},
    "jet": {"color": "#CC79A7", "marker": "P"},
    "heyoka": {"color": "#E69F00", "marker": "X"},
    "memory fill": {"color": "#999999", "linestyle": (0, (5, 2)), "linewidth": 1.2},
    "floor": {"color": "#999999", "linestyle": (0, (1, 1.5)), "linewidth": 1.4},
}
COLUMNS, PANEL, LEGEND_ENTRY = 4, (3.1, 2.75), 2.2  # inches
EXPRESSIONS = ("t", "sin-cos", "kin-2", "kin-3", "kin-5", "kin-6", "flow")


def write(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw what there are rows for, of one machine and precision; PNG and SVG. Returns the PNGs."""
    ran = [row for row in rows if row.seconds is not None]
    ordered = [row for row in ran if row.group == "order"]
    expressions = [row for row in ordered if row.problem in EXPRESSIONS]
    networks = [row for row in ordered if row.problem.startswith("mlp-")]
    drawings = {
        "benchmark-expressions": lambda: _against_order(expressions, _milliseconds, "Time of all derivatives", "ms"),
        "benchmark-networks": lambda: _against_order(
            networks, _milliseconds, "Time of all derivatives of networks D → 64 → 64 → 1, 1,000 points", "ms"
        ),
        "benchmark-compile": lambda: _against_order(
            _compiled(ordered), lambda row: row.compile_seconds or 0.0, "Time to compile", "s"
        ),
        "benchmark-growth": lambda: _growing(ran),
    }
    with style.context():
        figures = {stem: draw() for stem, draw in drawings.items()}
    return [style.save(figure, folder, stem)[0] for stem, figure in figures.items() if figure]


def _milliseconds(row: Row) -> float:
    return 1e3 * (row.seconds or 0.0)


def _compiled(rows: Sequence[Row]) -> list[Row]:
    """Of everybody who compiles for the order, in four problems that differ most."""
    problems = ("t", "kin-2", "kin-5", "mlp-tanh-4")
    return [r for r in rows if r.problem in problems and not r.contestant.startswith(("memory", "floor"))]


def _against_order(rows: Sequence[Row], value: Callable[[Row], float], title: str, unit: str) -> Figure | None:
    """A panel for each problem."""
    problems = list(dict.fromkeys(row.problem for row in rows))
    if not problems:
        return None
    figure, panels = _grid(len(problems), title)
    for panel, name in zip(panels, problems, strict=True):
        chosen = [row for row in rows if row.problem == name]
        _lines(panel, growth.across(chosen, lambda row: row.order, value))
        panel.set_title(_panel_title(chosen[0]))
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.set_xlabel("order n")
    _finish(figure, panels, unit)
    return figure


def _panel_title(row: Row) -> str:
    formula = {"kin-2": "sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)", "flow": "flow map of Hénon–Heiles, D = 4"}
    kin = f"its kin in {row.variables} variables" if row.problem.startswith("kin") else ""
    network = f"D = {row.variables}, {row.problem.split('-')[1]}" if row.problem.startswith("mlp") else ""
    return f"{formula.get(row.problem) or kin or network or row.title}\n{row.points:,} points"


def _growing(rows: Sequence[Row]) -> Figure | None:
    """Time of an output number against D, of a point against N."""
    draws: list[tuple[str, str, dict[str, dict[int, float]]]] = []
    for title, belongs, order in growth.SERIES:
        chosen = [r for r in rows if belongs(r) and r.order == order]
        draws.append(
            (f"{title}\norder {order}", "variables D", growth.across(chosen, lambda r: r.variables, _nanoseconds))
        )
    chosen = [row for row in rows if row.group == "points"]
    if chosen:
        found = growth.across(chosen, lambda r: r.points, _nanoseconds)
        draws.append((f"two variables\norder {chosen[0].order}", "points N", found))
    draws = [draw for draw in draws if any(len(values) > 1 for values in draw[2].values())]
    if not draws:
        return None
    figure, panels = _grid(len(draws), "Time of each number written")
    for panel, (title, along, found) in zip(panels, draws, strict=True):
        _lines(panel, found)
        panel.set_title(title)
        panel.set_xscale("log")
        panel.set_xlabel(along)
        if along == "variables D":
            _ticks(panel, sorted({place for values in found.values() for place in values}))
    _finish(figure, panels, "ns")
    return figure


def _nanoseconds(row: Row) -> float:
    return 1e9 * growth.number_seconds(row)


def _ticks(panel: Axes, places: Sequence[int]) -> None:
    panel.set_xticks(places, [str(place) for place in places])
    panel.minorticks_off()


def _grid(count: int, title: str) -> tuple[Figure, list[Axes]]:
    across = min(COLUMNS, count) if count != 6 else 3
    down = -(-count // across)
    figure = Figure(figsize=(max(8.0, PANEL[0] * across + 0.3), PANEL[1] * down + 1.1), layout="constrained")
    figure.suptitle(title)
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    for empty in panels[count:]:
        empty.remove()
    return figure, panels[:count]


def _lines(panel: Axes, found: dict[str, dict[int, float]]) -> None:
    for name, values in found.items():
        looks = {"linewidth": 1.4, "markersize": 4.5} | next(v for k, v in LOOKS.items() if name.startswith(k))
        if " (" in name:  # the same peer on an equivalent formula
            looks |= {"linestyle": (0, (3, 1.5)), "markerfacecolor": "white"}
        places = sorted(values)
        panel.plot(places, [values[place] for place in places], label=_label(name), **looks)
    panel.set_yscale("log")
    panel.grid(which="minor", axis="y", linewidth=0.3)


def _label(name: str) -> str:
    """One name for jet, with rays or without, and for jacfwd with or without grad."""
    name = name.replace("jet on rays", "jet")
    if " (" in name:
        return "jet (equivalent formula)"
    return "jacfwd ∘ grad" if name.startswith("jacfwd") else name


def _finish(figure: Figure, panels: Sequence[Axes], unit: str) -> None:
    """The unit at every panel, one legend for all below."""
    for panel in panels:
        panel.set_ylabel(unit)
    handles = {label: handle for p in panels for handle, label in zip(*p.get_legend_handles_labels(), strict=True)}
    known = sorted(handles, key=lambda label: next(i for i, k in enumerate(LOOKS) if label.startswith(k)))
    figure.legend(
        [handles[k] for k in known], known, loc="outside lower center", ncols=int(figure.get_figwidth() / LEGEND_ENTRY)
    )
