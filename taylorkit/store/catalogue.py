"""What is known of a store's artifacts, kept so that thousands need not be looked at anew: a cache, and nothing else.

<store>/pages/catalogue.json    a digest of the rest, then an entry an artifact

An entry holds facts, and a stamp of the files that they were taken from: numbers, sizes and times of change, which the
system keeps and no copy has. Where a stamp differs the artifact is looked at again; a file that is edited, cut or of
another version is no catalogue. What is not finished is never kept.
"""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taylorkit import __version__, digest
from taylorkit.errors import IntegrityError
from taylorkit.store import records, state
from taylorkit.store.files import FILE, LARGEST_DOCUMENT, contents
from taylorkit.store.tree import groups, sections
from taylorkit.store.work import is_at_work

Facts = dict[str, Any]

VERSION = f"{__version__} 1"
KEPT = frozenset({state.FINISHED, state.NO_PAGE, state.NOT_FINITE})
# What changes with every run and every page; the other files that are watched are the artifact's metadata.
OFTEN = ("commit/" + FILE, "log")
PAGE = ("index.html", "drawn/" + FILE)
# Digits of a stamp.
DIGITS = 16


@dataclass
class Entry:
    """The facts of an artifact, the files that they were taken from, and their stamps: of OFTEN and PAGE, of all."""

    facts: Facts
    watched: tuple[str, ...]
    often: str
    all: str


@dataclass
class Catalogue:
    """The entries of a store by the artifacts' names."""

    store: Path
    entries: dict[str, Entry] = field(default_factory=dict)
    changed: bool = False

    def known(self, artifact: Path, thorough: bool = False) -> Facts | None:
        """What was found when the artifact was as it is now; None where it may have changed since.

        By the files that every run changes; `thorough` by all of its metadata.
        """
        entry = self.entries.get(artifact.name)
        if entry is None or entry.often != _often(artifact):
            return None
        return None if thorough and entry.all != _stamp(artifact, entry.watched) else entry.facts

    def facts(self, artifact: Path, describe: Callable[[Path], Facts], thorough: bool) -> Facts:
        """What is known of an artifact, or what `describe` finds; `thorough`, with whether a run is at work on it."""
        found = self.known(artifact, thorough)
        if found is None:
            found = self._described(artifact, describe)
        at_work = thorough and found["state"] in KEPT and is_at_work(artifact)
        return {**found, **({"state": state.RUNNING} if at_work else {}), "path": artifact}

    def _described(self, artifact: Path, describe: Callable[[Path], Facts]) -> Facts:
        watched, often = _watched(artifact), _often(artifact)
        stamp = _stamp(artifact, watched)  # before the look: what changes amid it is looked at again
        found = describe(artifact)
        before = self.entries.pop(artifact.name, None)
        if found["state"] in KEPT:
            self.entries[artifact.name] = Entry(found, watched, often, stamp)
        self.changed |= before is not None or found["state"] in KEPT
        return found

    def save(self, artifacts: Iterable[Path]) -> None:
        """Keep what is known of these artifacts, where the store can be written and there is news."""
        names = {artifact.name for artifact in artifacts}
        if not self.changed and names >= self.entries.keys():
            return
        kept = {name: entry for name, entry in self.entries.items() if name in names}
        with suppress(OSError, ValueError):
            if _place(self.store).resolve().parent == self.store.resolve() / "pages":
                records.write_file(_place(self.store), _encoded(kept))


def read(store: Path) -> Catalogue:
    """The catalogue of a store; an empty one where there is none, or it is not as it was written."""
    try:
        mark, _, data = contents(_place(store), LARGEST_DOCUMENT).partition(b"\n")
        if mark.decode() != digest.of_bytes(data):
            return Catalogue(store)
        found = json.loads(data)
        if found["version"] != VERSION:
            return Catalogue(store)
        watched = [tuple(names) for names in found["watched"]]
        entries = {name: Entry(f, watched[w], often, every) for name, (f, w, often, every) in found["entries"].items()}
        return Catalogue(store, entries)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return Catalogue(store)


def _encoded(entries: dict[str, Entry]) -> bytes:
    """Artifacts of one plan watch files of the same names: those are written once."""
    watched = {names: number for number, names in enumerate(dict.fromkeys(e.watched for e in entries.values()))}
    rows = {name: [e.facts, watched[e.watched], e.often, e.all] for name, e in entries.items()}
    data = json.dumps({"version": VERSION, "watched": list(watched), "entries": rows}).encode()
    return digest.of_bytes(data).encode() + b"\n" + data


def _place(store: Path) -> Path:
    return store / "pages" / "catalogue.json"


def _watched(artifact: Path) -> tuple[str, ...]:
    """The folders and files of metadata, from the artifact's folder."""
    found = []
    with suppress(IntegrityError, OSError):
        for group in groups(artifact):
            folder = os.path.relpath(group, artifact)
            names = [".", FILE, "commit", "commit/" + FILE]
            for section in sections(group):
                names += [f"commit/{section.label}", f"commit/{section.label}/{FILE}"]
                names += [f"{name}/{FILE}" for name in section.record["metadata"]]
            found += [os.path.normpath(f"{folder}/{name}") for name in names]
    return tuple(dict.fromkeys([*found, "evaluation"]))


def _often(artifact: Path) -> str:
    page = state.page_of(artifact).parent
    return _marks([*(f"{artifact}/{name}" for name in OFTEN), *(f"{page}/{name}" for name in PAGE)])


def _stamp(artifact: Path, watched: tuple[str, ...]) -> str:
    return _marks([f"{artifact}/{name}" for name in watched])


def _marks(paths: list[str]) -> str:
    """Changes with any of the files, as the system sees them."""
    marks = []
    for path in paths:
        try:
            found = os.lstat(path)
            marks.append((found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
        except (OSError, ValueError):
            marks.append((0, 0, 0, 0))
    return digest.of_bytes(repr(marks).encode())[:DIGITS]
