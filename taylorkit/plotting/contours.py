"""f and its Taylor polynomials over two variables, as contours at the same levels side by side."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.plotting import annotate, maps, select, style, text
from taylorkit.plotting.centers import behind, on_map
from taylorkit.plotting.figure import Source

__all__ = ["contours"]

LEVELS = 12


def contours(
    source: Source,
    *,
    evaluation: str | None = None,
    degrees: list[int] | None = None,
    output: int = 0,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """f, then T_k of each of `degrees`, at levels chosen from f, or between `limits`.

    Raises SpecError where the evaluation has not two axes.
    """
    dataset, part = select.component(select.evaluation(source.evaluations, evaluation), output)
    over = select.require_axes(dataset, (2,), "contours")
    order = int(dataset.attrs["order"])
    chosen = select.degrees(dataset, degrees, select.spread(order, 5, first=min(1, order)))
    height = select.limits(limits)
    levels = _levels(dataset["truth"].values, height)
    centers = behind(source.root, dataset, output)
    fields = {f"${text.symbol(dataset.attrs)}$": dataset["truth"]}
    fields |= {f"$T_{{{k}}}$": dataset["approximation"].sel(degree=k) for k in chosen}
    figure, panels = maps.panels(len(fields))
    for axes, (name, values) in zip(panels, fields.items(), strict=True):
        x, y = (dataset[a].values for a in over)
        z = np.ma.masked_invalid(values.transpose(*reversed(over)).values)
        filled = axes.contourf(x, y, z, levels=levels, cmap=maps.VALUES, extend="both")
        axes.contour(x, y, z, levels=levels, colors="white", linestyles="solid", linewidths=0.5)
        axes.set_facecolor(style.UNKNOWN)
        axes.grid(False)
        on_map(axes, centers, over)
        axes.set_title(name)
    maps.name(panels, *over)
    maps.bar(figure, filled, panels, f"${text.symbol(dataset.attrs)},\\;T_k$")
    maps.legend(figure, panels[0])
    annotate.title(figure, title, dataset.attrs, "Contours", text.about(dataset.attrs), part)
    return figure


def _levels(truth: np.ndarray, limits: tuple[float, float] | None) -> np.ndarray:
    low, high = limits or annotate.around(truth, 0)
    return np.asarray(MaxNLocator(LEVELS).tick_values(low, high))
