"""One artifact as one HTML page beside its figures."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from taylorkit.atomic import write_text
from taylorkit.plotting import Source, caption, default_figures, draw, save
from taylorkit.report import arrays, tables
from taylorkit.report.alt import alt
from taylorkit.report.explore import explorer
from taylorkit.report.formula import heading
from taylorkit.report.prose import prose
from taylorkit.report.template import render
from taylorkit.uncollected import uncollected

__all__ = ["requests", "write_page"]

# Above this an SVG costs the reader more than the PNG does.
LARGEST_SVG = 250_000
# In the order in which they run.
PLAIN = ("tables.js",)
LIBRARY = "plotly/plotly-cartesian.min.js"
OURS = ("words", "polynomials", "look", "lines", "maps", "cursor", "explorer")
EXPLORING = (*PLAIN, LIBRARY, *(f"explore/{name}.js" for name in OURS))
# Characters of a page: beyond it an explorer, which takes two millions of them, is left out.
LARGEST_PAGE = 5_000_000
# Inches: a wider figure takes the whole width of the page, or its words would be too small.
WIDE = 9.0


@dataclass(frozen=True)
class Picture:
    """A saved figure as the page shows it: `data` is a data URI, the links are relative to the page."""

    data: str
    caption: str
    alt: str
    words: Markup
    png: str
    svg: str
    wide: bool


def write_page(
    source: Source,
    folder: str | Path,
    figures: Sequence[dict[str, Any]] | None = None,
    origin: Mapping[str, str] | None = None,
) -> Path:
    """Draw the artifact's figures into `folder`/figures and write `folder`/index.html; return the page's path.

    `figures` are requests as in a spec's `[[report.figures]]`; by default those of the artifact's own spec, or, where
    it asks for none, what suits its contents. Each carries `origin`, the fingerprints of what it shows. Raises
    SpecError for a figure that cannot be drawn, before anything is written.
    """
    folder = Path(folder)
    wanted = requests(source) if figures is None else list(figures)
    stems = [f"{i:02d}-{request['kind']}" for i, request in enumerate(wanted, 1)]
    with uncollected():
        drawn = [draw(source, request) for request in wanted]
        saved = [save(f, folder / "figures", stem, origin) for f, stem in zip(drawn, stems, strict=True)]
    _sweep(folder / "figures", {path for pair in saved for path in pair})
    pictures = [_picture(r, f, *paths) for r, f, paths in zip(wanted, drawn, saved, strict=True)]
    page = folder / "index.html"
    write_text(page, _page(_contents(source, wanted, pictures), explorer(source)))
    return page


def _page(contents: dict[str, Any], explored: dict[str, Any] | None) -> str:
    """With an explorer where there is something to explore, and the figures leave room for it."""
    scripts = EXPLORING if explored else PLAIN
    text = render("page.html", scripts=scripts, explorer=explored, **contents)
    return _page(contents, None) if explored and len(text) > LARGEST_PAGE else text


def requests(source: Source) -> list[dict[str, Any]]:
    """The figures of an artifact's page: those that its spec asks for, else what suits its contents."""
    asked = _asked(source).get("figures")
    return default_figures(source) if asked is None else list(asked)


def _asked(source: Source) -> dict[str, Any]:
    """The report options of the artifact's own spec."""
    return (source.root.attrs.get("spec") or {}).get("report") or {}


def _sweep(folder: Path, kept: set[Path]) -> None:
    """Remove the figures of an earlier page, and pictures that nobody drew: what lies there is what the page shows.

    A folder under such a name stays: whatever is in it, it is no figure.
    """
    pictures = {path for pattern in ("*.png", "*.svg") for path in folder.glob(pattern)}
    for old in pictures - kept:
        if old.is_symlink() or not old.is_dir():
            old.unlink(missing_ok=True)


def _picture(request: dict[str, Any], figure: Figure, png: Path, svg: Path) -> Picture:
    shown, kind = (svg, "svg+xml") if svg.stat().st_size <= LARGEST_SVG else (png, "png")
    data = base64.b64encode(shown.read_bytes()).decode("ascii")
    uri = f"data:image/{kind};base64,{data}"
    words = prose(str(request.get("words", "")))
    links = f"figures/{png.name}", f"figures/{svg.name}"
    wide = figure.get_figwidth() > WIDE
    return Picture(uri, caption(request), alt(caption(request), figure), words, *links, wide)


def _contents(source: Source, wanted: list[dict[str, Any]], pictures: list[Picture]) -> dict[str, Any]:
    attrs = source.root.attrs
    function = attrs.get("function") or {}
    return {
        "title": str(attrs.get("title") or attrs.get("name")),
        "attrs": attrs,
        "function": function,
        "formula": heading(function),
        "words": prose(str(_asked(source).get("words", ""))),
        "pictures": pictures,
        "tables": _tables(source, wanted),
        "spec": json.dumps(attrs.get("spec") or {}, indent=2, ensure_ascii=False, default=str),
    }


def _tables(source: Source, wanted: list[dict[str, Any]]) -> list[arrays.Table]:
    if source.root.attrs.get("kind") != "taylor":
        return [*arrays.variables(source.root), tables.facts(source)]
    moves = [table for request in wanted if request["kind"] == "explain" for table in tables.explained(source, request)]
    found = [tables.errors(source), *moves, tables.derivatives(source), tables.status(source.root)]
    return [table for table in (*found, tables.facts(source)) if table]
