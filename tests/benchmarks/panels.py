"""How a contestant looks in every plot, and figures of several panels with one legend."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.benchmarks.contestants import ONE_CORE

# Name begins with ↦ how it is drawn. `auto` is a broad band behind the method that it takes; one method's lowerings
# have its marker, LLVM in its colour and XLA in a pale one.
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
    "taylorkit series:xla": {"color": "#7FB2D6", "marker": "^"},
    "taylorkit series": {"color": "#0072B2", "marker": "^"},
    "taylorkit reverse:xla": {"color": "#80CEB9", "marker": "v"},
    "taylorkit reverse": {"color": "#009E73", "marker": "v"},
    "jacfwd": {"color": "#D55E00", "marker": "D"},
    "jet": {"color": "#CC79A7", "marker": "P"},
    "heyoka": {"color": "#E69F00", "marker": "X"},
    "memory fill": {"color": "#999999", "linestyle": (0, (5, 2)), "linewidth": 1.2},
    "floor": {"color": "#999999", "linestyle": (0, (1, 1.5)), "linewidth": 1.4},
}
COLUMNS, PANEL, LEGEND_ENTRY = 4, (3.1, 2.75), 2.3  # inches
# On an equivalent formula; on one core.
DASHED, DOTTED = (0, (3, 1.5)), (0, (1, 1.3))


def looks(name: str) -> dict[str, Any]:
    """Of whoever has this name; hollow where it runs an equivalent formula, or on one core."""
    found = {"linewidth": 1.4, "markersize": 4.5} | next(v for k, v in LOOKS.items() if name.startswith(k))
    for apart, style in ((" (" in name, DASHED), (name.endswith(ONE_CORE), DOTTED)):
        found |= {"linestyle": style, "markerfacecolor": "white"} if apart else {}
    return found


def grid(count: int, title: str) -> tuple[Figure, list[Axes]]:
    """So many panels, and as many rows as they take."""
    across = 3 if count in (6, 9) else min(COLUMNS, count)
    down = -(-count // across)
    figure = Figure(figsize=(max(8.0, PANEL[0] * across + 0.3), PANEL[1] * down + 1.1), layout="constrained")
    figure.suptitle(title)
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    for empty in panels[count:]:
        empty.remove()
    return figure, panels[:count]


def lines(panel: Axes, found: Mapping[str, Mapping[int, float]]) -> None:
    """A line for each contestant, on a logarithmic axis of its value."""
    for name, values in found.items():
        places = sorted(values)
        panel.plot(places, [values[place] for place in places], label=label(name), **looks(name))
    logarithmic(panel)


def logarithmic(panel: Axes) -> None:
    panel.set_yscale("log")
    panel.grid(which="minor", axis="y", linewidth=0.3)


def ticks(panel: Axes, places: Sequence[int]) -> None:
    """At these places alone."""
    panel.set_xticks(places, [f"{place:,}" for place in places])
    panel.minorticks_off()


def label(name: str) -> str:
    """One name for jet, with rays or without, and for jacfwd with or without grad."""
    name = name.replace("jet on rays", "jet")
    if " (" in name:
        return "jet (equivalent formula)"
    return "jacfwd ∘ grad" if name.startswith("jacfwd") else name


def finish(figure: Figure, panels: Iterable[Axes], unit: str) -> None:
    """The unit at every panel, one legend for all below."""
    shown = list(panels)
    for panel in shown:
        panel.set_ylabel(unit)
    handles = {label: handle for p in shown for handle, label in zip(*p.get_legend_handles_labels(), strict=True)}
    known = sorted(handles, key=lambda label: next(i for i, k in enumerate(LOOKS) if label.startswith(k)))
    figure.legend(
        [handles[k] for k in known], known, loc="outside lower center", ncols=int(figure.get_figwidth() / LEGEND_ENTRY)
    )
