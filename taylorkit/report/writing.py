"""Writing a page's files into a folder that a stranger may have filled: what is there is replaced, never followed."""

import uuid
from pathlib import Path

__all__ = ["write_text"]


def write_text(path: Path, text: str) -> None:
    """Replace `path`, made with its folder, by `text`: a link that stands there is replaced, not what it leads to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        # The name of a folder may be bytes that are no text.
        partial.write_text(text, encoding="utf-8", errors="replace")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
