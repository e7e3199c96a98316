"""Where f maps points to, two outputs against one another, with where its Taylor polynomials map them laid over it."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, maps, select, style, text
from taylorkit.plotting.figure import Source
from taylorkit.shown import value as quoted

__all__ = ["cloud"]

# More points than these cannot be told apart on a panel.
SHOWN = 20_000
# Points that are spread over a list at steps of this, round and round, are spread evenly however many are taken.
GOLDEN = (5**0.5 - 1) / 2
MARGIN = 0.12
DOTS: dict[str, Any] = {"linestyle": "", "marker": ".", "markersize": 1.6, "markeredgewidth": 0, "rasterized": True}
PANEL_SIZE = (3.7, 3.5)


def cloud(
    source: Source,
    *,
    evaluation: str | None = None,
    outputs: list[int] | None = None,
    degrees: list[int] | None = None,
    names: list[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Two of f's `outputs`, by default the first two, at an evaluation's points: one panel for each of `degrees`.

    In the back f itself, over it T_k. Where there are many points, 20,000 of them are drawn, the same each time.
    `names` are written at the axes. Raises SpecError where f has but one output.
    """
    whole = select.evaluation(source.evaluations, evaluation)
    pair = _pair(outputs)
    (across, first), (up, second) = (select.component(whole, output) for output in pair)
    chosen = select.degrees(whole, degrees, sorted({min(1, int(whole.attrs["order"])), int(whole.attrs["order"])}))
    points = select.axes(whole)
    titles = _names(names, [text.text(words) for words in (first, second)])
    kept = shown(int(np.prod([whole.sizes[a] for a in points])))
    f = _values(across["truth"], points)[kept], _values(up["truth"], points)[kept]
    figure, panels = maps.panels(len(chosen), PANEL_SIZE)
    for axes, k in zip(panels, chosen, strict=True):
        t = [_values(part["approximation"].sel(degree=k), points)[kept] for part in (across, up)]
        _panel(axes, f, t, k, text.symbol(whole.attrs))
        axes.set(xlim=annotate.around(f[0], MARGIN), ylim=annotate.around(f[1], MARGIN))
    for axes in panels:
        axes.set_xlabel(titles[0])
    panels[0].set_ylabel(titles[1])
    count = int(np.prod([whole.sizes[a] for a in points]))
    words = f"{text.number(len(kept))} of {text.number(count)} points drawn" if len(kept) < count else ""
    handles, labels = panels[0].get_legend_handles_labels()
    labels[-1] = "$T_k$"
    figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=6, title=words or None)
    annotate.title(figure, title, whole.attrs, "Points mapped by Taylor polynomials", text.about(whole.attrs))
    return figure


def shown(count: int) -> np.ndarray:
    """Which of `count` points are drawn, ascending: all, or SHOWN of them, spread evenly over their list."""
    if count <= SHOWN:
        return np.arange(count)
    return np.unique((np.arange(SHOWN) * GOLDEN % 1 * count).astype(int))


def _pair(outputs: Any) -> tuple[Any, Any]:
    pair = [0, 1] if outputs is None else outputs
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise SpecError(f"outputs = {quoted(pair)}: write two numbers of outputs, such as [0, 1]")
    return pair[0], pair[1]


def _values(array: xr.DataArray, points: tuple[str, ...]) -> np.ndarray:
    """Its values at all points, in C order."""
    return np.asarray(array.transpose(*points).values).reshape(-1)


def _panel(axes: Axes, f: tuple[np.ndarray, ...], t: list[np.ndarray], degree: int, symbol: str) -> None:
    axes.plot(*f, color="#9A9A9A", label=f"${symbol}$", **DOTS)
    axes.plot(*t, color=style.LINES[1], label=f"$T_{{{degree}}}$", **DOTS)
    axes.set_title(f"$T_{{{degree}}}$ over ${symbol}$")


def _names(names: Any, default: list[str]) -> list[str]:
    """What is written at the two axes."""
    good = names is None or (isinstance(names, list) and len(names) == 2 and all(isinstance(n, str) for n in names))
    if not good:
        raise SpecError(f"names = {quoted(names)}: write two texts, one for each axis")
    return [text.text(words) for words in names] if names else default
