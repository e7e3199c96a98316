"""A store as one page: every artifact with its picture and its main numbers."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

from taylorkit.atomic import replacing, write_text
from taylorkit.plotting.text import number
from taylorkit.report.formula import mathml
from taylorkit.report.pictures import shrunk
from taylorkit.report.template import render

__all__ = ["Entry", "write_index", "write_thumbnail"]

# Twice the width at which the page shows it, for fine screens.
THUMBNAIL = (640, 400)
# Artifacts up to which formulas are shown: of thousands they would be most of the page.
FORMULAS = 500
# Characters of a date up to its minutes.
MINUTES = len("2026-11-30T12:00")
# What the page's script sorts by, beside the name, in its order.
SORTED_BY = ("worst_error", "bytes", "date", "order", "points")


class Entry(TypedDict, total=False):
    """What the index says of one artifact; what is missing is left out."""

    name: str
    title: str
    latex: str
    kind: str
    state: str
    order: int | None
    points: int | None
    worst_error: float | None
    bytes: int
    date: str
    href: str
    path: str
    thumbnail: str | Path | None


def write_index(entries: Iterable[Entry], folder: str | Path, title: str = "Artifacts") -> Path:
    """Write `folder`/index.html over `entries`, sorted by name; `href` is relative to it. Returns the page's path.

    Pictures stay files, which a browser loads as they come into sight; of many artifacts formulas are left out.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    known = sorted(entries, key=lambda entry: entry["name"])
    cards = [_card(entry, folder, len(known) <= FORMULAS) for entry in known]
    page = folder / "index.html"
    write_text(page, render("index.html", scripts=["index.js"], title=title, cards=cards))
    return page


def _card(entry: Entry, folder: Path, formula: bool) -> dict[str, Any]:
    known = {
        "order {}": _number(entry.get("order")),
        "{} points": _number(entry.get("points")),
        "worst sampled error {}": _number(entry.get("worst_error"), 3),
        "{}": size(entry["bytes"]) if "bytes" in entry else "",
        "{} ": entry.get("date", "")[:MINUTES].replace("T", " "),
    }
    return {
        "name": entry["name"],
        "is_odd": not entry.get("path"),
        "by": ",".join("" if entry.get(key) is None else str(entry[key]) for key in SORTED_BY),  # type: ignore[literal-required]
        "title": entry.get("title") or entry["name"],
        "kind": entry.get("kind", ""),
        "state": entry.get("state", ""),
        "href": _quoted(entry.get("href", "")),
        "formula": _formula(entry.get("latex", "")) if formula else "",
        "facts": " · ".join(words.format(value) for words, value in known.items() if value).rstrip(),
        "picture": _picture(entry.get("thumbnail"), folder),
    }


def _quoted(path: str) -> str:
    """Quoting the colon too keeps a stranger's href a path."""
    return quote(path, safe="/", errors="surrogateescape")


@lru_cache(maxsize=FORMULAS)
def _formula(latex: str) -> str:
    return mathml(latex) if latex else ""


def _picture(path: str | Path | None, folder: Path) -> str:
    """Where the picture lies, from the page's folder; "" where there is none, or it lies elsewhere."""
    # As text: of thousands, taking paths apart would be most of the work.
    within, text = f"{folder}/", str(path)
    return _quoted(text.removeprefix(within)) if text.startswith(within) and Path(text).is_file() else ""


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


def write_thumbnail(picture: Path | None, path: Path) -> None:
    """Keep a small copy of `picture` at `path`, so that the index need not shrink those of all artifacts each time.

    Without a picture there is none.
    """
    if picture is None:
        path.unlink(missing_ok=True)
        return
    with replacing(path) as file:
        file.write_bytes(shrunk(picture, THUMBNAIL))
