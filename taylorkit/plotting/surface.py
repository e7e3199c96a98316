"""f over two variables as a surface in space, and a Taylor polynomial laid over it."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import Axes3D
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from taylorkit import shown
from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, maps, notebook, select, style, text
from taylorkit.plotting.centers import Centers, behind, dot
from taylorkit.plotting.figure import Source
from taylorkit.plotting.sheets import Sheet, cells, parted, thin, within

__all__ = ["surface"]

SIZE = (7.6, 6.0)
OVERLAID = to_rgba(style.LINES[4], 0.6)
# The polynomial is shown as high as f goes, and this much of f's height beyond; it is cut where it runs away.
MARGIN = 0.3
LIFT = 1e-6


def surface(
    source: Source,
    *,
    evaluation: str | None = None,
    degree: int | None = None,
    output: int = 0,
    limits: list[float] | None = None,
    view: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """f over the evaluation's two axes, coloured by height; with `degree`, T_k translucent over it.

    `limits` are those of the vertical axis, `view` is [elevation, azimuth] in degrees of arc. Raises SpecError where
    the evaluation has not two axes.
    """
    dataset, part = select.component(select.evaluation(source.evaluations, evaluation), output)
    over = select.require_axes(dataset, (2,), "a surface")
    # All that is asked for is looked at before any value: it is checked so ahead of a run.
    asked, angles = select.limits(limits), _view(view)
    laid = None if degree is None else select.degree(dataset, degree)
    dataset = thin(dataset.transpose(..., *over), over)
    truth = dataset["truth"].values
    height = asked or annotate.around(truth, 0 if degree is None else MARGIN)
    sheets = [cells(dataset, over, truth)]
    if laid is not None:
        values = dataset["approximation"].sel(degree=laid).values
        # Where T_k equals f, rounding would decide cell by cell which is seen: T_k lies on top.
        lifted = values + LIFT * (height[1] - height[0])
        sheets = parted(sheets[0], cells(dataset, over, lifted))
    figure = notebook.Figure(figsize=SIZE)
    axes = figure.add_axes((0.0, 0.05, 0.96, 0.9), projection="3d")
    _paint(axes, sheets, Normalize(*annotate.around(truth, 0)), height)
    handles = _legend(dataset, degree)
    _mark(axes, behind(source.root, dataset, output), over, height)
    _frame(axes, dataset, over, height, angles)
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))
    what = "Surface" if degree is None else f"$T_{{{degree}}}$ over the surface"
    annotate.title(figure, title, dataset.attrs, what, text.about(dataset.attrs), part)
    return figure


def _paint(axes: Axes3D, sheets: list[Sheet], scale: Normalize, height: tuple[float, float]) -> None:
    """All sheets as one collection: Matplotlib sorts by depth within a collection only, so crossings come out
    right."""
    by_height = maps.colormap(maps.VALUES)
    painted, colors = [], []
    for number, sheet in enumerate(sheets):
        seen = within(sheet, *height)
        painted += seen
        # All heights at once: one by one takes as long as painting.
        colors += [OVERLAID] * len(seen) if number else list(by_height(scale([c[:, 2].mean() for c in seen])))
    look: dict[str, Any] = {"edgecolors": (1, 1, 1, 0.3), "linewidths": 0.25, "rasterized": True}
    axes.add_collection3d(Poly3DCollection(painted, facecolors=colors, **look), autolim=False)


def _mark(axes: Axes3D, centers: Centers, over: tuple[str, ...], height: tuple[float, float]) -> None:
    x, y = (centers.points[a] for a in over)
    inside = (centers.values >= height[0]) & (centers.values <= height[1])
    look = dot(len(x)) | {"zorder": 20}
    axes.plot(x[inside], y[inside], centers.values[inside], **look)


def _legend(dataset: xr.Dataset, degree: int | None) -> list[Patch | Line2D]:
    letter = text.symbol(dataset.attrs)
    handles: list[Patch | Line2D] = [Patch(color=maps.colormap(maps.VALUES)(0.45), label=f"${letter}$")]
    if degree is not None:
        handles.append(Patch(color=OVERLAID, label=f"$T_{{{degree}}}$"))
    return [*handles, Line2D([], [], **dot(1), label="centre")]


def _frame(
    axes: Axes3D,
    dataset: xr.Dataset,
    over: tuple[str, ...],
    height: tuple[float, float],
    view: tuple[float, float],
) -> None:
    for set_limits, axis in zip((axes.set_xlim, axes.set_ylim), over, strict=True):
        set_limits(float(dataset[axis].min()), float(dataset[axis].max()))
    axes.set_zlim(*height)
    annotate.name_axes(axes, *over)
    axes.set_zlabel(f"${text.symbol(dataset.attrs)}$")
    axes.view_init(*view)
    for line in (axes.xaxis, axes.yaxis, axes.zaxis):
        line.set_major_locator(MaxNLocator(6))
    # Any larger, and the label of the vertical axis falls off the figure.
    axes.set_box_aspect((4, 4, 3), zoom=1.0)


def _view(chosen: Any) -> tuple[float, float]:
    if chosen is None:
        return 28.0, -60.0
    pair = chosen if isinstance(chosen, list | tuple) else []
    if len(pair) != 2 or not all(isinstance(v, int | float) and abs(v) < np.inf for v in pair):
        raise SpecError(f"view = {shown.value(chosen)}: write [elevation, azimuth] in degrees, such as [28, -60]")
    return float(chosen[0]), float(chosen[1])
