"""One artifact as one HTML page beside its figures."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from taylorkit.atomic import write_text
from taylorkit.plotting import Source, caption, default_figures, draw, save
from taylorkit.report import arrays, tables
from taylorkit.report.alt import alt
from taylorkit.report.attempt import attempt
from taylorkit.report.explore import explorer
from taylorkit.report.formula import heading
from taylorkit.report.pictures import data, fitted, sweep
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
# Characters of a page: beyond it an explorer, which takes two millions of them, is left out, then pictures get smaller.
LARGEST_PAGE = 5_000_000
# Inches: a wider figure takes the whole width of the page, or its words would be too small.
WIDE = 9.0


@dataclass(frozen=True)
class Picture:
    """A saved figure as the page shows it: `data` is a data URI, "" where there is no room for it, as `note` says; the
    links are relative to the page. One that could not be drawn has no links: the note says why."""

    data: str
    caption: str
    alt: str
    words: Markup
    png: str
    svg: str
    wide: bool
    note: str = ""


def write_page(
    source: Source,
    folder: str | Path,
    figures: Sequence[dict[str, Any]] | None = None,
    origin: Mapping[str, str] | None = None,
) -> Path:
    """Draw the artifact's figures into `folder`/figures and write `folder`/index.html; return the page's path.

    `figures` are requests as in a spec's `[[report.figures]]`; by default those of the artifact's own spec, or, where
    it asks for none, what suits its contents. Each carries `origin`, the fingerprints of what it shows. One that cannot
    be drawn for its values alone is left out, with a sentence in its place. Raises SpecError for one that could not be
    drawn of any, before anything is written.
    """
    folder = Path(folder)
    wanted = requests(source) if figures is None else list(figures)
    stems = [f"{i:02d}-{request['kind']}" for i, request in enumerate(wanted, 1)]
    with uncollected():
        drawn = [attempt(source, partial(draw, source, request)) for request in wanted]
        pictures = [
            _picture(source, request, figure, partial(save, folder=folder / "figures", stem=stem, origin=origin))
            for request, figure, stem in zip(wanted, drawn, stems, strict=True)
        ]
    sweep(folder / "figures", {folder / name for picture in pictures for name in (picture.png, picture.svg) if name})
    page = folder / "index.html"
    contents = _contents(source, wanted, pictures)
    text = _page(contents, explorer(source))
    if len(text) > LARGEST_PAGE:
        room = LARGEST_PAGE - len(text) + sum(len(picture.data) for picture in pictures)
        text = _page(contents | {"pictures": _fitted(pictures, folder, room)}, None)
    write_text(page, text)
    return page


def _page(contents: dict[str, Any], explored: dict[str, Any] | None) -> str:
    """With an explorer where there is something to explore, and the figures leave room for it."""
    scripts = EXPLORING if explored else PLAIN
    text = render("page.html", scripts=scripts, explorer=explored, **contents)
    return _page(contents, None) if explored and len(text) > LARGEST_PAGE else text


def _fitted(pictures: Sequence[Picture], folder: Path, room: int) -> list[Picture]:
    """The same, with data of so many characters."""
    whole = {p.png: p.data for p in pictures if p.png}
    shown = dict(zip(whole, fitted(list(whole.values()), [folder / png for png in whole], room), strict=True))
    return [replace(p, data=shown[p.png][0], note=shown[p.png][1]) if p.png else p for p in pictures]


def requests(source: Source) -> list[dict[str, Any]]:
    """The figures of an artifact's page: those that its spec asks for, else what suits its contents."""
    asked = _asked(source).get("figures")
    return default_figures(source) if asked is None else list(asked)


def _asked(source: Source) -> dict[str, Any]:
    """The report options of the artifact's own spec."""
    return (source.root.attrs.get("spec") or {}).get("report") or {}


def _picture(
    source: Source, request: dict[str, Any], figure: Figure | str, save: Callable[[Figure], tuple[Path, Path]]
) -> Picture:
    """The figure saved; or why there is none, which also saving it may find."""
    made = figure if isinstance(figure, str) else attempt(source, lambda: _saved(request, figure, *save(figure)))
    if isinstance(made, Picture):
        return made
    said, words = caption(request), prose(str(request.get("words", "")))
    return Picture("", said, f"{said}.", words, "", "", False, f"Not drawn: {made}.")


def _saved(request: dict[str, Any], figure: Figure, png: Path, svg: Path) -> Picture:
    shown, kind = (svg, "svg+xml") if svg.stat().st_size <= LARGEST_SVG else (png, "png")
    uri = data(shown.read_bytes(), kind)
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
        "tables": _tables(source, [r for r, p in zip(wanted, pictures, strict=True) if p.png]),
        "spec": json.dumps(attrs.get("spec") or {}, indent=2, ensure_ascii=False, default=str),
    }


def _tables(source: Source, wanted: list[dict[str, Any]]) -> list[arrays.Table]:
    if source.root.attrs.get("kind") != "taylor":
        return [*arrays.variables(source.root), tables.facts(source)]
    moves = [table for request in wanted if request["kind"] == "explain" for table in tables.explained(source, request)]
    found = [tables.errors(source), *moves, tables.derivatives(source), tables.status(source.root)]
    return [table for table in (*found, tables.facts(source)) if table]
