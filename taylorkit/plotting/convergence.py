"""How the sampled error falls with the degree: the largest and the root-mean-square one over an evaluation's
points."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.plotting import annotate, logarithm, select, style, text
from taylorkit.plotting.figure import Source

__all__ = ["convergence"]


def convergence(
    source: Source,
    *,
    evaluation: str | None = None,
    output: int = 0,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """Sampled maximum and RMS of |f − T_k| against k, for an evaluation of any number of axes; `limits` of the
    error."""
    dataset, part = select.component(select.evaluation(source.evaluations, evaluation), output)
    height = select.limits(limits, above=0)
    both = np.stack([dataset["max_error"].values, dataset["rms_error"].values])
    scale = logarithm.scale(both, dataset["truth"].values)
    figure, axes = style.single()
    lines = zip(("maximum", "root mean square"), both, "os", style.line_styles(2), strict=True)
    for words, errors, marker, line in lines:
        axes.semilogy(dataset["degree"].values, scale.clip(errors), marker=marker, label=words, **line)
    axes.set_ylim(*(height or (scale.floor / 2, scale.ceiling * 1.5)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("degree $k$")
    notes = scale.words(both, "gap")
    axes.set_ylabel(f"sampled $|{text.symbol(dataset.attrs)} - T_k|$" + (f"\n{notes}" if notes else ""))
    style.legend(figure, _count(dataset))
    annotate.title(figure, title, dataset.attrs, "Taylor error", text.about(dataset.attrs), part)
    return figure


def _count(dataset: xr.Dataset) -> str:
    low, high = int(dataset["samples"].min()), int(dataset["samples"].max())
    count = text.number(high) if low == high else f"{text.number(low)} to {text.number(high)}"
    return f"over {count} {'sample' if high == 1 else 'samples'}"
