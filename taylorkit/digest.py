"""Hashes: of arrays, of bytes, and of plain values in one canonical encoding (RFC 8785). All BLAKE3."""

from typing import Any

import numpy as np
import rfc8785
from blake3 import blake3


def of_bytes(data: bytes) -> str:
    return blake3(data).hexdigest()


def of_array(values: np.ndarray) -> str:
    """Of the decoded values, whatever their codec: C order, little endian; strings as a JSON list."""
    if values.dtype.kind in "OUT":
        return of_value([str(v) for v in values.reshape(-1).tolist()])
    hasher = Hasher()
    hasher.update(values)
    return hasher.digest()


class Hasher:
    """The digest of an array of numbers that comes in pieces, in C order."""

    def __init__(self) -> None:
        self._state = blake3()

    def update(self, values: np.ndarray) -> np.ndarray:
        """Take the next piece. Returns it as it is hashed: in C order, little endian."""
        plain = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        self._state.update(plain.reshape(-1).view(np.uint8).data)
        return plain

    def digest(self) -> str:
        return self._state.hexdigest()


def of_value(value: Any) -> str:
    """Of a plain JSON value. Canonical: neither key order nor the spelling of a number matters."""
    return of_bytes(rfc8785.dumps(value))


def fingerprint(tag: str, value: Any) -> str:
    """Of a value under a type tag, so that two kinds of thing never share one."""
    return of_value({"tag": tag, "value": value})
