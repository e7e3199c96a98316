"""Writing a page's files into a folder that a stranger may have filled: what is there is replaced, never followed."""

from pathlib import Path

from taylorkit.atomic import replacing

__all__ = ["write_text"]


def write_text(path: Path, text: str) -> None:
    """Replace `path`, made with its folder, by `text`: a link that stands there is replaced, not what it leads to."""
    with replacing(path) as file:
        # The name of a folder may be bytes that are no text.
        file.write_text(text, encoding="utf-8", errors="replace")
