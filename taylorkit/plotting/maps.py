"""Figures of several maps over the same two variables: panels, names, one colour bar, one legend."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from taylorkit.plotting import notebook, style, text

__all__ = ["bar", "cells", "colormap", "legend", "name", "panels"]

PANEL_SIZE = (3.5, 3.1)
VALUES = "viridis"
ERRORS = "cividis"


def panels(count: int, size: tuple[float, float] = PANEL_SIZE) -> tuple[Figure, list[Axes]]:
    """A figure with `count` panels that share their axes: up to three in a row, four as two by two."""
    columns = _columns(count)
    rows = -(-count // columns)
    # A lone panel still needs the width of a title.
    width = max(columns * size[0] + 1.2, 6.4)
    figure = notebook.Figure(figsize=(width, rows * size[1] + 0.8), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for spare in grid[count:]:
        spare.remove()
    for above in grid[count - columns : count]:
        above.tick_params(labelbottom=True)
    return figure, list(grid[:count])


def _columns(count: int) -> int:
    """How many of `count` panels stand in a row."""
    return 2 if count == 4 else min(count, 3)


def cells(axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, norm: Normalize, colors: str) -> ScalarMappable:
    """A field of shape (len(y), len(x)) as coloured cells around its points."""
    axes.grid(False)
    cmap = colormap(colors)
    return axes.pcolormesh(x, y, values, norm=norm, cmap=cmap, shading="nearest", rasterized=True)


def legend(figure: Figure, axes: Axes) -> None:
    """The legend of maps, under them: what is marked is the same in each."""
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center")


def bar(figure: Figure, image: ScalarMappable, axes: list[Axes], label: str) -> None:
    """One colour bar for all maps."""
    figure.colorbar(image, ax=axes, aspect=30, pad=0.02).set_label(label, labelpad=8)


def colormap(name: str) -> Colormap:
    """A map that paints what is unknown in grey."""
    return matplotlib.colormaps[name].with_extremes(bad=style.UNKNOWN)


def name(panels: Sequence[Axes], *names: str) -> None:
    """Variables as labels of the outer axes only, where the panels' numbers are too."""
    columns = _columns(len(panels))
    for i, axes in enumerate(panels):
        if i + columns >= len(panels):
            axes.set_xlabel(f"${text.name(names[0])}$")
        if i % columns == 0:
            axes.set_ylabel(f"${text.name(names[1])}$")
