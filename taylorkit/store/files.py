"""What an artifact may be made of: folders and plain files, and documents of JSON that can be read whole.

A stranger's artifact may hold links to anything, pipes that never end, and documents that fill the memory. All is
looked at before any of it is read: a walk over the names costs less than the reading of one block.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any, NoReturn

from taylorkit.errors import IntegrityError

FILE = "zarr.json"
# A run of a hundred thousand evaluations would name them in less.
LARGEST_DOCUMENT = 2**26
# evaluation/NAME/ARRAY/c/ and an index for each of NumPy's 64 dimensions.
DEEPEST = 80


def require_plain_files(artifact: Path) -> int:
    """The bytes of all files. Raises IntegrityError where anything is neither a folder nor a file, or goes too deep."""
    total, waiting = 0, [(os.fspath(artifact), 0)]
    while waiting:
        folder, depth = waiting.pop()
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
                waiting.append((entry.path, depth + 1))
            elif entry.is_file(follow_symlinks=False):
                total += _size(entry)
            elif os.path.lexists(entry.path):  # what a run has just swept is nothing at all
                kind = "a link" if entry.is_symlink() else "neither a file nor a folder, or lies too deep"
                raise IntegrityError(f"{entry.path}: is {kind}; an artifact holds plain files alone: remove it")
    return total


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []  # swept by a run that is at work
    except OSError as error:
        raise IntegrityError(f"{folder}: cannot be read ({error})") from error


def _size(entry: os.DirEntry[str]) -> int:
    try:
        size = entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0
    if entry.name == FILE and size > LARGEST_DOCUMENT:
        raise IntegrityError(f"{entry.path}: has {size / 2**20:.0f} MiB; metadata has {LARGEST_DOCUMENT >> 20} at most")
    return size


def contents(path: Path, largest: int = LARGEST_DOCUMENT) -> bytes:
    """The bytes of a document. Raises OSError where it is anything but a plain file of `largest` bytes at most."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
        raise OSError(f"is no plain file of {largest >> 20} MiB at most")
    return path.read_bytes()


def document(folder: Path) -> dict[str, Any]:
    """The metadata document of a group or array, as strict JSON. Raises IntegrityError where it is none."""
    path = folder / FILE
    try:
        found = json.loads(contents(path), parse_constant=_no_number)
        # Half of a pair of surrogates is legal there and can be written nowhere.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, OSError, RecursionError) as error:
        raise IntegrityError(f"{path}: cannot be read ({error})") from error
    if not isinstance(found, dict) or found.get("zarr_format") != 3 or not isinstance(found.get("attributes"), dict):
        raise IntegrityError(f"{path}: is no metadata of Zarr version 3")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
