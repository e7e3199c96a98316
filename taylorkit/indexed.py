"""The index of a store: what it shows, and whether it still is what was written.

<store>/index.html                the page over all artifacts
<store>/pages/index/zarr.json     a record: what the page shows, and a digest of its bytes
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.store import records
from taylorkit.store.files import contents

MEND = "write it again: taylorkit report, of any of its artifacts"


def page_of(store: Path) -> Path:
    return store / "index.html"


def place(store: Path) -> Path:
    return store / "pages" / "index"


def note(store: Path, key: str) -> None:
    """Record the index that was just written; `key` says what it shows."""
    place(store).parent.mkdir(exist_ok=True)
    records.write(place(store), {"key": key, "page": digest.of_bytes(contents(page_of(store)))})


def shows(store: Path, key: str) -> bool:
    """Whether the index shows this, and is what was written."""
    return not any(problems(store)) and _record(store).get("key") == key


def problems(store: Path) -> Iterator[str]:
    """What is wrong with a store's index; nothing where none was written."""
    try:
        noted = _record(store).get("page")
        there = digest.of_bytes(contents(page_of(store))) if noted else None
    except IntegrityError as error:
        yield f"index cannot be checked: {error}; {MEND}"
    except FileNotFoundError:
        yield f"{page_of(store)}: is missing; {MEND}"
    except OSError as error:
        yield f"{page_of(store)}: cannot be an index ({error}): remove it"
    else:
        if there != noted:
            yield f"{page_of(store)}: is not the index that was written; {MEND}"


def _record(store: Path) -> dict[str, Any]:
    return records.read(place(store)) or {}
