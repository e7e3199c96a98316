"""What was drawn of an artifact: where it lies, of which numbers it is, and whether it still is what was drawn.

<store>/pages/<artifact>/index.html         the page
<store>/pages/<artifact>/figures/           its figures; each carries the fingerprints of what it shows
<store>/pages/<artifact>/drawn/zarr.json    a record: what the page shows, and a digest of each file's bytes

Beside the artifact and not in it: whatever lies here can be deleted and drawn again. Without Matplotlib, which is slow
to import.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from taylorkit import digest, shown
from taylorkit.errors import IntegrityError
from taylorkit.store import records, seal
from taylorkit.store.files import contents
from taylorkit.store.lock import locked
from taylorkit.store.tree import groups, sections

# Keys in a figure: the fingerprint that names the artifact, and one over those of all its sections.
ARTIFACT, CONTENTS = "taylorkit-artifact", "taylorkit-contents"
PATTERNS = ("*.png", "*.svg")
# Matplotlib writes an SVG's metadata before anything that it draws.
SVG_HEAD = 4096
THUMBNAIL = "thumbnail.png"
# What lies beside the figures.
FILES = ("index.html", THUMBNAIL)


def page_of(artifact: Path) -> Path:
    return artifact.parent / "pages" / artifact.stem / "index.html"


def origin(artifact: Path) -> dict[str, str]:
    """What a figure of the artifact carries: the derivative fingerprint, and one over all that the artifact holds.

    Raises IntegrityError where a section's record is missing or damaged.
    """
    marks = {
        f"{group.relative_to(artifact).as_posix()}/{section.label}": str(section.record["fingerprint"])
        for group in groups(artifact)
        for section in sections(group)
    }
    first = next(iter(marks.values()), "")
    plan = {"plan": whole} if (whole := seal.read(artifact).artifact) else {}
    return {ARTIFACT: marks.get("./derivatives", first), CONTENTS: digest.fingerprint("figures", marks | plan)}


@contextmanager
def drawing(artifact: Path) -> Iterator[None]:
    """Draw and note in here: runs of one spec at once draw one page, so one of them at a time."""
    folder = page_of(artifact).parent
    folder.parent.mkdir(exist_ok=True)
    with locked(folder):
        for left in folder.rglob(".*.partial"):  # of one that was killed: nobody else is at work here
            with suppress(OSError):
                left.unlink()
        yield


def note(artifact: Path, key: str) -> None:
    """Record a page that was just written, with its figures; `key` says what it shows.

    They are what lies there: writing a page removes all others.
    """
    drawn = {path.name: digest.of_bytes(contents(path)) for path in figures(artifact)}
    files = [path for name in FILES if (path := page_of(artifact).with_name(name)).is_file()]
    page = {path.name: digest.of_bytes(contents(path)) for path in files}
    records.write(_place(artifact), {"key": key, "figures": drawn, "page": page})


def figures(artifact: Path) -> list[Path]:
    """The plain files in the artifact's folder of figures."""
    return [path for path in _named(artifact) if path.is_file() and not path.is_symlink()]


def key(artifact: Path) -> str:
    """The key that was noted when the page was drawn; "" where none was, or it cannot be read."""
    try:
        return str((records.read(_place(artifact)) or {}).get("key", ""))
    except IntegrityError:
        return ""


def problems(artifact: Path) -> Iterator[str]:
    """What is wrong with an artifact's page and figures, one line each; nothing where none were drawn."""
    found = _named(artifact)
    try:
        record: Any = records.read(_place(artifact))
        expected = origin(artifact)
    except IntegrityError as error:
        yield f"page and figures cannot be checked: {error}; run `taylorkit report` on the artifact"
        return
    for name, expected_digest in _noted(record, "page").items():
        if wrong_file := _changed(page_of(artifact).with_name(name), expected_digest):
            yield f"page's {shown.name(name)} {wrong_file}; draw it again: taylorkit report {artifact}"
    noted = _noted(record, "figures")
    lost = sorted(noted.keys() - {path.name for path in found})
    wrong = [(name, "is missing") for name in lost]
    wrong += [(path.name, trouble) for path in found if (trouble := _trouble(path, noted, expected))]
    for name, trouble in wrong:
        yield f"figure {shown.name(name)} {trouble}; draw it again: taylorkit report {artifact}"


def _noted(record: Any, what: str) -> dict[str, str]:
    """Digests by the names of files; before 0.5 those of the page itself were not noted."""
    found = record.get(what) if record else None
    return found if isinstance(found, dict) and all(name in FILES or what == "figures" for name in found) else {}


def _changed(path: Path, expected: str) -> str:
    try:
        return "" if digest.of_bytes(contents(path)) == expected else "is not the file that was written"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be part of a page ({error}): remove it"


def _trouble(path: Path, noted: dict[str, str], expected: dict[str, str]) -> str:
    try:
        data = contents(path)
    except OSError as error:  # a link, a pipe, a folder, or more than a figure ever has
        return f"cannot be a figure ({error}): remove it"
    carried = _of_svg(data) if path.suffix == ".svg" else _of_png(data)
    if carried.get(ARTIFACT) != expected[ARTIFACT]:
        whose = carried.get(ARTIFACT, "")[:12] or "no fingerprint"
        return f"is not of this artifact: it carries {whose}, the artifact is {expected[ARTIFACT][:12]}"
    if carried.get(CONTENTS) != expected[CONTENTS]:
        return "shows another evaluation, or other radii, than the artifact holds"
    if path.name not in noted:
        return "is none of those that were drawn last"
    return "" if digest.of_bytes(data) == noted[path.name] else "is not the file that was drawn"


def _of_svg(data: bytes) -> dict[str, str]:
    """The fingerprints that a figure carries; none where it is no picture of ours."""
    return dict(re.findall(rf"\b({ARTIFACT}|{CONTENTS}):([0-9a-f]+)", data[:SVG_HEAD].decode("utf-8", "replace")))


def _of_png(data: bytes) -> dict[str, str]:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as image:
            return {k: str(image.info[k]) for k in (ARTIFACT, CONTENTS) if k in image.info}
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return {}


def _named(artifact: Path) -> list[Path]:
    """Whatever lies there under the name of a figure."""
    folder = page_of(artifact).with_name("figures")
    return sorted(path for pattern in PATTERNS for path in folder.glob(pattern))


def _place(artifact: Path) -> Path:
    return page_of(artifact).with_name("drawn")
