"""What a browser makes of a page: Chromium's own DOM where it is installed, else that of Python's parser."""

import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def browser() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def browse(page: Path, *more: str) -> str:
    """The document after its scripts have run, as Chromium writes it out; asks nothing of any network."""
    with tempfile.TemporaryDirectory(prefix="taylorkit-browser-", ignore_cleanup_errors=True) as empty:
        words = [str(browser()), *FLAGS, f"--user-data-dir={empty}", *more, page.absolute().as_uri()]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(page: Path, folder: Path) -> Path:
    """A file with the page's document as a browser has it."""
    if browser() is None:
        return page
    kept = folder / f"{page.parent.name}.dom.html"
    kept.write_text(browse(page, "--dump-dom"), encoding="utf-8")
    return kept
