"""A store's pages over HTTP, on 127.0.0.1 alone: from Prefect's pages a browser follows no link to a file.

They are the index and what lies in `pages`. Artifacts, and whatever else lies in a store, are nobody's to fetch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

INDEX, FOLDER = "index.html", "pages"
# What pages are made of.
SERVED = frozenset({".html", ".png", ".svg"})
NOWHERE = "/dev/null/nothing"


class Pages(SimpleHTTPRequestHandler):
    """Files of the store `directory` that a page is made of; links do not lead out of it, nor into an artifact."""

    def translate_path(self, path: str) -> str:
        root = Path(self.directory).resolve()
        found = Path(super().translate_path(path)).resolve()
        if found.is_dir():
            found = (found / INDEX).resolve()
        ours = found == root / INDEX or (found.is_relative_to(root / FOLDER) and found.suffix in SERVED)
        return str(found) if ours else NOWHERE

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who looks at what is no news."""


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Serve a folder, which need not be there yet; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Pages, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
