"""Two artifacts compared on a page of their own, from what they hold alone.

<store of A>/pages/compare/<A>--<B>/index.html    the page, its figures beside it
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from taylorkit import drawn, pages
from taylorkit.errors import SpecError
from taylorkit.store.lock import locked
from taylorkit.store.tree import attributes, existing
from taylorkit.why import why

if TYPE_CHECKING:
    from taylorkit.report.comparison import Side

__all__ = ["compare"]


def compare(a: str | Path, b: str | Path) -> Path:
    """Write the page; its path.

    Raises IntegrityError where an artifact is damaged, incomplete or stores no inputs, SpecError where one is none or
    they are of two kinds.
    """
    from taylorkit.report.comparison import write_comparison

    a, b = (existing(path).absolute() for path in (a, b))
    _require_one_kind(a, b)
    folder = a.parent / "pages" / "compare" / f"{a.stem}--{b.stem}"
    pages.require_within(a.parent, folder / "figures")
    with pages.in_words(f"{a.name} beside {b.name}", folder, "compare"):
        inputs = [(part.part, *row) for part in why(a, b) for row in part.rows]
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            return write_comparison(_side(a, folder), _side(b, folder), inputs, folder)


def _require_one_kind(a: Path, b: Path) -> None:
    one, other = (attributes(path)["kind"] for path in (a, b))
    if one != other:
        raise SpecError(
            f"{a.name} is of kind {one}, {b.name} of kind {other}: they have no figures or numbers in common; "
            "compare artifacts of one kind"
        )


def _side(artifact: Path, folder: Path) -> "Side":
    from taylorkit.report.comparison import Side

    page = drawn.page_of(artifact)
    href = Path(os.path.relpath(page, folder)).as_posix() if page.is_file() else ""
    return Side(artifact.stem, pages.source(artifact), href, drawn.origin(artifact))
