"""Figures and pages of a store, from its artifacts alone: nothing here finds or runs a function.

<store>/index.html                     all artifacts
<store>/pages/<artifact>/index.html    one of them, its figures beside it: see `drawn`
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from taylorkit import __version__, digest, drawn, indexed
from taylorkit.drawn import THUMBNAIL, page_of
from taylorkit.errors import IntegrityError, TaylorkitError
from taylorkit.store import records, state
from taylorkit.store.address import local
from taylorkit.store.files import contents
from taylorkit.store.listing import listing, logged
from taylorkit.store.tree import evaluations, existing, groups

if TYPE_CHECKING:
    from taylorkit.plotting import Source


def report(artifact: str | Path) -> Path:
    """Draw every figure and write the artifact's page; the page's path.

    Raises IntegrityError where the artifact is damaged or incomplete, SpecError for a figure that it cannot show.
    """
    from taylorkit.report import write_page, write_thumbnail

    artifact = existing(artifact)
    folder = page_of(artifact).parent
    for inner in ("figures", "drawn"):
        require_within(artifact.parent, folder / inner)
    with in_words(artifact, folder), drawn.drawing(artifact):
        key, origin = _key(artifact), drawn.origin(artifact)
        page = write_page(source(artifact), folder, origin=origin)
        first = next((path for path in drawn.figures(artifact) if path.suffix == ".png"), None)
        write_thumbnail(first, folder / THUMBNAIL)
        drawn.note(artifact, key)
    return page


@contextmanager
def in_words(what: Path | str, folder: Path, command: str = "report") -> Iterator[None]:
    """Whatever keeps a page of `what` from being written, said in a line."""
    try:
        yield
    except TaylorkitError:
        raise
    except OSError as error:
        raise TaylorkitError(
            f"{folder}: the page cannot be written ({error}); mend the store and run again: the numbers are kept"
        ) from error
    except Exception as error:  # numbers that no figure can show, whoever wrote them
        raise IntegrityError(
            f"{what}: what it holds cannot be drawn ({type(error).__name__}: {error}); `taylorkit --debug {command}` "
            "shows where; for an artifact of your own that is a fault of taylorkit"
        ) from error


def source(artifact: str | Path) -> "Source":
    """What figures and tables are made from. Raises IntegrityError where the artifact is damaged or incomplete."""
    from taylorkit.plotting import Source
    from taylorkit.store.read import open

    artifact = existing(artifact)
    shown = {name: open(artifact, name) for name in evaluations(artifact)}
    return Source(open(artifact), shown, _log(artifact))


def require_within(store: Path, folder: Path) -> None:
    """A link in a stranger's store must not have pages written elsewhere."""
    if not folder.resolve().is_relative_to(store.resolve()):
        raise IntegrityError(f"{folder}: is behind a link that leaves the store; remove the link")


def up_to_date(artifact: Path) -> bool:
    """Whether the artifact's page shows what the artifact now holds, and its figures are those that were drawn."""
    try:
        shown = page_of(artifact).is_file() and drawn.key(artifact) == _key(artifact)
        return shown and not any(drawn.problems(artifact))
    except OSError:
        return False  # a figure that cannot be read: drawing it again mends it, or says why it cannot


def index(store: str | Path) -> Path:
    """Write the page over all artifacts of a store; its path. One of the same artifacts and drawings is kept."""
    store = local(store)
    page = indexed.page_of(store)
    require_within(store, indexed.place(store))
    entries = [_entry(facts) for facts in listing(store, thorough=False)]
    # A digest: names of folders need not be text.
    shown = digest.of_bytes(repr((__version__, entries)).encode())
    if indexed.shows(store, shown):
        return page
    from taylorkit.report import write_index

    try:
        page = write_index(entries, store)  # type: ignore[arg-type]
        indexed.note(store, shown)
    except OSError as error:
        raise TaylorkitError(f"store {store}: its index cannot be written ({error}); mend the store") from error
    return page


def _entry(facts: dict) -> dict:
    """One artifact's card; a damaged one is shown as such, since it must not hide the others."""
    page = page_of(facts["path"])
    picture = page.with_name(THUMBNAIL)
    shown = {k: v for k, v in facts.items() if k not in ("path", "function", "damage", "program")}
    return {
        **shown,
        # The page stays, and the run ends.
        "state": state.UNFINISHED if shown["state"] == state.RUNNING else shown["state"],
        "href": page.relative_to(facts["path"].parent).as_posix(),
        "path": facts["path"].name if "damage" not in facts and facts["path"].name.isprintable() else "",
        "thumbnail": None if picture.is_symlink() else picture,
    }


def _log(artifact: Path) -> dict:
    """What the log says, all runs added up."""
    entries = logged(artifact)
    if not entries:
        return {}
    seconds: dict[str, float] = {}
    for entry in entries:
        for step, taken in entry["seconds"].items():
            seconds[step] = round(seconds.get(step, 0.0) + taken, 3)
    last = entries[-1]
    return {
        "computed_at": last["finished"],
        "seconds": round(sum(seconds.values()), 3),
        "device": last["device"],
        "host": last["host"],
    }


def _key(artifact: Path) -> str:
    """Changes whenever the page would: with attributes, section records, anything computed, and this version."""
    files = [f for g in groups(artifact) for f in (g / records.FILE, *g.glob(f"commit/*/{records.FILE}"))]
    content = [digest.of_bytes(contents(f)) for f in sorted(files)]
    computed = sorted(os.fsencode(p.name).hex() for p in (artifact / "log").glob("*T*"))
    return digest.of_value([content, computed, __version__])


__all__ = ["in_words", "index", "listing", "page_of", "report", "require_within", "source", "up_to_date"]
