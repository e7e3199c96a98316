"""Figures and pages of a store, from its artifacts alone: nothing here finds or runs a function.

<store>/index.html                     all artifacts
<store>/pages/<artifact>/index.html    one of them, its figures beside it: see `drawn`
"""

from pathlib import Path

from taylorkit import __version__, digest, drawn
from taylorkit.drawn import page_of
from taylorkit.store import records
from taylorkit.store.listing import artifacts, listing, logged
from taylorkit.store.tree import evaluations, existing, groups

THUMBNAIL = "thumbnail.png"


def report(artifact: str | Path) -> Path:
    """Draw every figure and write the artifact's page; the page's path.

    Raises IntegrityError where the artifact is damaged or incomplete, SpecError for a figure that it cannot show.
    """
    from taylorkit.plotting import Source
    from taylorkit.report import write_page, write_thumbnail
    from taylorkit.store.read import open

    artifact = existing(artifact)
    key, origin = _key(artifact), drawn.origin(artifact)
    shown = {name: open(artifact, name) for name in evaluations(artifact)}
    page_of(artifact).parent.mkdir(parents=True, exist_ok=True)
    page = write_page(Source(open(artifact), shown, _log(artifact)), page_of(artifact).parent, origin=origin)
    write_thumbnail(next(iter(sorted(page.parent.glob("figures/*.png"))), None), page.with_name(THUMBNAIL))
    drawn.note(artifact, key)
    return page


def up_to_date(artifact: Path) -> bool:
    """Whether the artifact's page shows what the artifact now holds."""
    return page_of(artifact).is_file() and drawn.key(artifact) == _key(artifact)


def index(store: str | Path) -> Path:
    """Write the page over all artifacts of a store; its path. One that shows what the store holds is kept."""
    page, key = Path(store) / "index.html", Path(store) / "pages" / "key.txt"
    shown = "\n".join(f"{a.name} {drawn.key(a)}" for a in artifacts(store))
    if page.is_file() and key.is_file() and key.read_text() == shown:
        return page
    from taylorkit.report import write_index

    page = write_index([_entry(facts) for facts in listing(store)], store)  # type: ignore[misc]
    key.parent.mkdir(exist_ok=True)
    key.write_text(shown)
    return page


def _entry(facts: dict) -> dict:
    """One artifact's card; a damaged one is shown as such, since it must not hide the others."""
    page = page_of(facts["path"])
    pictures = [path for path in (page.with_name(THUMBNAIL),) if path.is_file()]
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


__all__ = ["index", "listing", "page_of", "report", "up_to_date"]
