"""δ⊗δ and δ⊗δ⊗δ of one displacement from a centre: the arrays that the derivatives of a Taylor polynomial meet."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, maps, notebook, select, text
from taylorkit.plotting.figure import Source

__all__ = ["tensor_powers"]

# Numbers in the cells must stay readable.
MOST_VARIABLES = 8
COLUMNS = 4


def tensor_powers(source: Source, *, evaluation: str | None = None, title: str | None = None) -> Figure:
    """δ = x − x₀ for the evaluation's first point x and its centre x₀, with δ⊗δ (D, D) and the D slices of δ⊗δ⊗δ.

    Raises SpecError for an atlas, which has no one centre, and for more than 8 variables.
    """
    dataset = select.named(source.evaluations, evaluation)
    delta = displacement(dataset)
    square = np.multiply.outer(delta, delta)
    cube = np.multiply.outer(square, delta)
    size = len(delta)
    rows, columns = -(-size // COLUMNS), min(size, COLUMNS)
    figure = notebook.Figure(figsize=(max(columns * 2.3, 6.4), 3.4 + rows * 2.5), layout="constrained")
    top, bottom = np.asarray(figure.subfigures(2, 1, height_ratios=[1.15, rows]))
    first, second = top.subplots(1, 2, width_ratios=[1, 3])
    _heat(first, delta[:, None], "$\\delta = x - x_0$")
    _heat(second, square, "$\\delta\\otimes\\delta$")
    slices = bottom.subplots(rows, columns, squeeze=False).ravel()
    reach = float(np.abs(cube).max())
    for i, axes in enumerate(slices[:size]):
        _heat(axes, cube[i], f"$(\\delta\\otimes\\delta\\otimes\\delta)_{{{i + 1}jk}}$", reach)
    for spare in slices[size:]:
        spare.remove()
    where = f"from {text.point(dataset.attrs['center'])}"
    annotate.plain_title(figure, title, f"Tensor powers of a displacement {where}")
    return figure


def displacement(dataset: xr.Dataset) -> np.ndarray:
    """δ of the first point: (D,)."""
    attrs = dataset.attrs
    if attrs.get("source") == "atlas":
        raise SpecError(
            f"evaluation = {attrs.get('evaluation')!r}: an atlas has many centres; choose one about a single centre"
        )
    variables, held = list(attrs["variables"]), attrs.get("fixed") or {}
    if len(variables) > MOST_VARIABLES:
        raise SpecError(f"variables = {len(variables)}: this figure shows at most {MOST_VARIABLES}")
    first = {v: dataset[v].values.ravel()[0] if v in dataset.variables else held[v] for v in variables}
    return np.array([float(first[v]) - float(attrs["center"][v]) for v in variables])


def _heat(axes: Axes, values: np.ndarray, name: str, reach: float | None = None) -> None:
    """A matrix as coloured cells with their numbers; colours from −reach to reach, so that 0 is always the same."""
    reach = reach or float(np.abs(values).max()) or 1.0
    colors = maps.colormap(maps.VALUES)
    norm = Normalize(-reach if values.min() < 0 else 0.0, reach)
    axes.imshow(values, cmap=colors, norm=norm)
    for (i, j), value in np.ndenumerate(values):
        ink = "black" if norm(value) > 0.5 else "white"
        axes.text(j, i, text.number(value, 3), ha="center", va="center", color=ink, fontsize=9)
    axes.set_title(name)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
