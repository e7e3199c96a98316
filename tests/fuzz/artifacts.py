"""Artifacts that somebody tampered with, and what the readers make of them.

A digest shows that bytes are those that were written, not who wrote them: whoever changes an artifact can compute all
digests anew. So half of the changed ones are *sealed* again: every record is made to fit what is there.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from hypothesis import strategies as st

import taylorkit as tk
from taylorkit import digest
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store import records
from taylorkit.store.files import require_plain_files
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import evaluations
from tests.fuzz.hostile import CANARY_FILE, CANARY_MODULE, NAMES, SCRIPT, VALUES, mutated
from tests.fuzz.judge import SECONDS, answer, tree, watched, within

# What the metadata of arrays could be made to say.
METADATA = st.sampled_from(
    [
        *("bytes", "numcodecs.pickle", "pickle", "json2", "numcodecs.json2", "vlen-utf8", "vlen-bytes", "gzip", "zstd"),
        *("object", "|O", "string", "float64", "complex128", "variable_length_bytes", "structured", "r128", "int8"),
        *({"name": "pickle"}, {"name": "numcodecs.pickle", "configuration": {"protocol": 5}}, {"name": "gzip"}),
        {"name": "sharding_indexed", "configuration": {"chunk_shape": [1], "codecs": [], "index_codecs": []}},
        *([2**60], [2**40, 2**40], [2**30], [0], [-1], [10**9], [], 2**60, 0, 1, 2, 3, 4, 5, 7, None, "x"),
    ]
)
WORDS = st.sampled_from([SCRIPT, f"{CANARY_FILE}:f", f"{CANARY_MODULE}:f", "x", "y", "taylor", "graph", "timing"])
JSON_VALUES = st.one_of(VALUES, METADATA, WORDS).filter(lambda value: _is_json(value))


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


# Matplotlib keeps what it knows of the fonts there.
DRAWING = [Path(matplotlib.get_cachedir()), Path(matplotlib.get_configdir())]
BOMBS: dict[str, bytes] = {
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "deep-attributes": b'{"zarr_format":3,"node_type":"group","attributes":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    "long": b'{"zarr_format":3,"node_type":"group","attributes":{"name":"' + b"x" * 5_000_000 + b'"}}',
    "number": b'{"zarr_format":3,"node_type":"group","attributes":{"order":' + b"9" * 5000 + b"}}",
    "nan": b'{"zarr_format":3,"node_type":"group","attributes":{"order":NaN}}',
    "half-a-pair": b'{"zarr_format":3,"node_type":"group","attributes":{"name":"\\ud800"}}',
    "version-2": b'{"zarr_format":2,"shape":[1],"dtype":"|O","filters":[{"id":"pickle"}],"compressor":null}',
    "empty": b"",
    "no-text": b"\xff\xfe\x00",
    "bom": b"\xef\xbb\xbf{}",
}
PLACES = (
    "link-out",
    "link-device",
    "link-self",
    "link-folder",
    "pipe",
    "delete",
    "folder",
    "truncate",
    "flip",
    "twice",
)


@dataclass(frozen=True)
class Tampering:
    """One change to a file: `how` names a kind of place, a bomb, or is the document that is written there."""

    file: str
    how: Any


@st.composite
def tampered(draw: st.DrawFn, base: Path) -> tuple[list[Tampering], bool, bool]:
    """One change or two to the artifact `base`; whether it is sealed again; whether a page is drawn."""
    files = sorted(str(p.relative_to(base)) for p in base.rglob("*") if p.is_file())
    documents = [f for f in files if f.endswith("zarr.json")]
    changes = []
    for _ in range(draw(st.integers(1, 2))):
        if draw(st.integers(0, 3)):
            file = draw(st.sampled_from([*documents, *["zarr.json"] * 10]))
            changes.append(Tampering(file, draw(mutated(json.loads((base / file).read_bytes()), 2, JSON_VALUES))))
        elif draw(st.booleans()):
            changes.append(Tampering(draw(st.sampled_from(documents)), draw(st.sampled_from(list(BOMBS)))))
        else:
            changes.append(Tampering(draw(st.sampled_from(files)), draw(st.sampled_from([*PLACES, *NAMES[:6]]))))
    return changes, draw(st.integers(0, 3)) != 3, draw(st.integers(0, 9)) == 9


def tamper(artifact: Path, change: Tampering) -> None:
    file = artifact / change.file
    if not isinstance(change.how, str):
        file.write_text(json.dumps(change.how))
    elif change.how in BOMBS:
        file.write_bytes(BOMBS[change.how])
    elif change.how in PLACES:
        _place(artifact, file, change.how)
    else:
        _rename(file.parent, change.how)


def _place(artifact: Path, file: Path, how: str) -> None:
    data = file.read_bytes()
    outside = artifact.parent.parent / "outside"
    if how == "truncate":
        file.write_bytes(data[: len(data) // 2])
    elif how == "flip" and data:
        file.write_bytes(bytes([data[0] ^ 16]) + data[1:])
    elif how == "twice":
        file.write_bytes(data + data)
    elif how == "link-folder":
        shutil.rmtree(file.parent)
        file.parent.symlink_to(outside)
    elif how != "flip":
        file.unlink()
        {
            "link-out": lambda: file.symlink_to(outside / "secret.txt"),
            "link-device": lambda: file.symlink_to("/dev/zero"),
            "link-self": lambda: file.symlink_to(file),
            "pipe": lambda: os.mkfifo(file),
            "folder": file.mkdir,
        }.get(how, lambda: None)()


def _rename(folder: Path, name: str) -> None:
    """Call a folder otherwise, where a system lets one; the name of an array or of an evaluation is its folder's."""
    if "\0" in name or "/" in name or name in ("", ".", "..") or len(name) > 200:
        name = SCRIPT.replace("/", "")
    if folder.is_dir() and not folder.is_symlink() and not (folder.parent / name).exists():
        folder.rename(folder.parent / name)


# What says so little that nothing can be made to fit it.
UNSEALABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IntegrityError)


def seal(artifact: Path) -> None:
    """Make every record fit what is there, as who changed it would."""
    try:
        require_plain_files(artifact)
    except IntegrityError:
        return  # what can be a pipe is not read here either
    for group in (artifact, *sorted(artifact.glob("evaluation/*"))):
        for place in sorted((group / "commit").glob("*")):
            try:
                _seal_section(group, place)
            except UNSEALABLE:
                continue
        try:
            _rewrite(group / "commit", {"attributes": digest.of_bytes((group / records.FILE).read_bytes())})
        except UNSEALABLE:
            continue


def _seal_section(group: Path, place: Path) -> None:
    record = json.loads((place / records.FILE).read_bytes())["attributes"]["record"]
    metadata = {n: digest.of_bytes((group / n / records.FILE).read_bytes()) for n in record["metadata"]}
    _rewrite(place, {"metadata": metadata})
    store = SectionStore(group, place.name)
    coordinates = {n: _digest(lambda n=n: store.whole(n)) or d for n, d in record["coordinates"].items()}
    _rewrite(place, {"metadata": metadata, "coordinates": coordinates})
    for folder in place.glob("*"):
        # A record may claim more blocks than can be counted.
        named = (b for b in islice(store.blocks(), 1000) if (b.name or "whole") == folder.name)
        block = next(named, None)
        if block is None:  # it bears a name that was tampered with
            continue
        digests = json.loads((folder / records.FILE).read_bytes())["attributes"]["record"]["digests"]
        found = {n: _digest(lambda n=n, b=block: store.read_block(n, b)) or d for n, d in digests.items()}
        _rewrite(folder, {"digests": found, "fingerprint": record["fingerprint"]})


def _digest(read: Callable[[], np.ndarray]) -> str | None:
    """Of the values as they now read; None where they cannot be."""
    try:
        return digest.of_array(np.asarray(read()))
    except IntegrityError:
        return None


def _rewrite(folder: Path, changes: dict[str, Any]) -> None:
    record = json.loads((folder / records.FILE).read_bytes())["attributes"]["record"]
    (folder / records.FILE).write_bytes(records.encode({**record, **changes}))


def feed(base: Path, tampering: tuple[list[Tampering], bool, bool]) -> str:
    """Change a copy of `base`, in a folder of its own, and judge it."""
    changes, sealed, drawn = tampering
    with tempfile.TemporaryDirectory(prefix="taylorkit-fuzz-") as made:
        prepare(Path(made))
        artifact = Path(made, "store", base.name)
        shutil.copytree(base, artifact)
        for change in changes:
            if (artifact / change.file).is_file():
                tamper(artifact, change)
        if sealed:
            seal(artifact)
        return judge(artifact, drawn)


def judge(artifact: Path, drawn: bool) -> str:
    """Let every reader have it; in one word what became of it. Only a page may be written, and in its store alone."""
    store, before = artifact.parent, tree(artifact.parent.parent / "outside")
    verified = answer(["verify", artifact])
    listed = answer(["list", store], store / "pages")  # where its catalogue lies
    assert listed.status in (0, 2)
    # A head and a line, whatever it now calls itself; a folder whose records are elsewhere is no artifact.
    there = (artifact / "commit").is_dir()
    assert len(listed.out.splitlines()) == 2 or listed.status or not there, listed
    answer(["why", artifact, artifact])
    answer(["doctor", "--store", store, "--home", store.parent / "home"])
    opened = _open(artifact)
    verdict = f"verify {verified.status}, {'opens' if opened else 'refused'}"
    assert opened or verified.status, "verify finds nothing where a reader refuses"
    if drawn or verified.status == 0:
        told = answer(["report", artifact], store, *DRAWING)
        verdict += f", report {told.status}"
    assert tree(artifact.parent.parent / "outside") == before
    return verdict


def _open(artifact: Path) -> bool:
    """Whether all that is in it can be read."""
    with watched() as watch, within(SECONDS):
        try:
            for name in (None, *evaluations(artifact)):
                tk.open(artifact, name).load()
            opened = True
        except (IntegrityError, SpecError):
            opened = False
    assert not watch.done, watch.done
    return opened


def prepare(folder: Path) -> None:
    """What lies outside of the store, and must stay as it is; code that must not run."""
    (folder / "outside").mkdir(parents=True)
    (folder / "outside" / "secret.txt").write_text("secret")
    for name in (CANARY_FILE, f"{CANARY_MODULE}.py"):
        (folder / "outside" / name).write_text("raise SystemExit('canary')")
