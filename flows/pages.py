"""A store's pages over HTTP, on 127.0.0.1 alone: from Prefect's pages a browser follows no link to a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

# What pages are made of; arrays and whatever else lies in a store are nobody's to fetch.
SERVED = frozenset({".html", ".png", ".svg"})
NOWHERE = "/dev/null/nothing"


class Pages(SimpleHTTPRequestHandler):
    """Files of `directory` that a page is made of; links do not lead out of it."""

    def translate_path(self, path: str) -> str:
        root = Path(self.directory).resolve()
        found = Path(super().translate_path(path)).resolve()
        if found.is_dir():
            found = (found / "index.html").resolve()
        inside = found.is_relative_to(root) and found.suffix in SERVED
        return str(found) if inside else NOWHERE

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
