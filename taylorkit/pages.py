"""Figures and pages of a store, from its artifacts alone: nothing here finds or runs a function.

<store>/index.html                     all artifacts
<store>/pages/<artifact>/index.html    one of them, its figures beside it
"""

from pathlib import Path
from typing import TYPE_CHECKING

from taylorkit import __version__, digest
from taylorkit.store import records
from taylorkit.store.listing import artifacts, listing, logged
from taylorkit.store.tree import evaluations, existing, groups

if TYPE_CHECKING:
    from taylorkit.plotting import Source


def page_of(artifact: Path) -> Path:
    return artifact.parent / "pages" / artifact.stem / "index.html"


def report(artifact: str | Path) -> Path:
    """Draw every figure and write the artifact's page; the page's path.

    Raises IntegrityError where the artifact is damaged or incomplete, SpecError for a figure that it cannot show.
    """
    from taylorkit.report import write_page

    artifact = existing(artifact)
    shown = source(artifact)
    page_of(artifact).parent.mkdir(parents=True, exist_ok=True)
    page = write_page(shown, page_of(artifact).parent)
    (page.parent / "key.txt").write_text(_key(artifact))
    return page


def source(artifact: str | Path) -> "Source":
    """What figures and tables are made from. Raises IntegrityError where the artifact is damaged or incomplete."""
    from taylorkit.plotting import Source
    from taylorkit.store.read import open

    artifact = existing(artifact)
    shown = {name: open(artifact, name) for name in evaluations(artifact)}
    return Source(open(artifact), shown, _log(artifact))


def up_to_date(artifact: Path) -> bool:
    """Whether the artifact's page shows what the artifact now holds."""
    page = page_of(artifact)
    key = page.with_name("key.txt")
    return page.is_file() and key.is_file() and key.read_text() == _key(artifact)


def index(store: str | Path) -> Path:
    """Write the page over all artifacts of a store; its path. One that shows what the store holds is kept."""
    page, key = Path(store) / "index.html", Path(store) / "pages" / "key.txt"
    shown = "\n".join(f"{a.name} {_drawn(a)}" for a in artifacts(store))
    if page.is_file() and key.is_file() and key.read_text() == shown:
        return page
    from taylorkit.report import write_index

    page = write_index([_entry(facts) for facts in listing(store)], store)  # type: ignore[misc]
    key.parent.mkdir(exist_ok=True)
    key.write_text(shown)
    return page


def _drawn(artifact: Path) -> str:
    """The key of the artifact's page, as far as it was drawn."""
    key = page_of(artifact).with_name("key.txt")
    return key.read_text() if key.is_file() else ""


def _entry(facts: dict) -> dict:
    """One artifact's card; a damaged one is shown as such, since it must not hide the others."""
    page = page_of(facts["path"])
    pictures = sorted(page.parent.glob("figures/*.png"))
    shown = {k: v for k, v in facts.items() if k not in ("path", "function", "damage")}
    return {
        "kind": "damaged",
        **shown,
        "href": page.relative_to(facts["path"].parent).as_posix(),
        "thumbnail": pictures[0] if pictures else None,
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
    content = [digest.of_bytes(f.read_bytes()) for f in sorted(files)]
    computed = sorted(p.name for p in (artifact / "log").glob("*T*"))
    return digest.of_value([content, computed, __version__])


__all__ = ["index", "listing", "page_of", "report", "source", "up_to_date"]
