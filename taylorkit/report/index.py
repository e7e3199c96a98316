"""A store as one page: every artifact with its picture and its main numbers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

from PIL import Image

from taylorkit.atomic import replacing, write_text
from taylorkit.plotting.text import number
from taylorkit.report.formula import mathml
from taylorkit.report.pictures import data, shrunk
from taylorkit.report.template import render

__all__ = ["Entry", "write_index", "write_thumbnail"]

# Twice the width at which the page shows it, for fine screens.
THUMBNAIL = (640, 400)
# What the page's script sorts by, beside the name.
SORTED_BY = ("worst_error", "bytes", "date", "order", "points")


class Entry(TypedDict, total=False):
    """What the index says of one artifact; what is missing is left out."""

    name: str
    title: str
    latex: str
    kind: str
    order: int | None
    points: int | None
    worst_error: float | None
    bytes: int
    date: str
    href: str
    path: str
    thumbnail: str | Path | None


def write_index(entries: Iterable[Entry], folder: str | Path, title: str = "Artifacts") -> Path:
    """Write `folder`/index.html over `entries`, sorted by name; `href` is relative to it. Returns the page's path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cards = [_card(entry) for entry in sorted(entries, key=lambda entry: entry["name"])]
    page = folder / "index.html"
    write_text(page, render("index.html", scripts=["index.js"], title=title, cards=cards))
    return page


def _card(entry: Entry) -> dict[str, Any]:
    known = {
        "order": _number(entry.get("order")),
        "points": _number(entry.get("points")),
        "worst sampled error": _number(entry.get("worst_error"), 3),
        "size": size(entry["bytes"]) if "bytes" in entry else "",
        "date": entry.get("date", ""),
    }
    return {
        "name": entry["name"],
        "path": entry.get("path", ""),
        "sorted_by": {key: "" if entry.get(key) is None else entry[key] for key in SORTED_BY},  # type: ignore[literal-required]
        "title": entry.get("title") or entry["name"],
        "kind": entry.get("kind", ""),
        # Quoting the colon too keeps a stranger's href a path.
        "href": quote(entry.get("href", ""), safe="/", errors="surrogateescape"),
        "formula": mathml(entry["latex"]) if entry.get("latex") else "",
        "facts": {name: value for name, value in known.items() if value},
        "picture": _thumbnail(entry.get("thumbnail")),
    }


def _number(value: float | None, digits: int = 4) -> str:
    return "" if value is None else number(value, digits)


def size(count: int) -> str:
    """Bytes in the unit that keeps the number short: 512 B, 1.2 MB."""
    scaled, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if scaled < 1000:
            break
        scaled, unit = scaled / 1000, larger
    return f"{number(scaled, 3)} {unit}"


def _thumbnail(path: str | Path | None) -> str:
    """A small copy of the picture as a data URI; "" where there is none."""
    if path is None or not Path(path).is_file():
        return ""
    try:
        return data(shrunk(Path(path), THUMBNAIL))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # no picture of ours
        return ""


def write_thumbnail(picture: Path | None, path: Path) -> None:
    """Keep a small copy of `picture` at `path`, so that the index need not shrink those of all artifacts each time.

    Without a picture there is none.
    """
    if picture is None:
        path.unlink(missing_ok=True)
        return
    with replacing(path) as file:
        file.write_bytes(shrunk(picture, THUMBNAIL))
