"""Whether Dask's workers reach Prefect's server: a task tells it of its state from wherever it runs."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import psutil
from prefect.settings import PREFECT_API_URL

from flows.authentication import is_loopback
from flows.server import ANY
from taylorkit.errors import SpecError


def require_api(runner: str, addresses: Sequence[str]) -> None:
    """Raises SpecError where one of `addresses`, as Dask writes them, is another machine's and the server is not there.

    Every task would fail: for a worker elsewhere 127.0.0.1 is its own machine.
    """
    url = str(PREFECT_API_URL.value() or "")
    server = _host(url)
    if server and not is_loopback(server) and server not in ANY:
        return
    far = [address for address in addresses if not _is_here(_host(address))]
    if far:
        raise SpecError(
            f"runner = {runner!r}: {far[0]} is another machine, which does not reach Prefect's server at "
            f"{url or '127.0.0.1'}; serve on an address that it does (`taylorkit serve --host`, with a password) and "
            "export PREFECT_API_URL with that, or name a scheduler of this machine as tcp://127.0.0.1:8786"
        )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_here(host: str) -> bool:
    if not host or is_loopback(host):
        return bool(host)
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    own = {address.address.partition("%")[0] for known in psutil.net_if_addrs().values() for address in known}
    return found <= own or all(map(is_loopback, found))
