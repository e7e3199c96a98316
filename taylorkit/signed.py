"""Files of compiled code that say what they are: a digest over the file's name and its content comes first.

Compiled code is found by its name alone, which is made of all that it was compiled from. So a file under the name of
another, one that was cut or changed, and one that another user could have written are all as if they were not there.
"""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

DIGEST = 16
# Whoever else may write to it.
OTHERS = 0o022


def read(place: Path) -> bytes | None:
    """Return the content if its digest matches under this name, and only this user could have written it."""
    try:
        if not (_is_ours(place) and _is_ours(place.parent)):
            return None
        found = place.read_bytes()
    except OSError:
        return None
    content = found[DIGEST:]
    return content if _digest(place, content) == found[:DIGEST] else None


def keep(place: Path, content: bytes) -> None:
    """Whole or not at all; a cache that cannot be written is no error."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(_digest(place, content) + content)
        Path(file.name).replace(place)
    except OSError:
        return


def _digest(place: Path, content: bytes) -> bytes:
    """The folder's name says what kind of code it is, and for which processor."""
    named = f"{place.parent.name}/{place.name}\0".encode()
    return hashlib.blake2b(named + content, digest_size=DIGEST).digest()


def _is_ours(path: Path) -> bool:
    found = path.stat()
    return not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & OTHERS)
