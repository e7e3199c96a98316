"""A store's pages over HTTP, on 127.0.0.1 alone: from Prefect's pages a browser follows no link to a file.

They are the index and what lies in `pages`. Artifacts, and whatever else lies in a store, are nobody's to fetch. A
connection that says nothing, or too slowly, is ended after a while, and so is the oldest of too many.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

INDEX, FOLDER = "index.html", "pages"
# What pages are made of.
SERVED = frozenset({".html", ".png", ".svg"})
NOWHERE = "/dev/null/nothing"
# The names by which a browser on this machine calls us.
NAMES = frozenset({"127.0.0.1", "localhost"})

# Seconds for which nothing is said, and that a connection lasts in all; connections at once, each with a thread.
SILENCE, LONGEST, MOST = 10.0, 60.0, 64


class Pages(SimpleHTTPRequestHandler):
    """Files of the store `directory` that a page is made of; links do not lead out of it, nor into an artifact."""

    timeout = SILENCE

    def parse_request(self) -> bool:
        """Only where it is called by its own name: a site whose name is made to lead here must not read pages."""
        if not super().parse_request():
            return False
        if _host(self.headers.get("Host", "")) in NAMES:
            return True
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "Call this server 127.0.0.1 or localhost")
        return False

    def translate_path(self, path: str) -> str:
        root = Path(self.directory).resolve()
        found = Path(super().translate_path(path)).resolve()
        if found.is_dir():
            found = (found / INDEX).resolve()
        ours = found == root / INDEX or (found.is_relative_to(root / FOLDER) and found.suffix in SERVED)
        return str(found) if ours else NOWHERE

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who looks at what is no news."""


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


class Server(ThreadingHTTPServer):
    """At most MOST connections, none for longer than LONGEST seconds."""

    request_queue_size = 128

    def __init__(self, *given: Any):
        self._open: dict[Any, float] = {}
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        while len(self._open) >= MOST:
            self._leave(next(iter(self._open)))
        self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called every half second, and after each connection."""
        for request, since in list(self._open.items()):
            if time.monotonic() - since > LONGEST:
                self._leave(request)

    def _leave(self, request: Any) -> None:
        """End a connection; its thread, which reads nothing more, closes it."""
        self._open.pop(request, None)
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a reader that leaves is no news."""


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Serve a folder, which need not be there yet; gives the address."""
    with Server(("127.0.0.1", port), partial(Pages, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(SILENCE)
