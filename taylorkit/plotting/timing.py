"""Benchmarks: time against the order, and the two ends of the chain rule."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.errors import SpecError
from taylorkit.plotting import formula, notebook, style, text
from taylorkit.plotting.figure import Source

__all__ = ["timing"]


def timing(source: Source, *, title: str | None = None) -> Figure:
    """The figure of the artifact's suite. Raises SpecError for a suite that has none."""
    suite = source.root.attrs["spec"]["suite"]
    if suite not in SUITES:
        raise SpecError(f"suite = {suite!r}: no figure; write one of {', '.join(SUITES)}")
    return SUITES[suite](source.root, title)


def orders(root: xr.Dataset, title: str | None) -> Figure:
    """Run time and compile time against the order; under them, what was skipped and why."""
    figure = notebook.Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    names = [str(mode) for mode in root["mode"].values]
    points = text.number(int(root["points"]))
    for axes, column, what in (
        (left, "run_seconds", f"run time, {points} points"),
        (right, "compile_seconds", "compile time"),
    ):
        for i, mode in enumerate(names):
            axes.semilogy(root["order"].values, root[column].values[i], **formula.line(i, mode))
        axes.set_title(what)
        axes.set_xlabel("order $n$ of the derivative")
        axes.set_ylabel("seconds")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.legend()
    notes = [note for i, mode in enumerate(names) if (note := skipped(root.isel(mode=i), mode))]
    if notes:
        figure.supxlabel("\n".join(notes), fontsize=9)
    formula.title(figure, title, "Time against the order", formula.definition(root.attrs))
    return figure


def skipped(column: xr.Dataset, mode: str) -> str:
    """Why a mode has no times from some order on; "" where it has all."""
    seconds = column["compile_seconds"].values
    missing = np.isnan(seconds)
    if not missing.any():
        return ""
    last = int(np.flatnonzero(~missing)[-1])
    ks = column["order"].values[missing]
    which = f"order {ks[0]} is" if len(ks) == 1 else f"orders {ks[0]} to {ks[-1]} are"
    return (
        f"{formula.MODES.get(mode, mode)}: {which} skipped, since "
        f"order {column['order'].values[last]} "
        f"took {text.number(float(seconds[last]), 2)} s to compile "
        f"(limit {text.number(float(column['limit_seconds']), 3)} s)"
    )


def jacobians(root: xr.Dataset, title: str | None) -> Figure:
    """Bars of both modes for each shape: milliseconds and, where counted, operations."""
    columns = [("run_seconds", 1e3, "milliseconds")]
    if np.isfinite(root["floating_operations"].values).all():
        columns.append(("floating_operations", 1e-6, "million floating-point operations"))
    figure = notebook.Figure(figsize=(4.8 * len(columns), 4.6), layout="constrained")
    panels = figure.subplots(1, len(columns), squeeze=False)[0]
    for axes, (column, scale, unit) in zip(panels, columns, strict=True):
        bars(axes, root, root[column].values * scale)
        axes.set_ylabel(unit)
    panels[0].legend()
    figure.supxlabel(
        "the same Jacobian, (M, D): jacfwd pushes D columns through the chain rule, "
        "jacrev pulls M rows back "
        f"(entries differ by at most {text.number(float(root['max_difference'].max()), 2)})",
        fontsize=9,
    )
    what = r"The order of multiplication in the chain rule, maps $\mathbb{R}^D \to \mathbb{R}^M$"
    style.fit_title(figure, [text.text(title or what)])
    return figure


def bars(axes: Axes, root: xr.Dataset, values: np.ndarray) -> None:
    """Two bars a shape, each with its value, and which mode is how many times less."""
    names = [str(mode) for mode in root["mode"].values]
    places = np.arange(values.shape[1])
    for i, (mode, heights) in enumerate(zip(names, values, strict=True)):
        drawn = axes.bar(places + 0.38 * (i - 0.5), heights, 0.36, color=style.LINES[i], label=mode)
        axes.bar_label(drawn, [text.number(float(h), 3) for h in heights], padding=2, fontsize=9)
    sizes = zip(root["inputs"].values, root["outputs"].values, strict=True)
    ticks = [f"D = {d}\nM = {m}\n{winner(names, values[:, i])}" for i, (d, m) in enumerate(sizes)]
    axes.set_xticks(places, ticks)
    axes.grid(False, axis="x")
    axes.margins(y=0.12)


def winner(names: list[str], values: np.ndarray) -> str:
    """`jacrev 16× less`, or that there is no difference to speak of."""
    ratio = float(values.max() / values.min())
    if ratio < 1.2:
        return "about equal"
    shown = f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
    return f"{names[int(values.argmin())]} {shown}× less"


SUITES = {"orders": orders, "jacobians": jacobians}
