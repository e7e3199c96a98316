"""Files that other processes may write or read at the same time: each is replaced whole.

What stands in their place may be a stranger's: a link there is replaced, never followed.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "write_text"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to write to, beside `path` (its folder is made); it takes `path`'s place unless an error is raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace `path`, made with its folder, by `text`."""
    with replacing(path) as file:
        # The name of a folder may be bytes that are no text.
        file.write_text(text, encoding="utf-8", errors="replace")
