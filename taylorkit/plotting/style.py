"""How every figure looks, and how it is saved: one palette, one set of sizes, the same bytes each time.

Lines take the Okabe–Ito colours, which stay apart for every kind of colour vision; maps take perceptually uniform
colour maps. Figures are built without pyplot: no state is left behind.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, LogFormatterSciNotation, NullLocator, ScalarFormatter

from taylorkit.atomic import replacing
from taylorkit.plotting import notebook, text

__all__ = ["beside", "context", "fit_title", "legend", "line_styles", "plain_ticks", "save", "side_by_side", "single"]

TRUTH = "#000000"
CENTER = "#D55E00"
UNKNOWN = "#BBBBBB"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PNG_DPI = 150
# Packing harder takes a fifteenth of the time of a page, and spares a twentieth of its bytes.
QUICKLY = {"compress_level": 2}
LINE_SIZE = (8.0, 4.6)
# Above this a logarithmic axis, of several powers of ten then, has numbers at powers alone.
MANY_TICKS = 40
# As Matplotlib writes a number of a logarithmic axis.
POWER = re.compile(r"\$\\mathdefault\{(?P<factor>-?[\d.]*)(?P<times>\\times)?10\^\{(?P<exponent>-?\d+)\}\}\$")

SETTINGS: dict[str, Any] = {
    # As a PNG is saved: a formula that was measured for a title need not be set again.
    "figure.dpi": PNG_DPI,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 10,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "figure.titlesize": 11.5,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "svg.hashsalt": "taylorkit",
    "svg.fonttype": "path",
}

# Matplotlib's settings and font caches are global: two threads that draw at once would spoil each other's figures.
_LOCK = RLock()


@contextmanager
def context() -> Iterator[None]:
    """Our settings over Matplotlib's defaults, whatever the user's matplotlibrc says; undone afterwards."""
    with _LOCK, matplotlib.style.context(SETTINGS, after_reset=True):
        yield


def single(size: tuple[float, float] = LINE_SIZE) -> tuple[Figure, Axes]:
    """A figure with one pair of axes."""
    figure = notebook.Figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def legend(figure: Figure, title: str | None = None) -> None:
    """The legend beside the data, never on it, and clear of the title."""
    figure.legend(loc="outside right center", title=title, alignment="left")


def beside() -> tuple[Figure, list[Axes]]:
    """A figure with two panels, each with its own axes."""
    figure = notebook.Figure(figsize=(9.4, 4.4), layout="constrained")
    return figure, list(figure.subplots(1, 2))


def line_styles(count: int) -> list[dict[str, Any]]:
    """Colour and dash of each of `count` lines: distinct colours while they last, else a scale from dark to light."""
    if count <= len(LINES):
        return [{"color": color} for color in LINES[:count]]
    shades = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, count))
    dashes = ("-", (0, (6, 2)), (0, (2, 1.2)))
    return [{"color": tuple(c), "linestyle": dashes[i % 3]} for i, c in enumerate(shades)]


def side_by_side(degrees: Sequence[int]) -> list[tuple[int, float, dict[str, Any]]]:
    """For markers over scattered points: each degree with a shift to the side, so that none hides another, and its
    line."""
    shifts = np.linspace(-0.18, 0.18, len(degrees)) if len(degrees) > 1 else np.zeros(1)
    return list(zip(degrees, shifts.tolist(), line_styles(len(degrees)), strict=True))


def fit_title(figure: Figure, candidates: Sequence[str], smallest: float = 9.5) -> None:
    """Set the first of `candidates`, in order of preference, that fits the width; the last one shrinks until it
    does."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    room = 0.97 * figure.bbox.width
    for candidate in candidates:
        title = figure.suptitle(candidate)
        size = float(title.get_fontsize())
        needed = title.get_window_extent(renderer).width
        if needed * smallest <= room * size or candidate is candidates[-1]:
            title.set_fontsize(min(size, size * room / max(needed, 1.0)))
            return


class Plain(ScalarFormatter):
    """Numbers of an axis as plain words. As formulas, which only a power of ten beside it needs, they look the same
    and cost a good part of the time that a figure takes."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).removeprefix("$\\mathdefault{").removesuffix("}$")


class Powers(Formatter):
    """The same for a logarithmic axis, whose choice of numbers stays: 10⁻⁷, and 2·10⁻⁷ between powers."""

    def __init__(self, formulas: LogFormatterSciNotation) -> None:
        self.formulas = formulas

    def set_axis(self, axis: Any) -> None:
        super().set_axis(axis)
        self.formulas.set_axis(axis)

    def set_locs(self, locs: Sequence[float]) -> None:
        self.formulas.set_locs(locs)

    def __call__(self, x: float, pos: int | None = None) -> str:
        found = POWER.fullmatch(self.formulas(x, pos))
        if not found:
            return str(self.formulas(x, pos))
        return f"{found['factor'].replace('-', '−')}{'·' if found['times'] else ''}{text.power(int(found['exponent']))}"


# What Matplotlib chooses itself; what somebody chose otherwise stays.
WORDED: dict[type[Formatter], Callable[[Any], Formatter]] = {
    ScalarFormatter: lambda formulas: Plain(),
    LogFormatterSciNotation: Powers,
}


def plain_ticks(figure: Figure) -> None:
    """Have every axis whose numbers nobody formatted otherwise write them as words."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis, *([axes.zaxis] if hasattr(axes, "zaxis") else [])):
            for formatter, put in (
                (axis.get_major_formatter(), axis.set_major_formatter),
                (axis.get_minor_formatter(), axis.set_minor_formatter),
            ):
                if worded := WORDED.get(type(formatter)):
                    put(worded(formatter))


@contextmanager
def _without_small_ticks(figure: Figure) -> Iterator[None]:
    """Ticks between the powers of ten take no room, since none has a number where there are so many; each is measured
    over and over all the same, a third of the time that a layout takes."""
    axes = [axis for a in figure.axes for axis in (a.xaxis, a.yaxis)]
    many = [(axis, axis.get_minor_locator()) for axis in axes if len(axis.get_minorticklocs()) > MANY_TICKS]
    for axis, _ in many:
        axis.set_minor_locator(NullLocator())
    try:
        yield
    finally:
        for axis, locator in many:
            axis.set_minor_locator(locator)


def _arrange(figure: Figure) -> None:
    """Find the layout, once and for both formats: being ready to would cost each of them a pass of drawing."""
    figure.set_dpi(PNG_DPI)
    if engine := figure.get_layout_engine():
        with _without_small_ticks(figure):
            engine.execute(figure)
    figure.set_layout_engine(None)


def save(figure: Figure, folder: str | Path, stem: str, origin: Mapping[str, str] | None = None) -> tuple[Path, Path]:
    """Write `stem`.png and `stem`.svg into `folder`, made if missing; the same figure gives the same bytes.

    `origin` says what was drawn, in both: a PNG's tEXt chunks by its keys, an SVG's identifier as `key:value` words.
    """
    png, svg = Path(folder, f"{stem}.png"), Path(folder, f"{stem}.svg")
    told = dict(origin or {})
    words = " ".join(f"{key}:{value}" for key, value in told.items()) or None
    with context():
        _arrange(figure)
        # What is left out names Matplotlib's version, or the time.
        with replacing(png) as file:
            figure.savefig(file, format="png", dpi=PNG_DPI, metadata={"Software": None, **told}, pil_kwargs=QUICKLY)
        with replacing(svg) as file:
            figure.savefig(
                file, format="svg", dpi=PNG_DPI, metadata={"Date": None, "Creator": None, "Identifier": words}
            )
    return png, svg
