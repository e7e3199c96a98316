"""Prefect's password: taken from the environment, and from nowhere else, so that it is written nowhere."""

import ipaddress
from collections.abc import Mapping

from taylorkit.errors import SpecError

# What the server compares with, and what its clients send. Prefect's own names; the value is `user:password`.
SERVER, CLIENT = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"


def agreed(host: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of server and clients; empty where there is no password, as on loopback there need not be.

    Raises SpecError where one is needed and missing, or where the two differ. What it says never holds a password.
    """
    known = {name: environment[name] for name in (SERVER, CLIENT) if environment.get(name)}
    if not known and not is_loopback(host):
        raise SpecError(
            f"host = {host!r}: would let everybody on the network run flows; export {SERVER}=user:password first (and "
            f"{CLIENT} the same, where flows are asked for), or serve on 127.0.0.1"
        )
    if len(set(known.values())) > 1:
        raise SpecError(f"{SERVER} and {CLIENT} differ: the server would refuse its own flows; export the same twice")
    return dict.fromkeys((SERVER, CLIENT), next(iter(known.values()))) if known else {}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; names other than localhost may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
