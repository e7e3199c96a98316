"""Commit records: written whole, synced, and checking themselves.

A record is the metadata document of a Zarr group whose attributes hold it, with a digest over its own content. What
does not encode to exactly the bytes that were read is no record.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.store.files import FILE, contents


def encode(record: dict[str, Any]) -> bytes:
    document = {
        "attributes": {"record": record, "digest": digest.fingerprint("record", record)},
        "node_type": "group",
        "zarr_format": 3,
    }
    return (json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def read(folder: Path) -> dict[str, Any] | None:
    """The record in `folder`; None where there is none.

    Raises IntegrityError where there is a file that is no record.
    """
    try:
        data = contents(folder / FILE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IntegrityError(f"{folder / FILE}: cannot be read ({error})") from error
    try:
        record = json.loads(data)["attributes"]["record"]
        whole = isinstance(record, dict) and encode(record) == data
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise IntegrityError(f"{folder / FILE}: is not the record that was written")
    return record


def write(folder: Path, record: dict[str, Any]) -> None:
    """Write the record, so that it is there wholly or not at all. What a power failure takes is computed again."""
    write_file(folder / FILE, encode(record))


def write_file(path: Path, data: bytes) -> None:
    """Replace a file atomically and durably. Its folder is made where it is missing, but not what that lies in."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync(path.parent)


def make_folders(below: Path, path: Path) -> None:
    """Make `path`, within `below`, which must be there: a store that went away is not begun anew in its place."""
    if not path.is_dir():
        for folder in (*reversed(path.relative_to(below).parents), path.relative_to(below)):
            if folder.parts:
                (below / folder).mkdir(exist_ok=True)


def sync(path: Path) -> None:
    """Have a file or folder reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
