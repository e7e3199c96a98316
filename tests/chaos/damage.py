"""Bytes that are not what was written: found by `verify`, never handed out by `tk.open`, repaired by the next run."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from taylorkit.store.verify import verify
from tests.chaos import subjects
from tests.chaos.checks import assert_alike, assert_honest, assert_whole
from tests.chaos.meaning import Meaning, meanings
from tests.chaos.outcome import Outcome, tried
from tests.store.making import Made, run

# A bit is drawn among the files of one kind after the other: by size alone, records would hardly be hit.
KINDS = ("data", "metadata", "record")

# Steps of which no second run gives the same numbers.
MEASURED = {"table"}


def bits(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """One random bit of a fresh copy, `count` times."""
    whole, chance = subjects.small(folder), random.Random(seed)
    known = meanings(whole.artifact)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        of_kind = [f for f, m in known.items() if m.kind in (kind, "log" if kind == "record" else kind)]
        file = chance.choice(of_kind)
        bit = chance.randrange(8 * (whole.artifact / file).stat().st_size)
        yield tried(f"{file}, bit {bit}", partial(_damaged, whole, folder, known, [file], partial(_flip, bit=bit)))


def files(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Every file of every subject in every way, in turn: `count` of them, from number `seed`."""
    cases = [(made, case) for made in (subjects.small, subjects.timing) for case in _cases(made(folder))]
    for made, (known, way, damage, file) in cases[seed : seed + count]:
        whole = made(folder)
        hit = [file, _other(whole.artifact, known, file)] if way == "swapped" else [file]
        kind = f"{', of a timing' * (made is subjects.timing)}, {way}"
        yield tried(f"{file}{kind}", partial(_damaged, whole, folder, known, hit, damage, kind))


def _cases(whole: Made) -> list[tuple[dict[str, Meaning], str, Callable[..., object], str]]:
    known = meanings(whole.artifact)
    return [(known, way, damage, file) for file in known for way, damage in WAYS.items()]


def _damaged(
    whole: Made, folder: Path, known: dict[str, Meaning], hit: list[str], damage: Callable[..., object], way: str = ""
) -> str:
    """Damage these files of a copy, and see that the three checks hold."""
    copy = whole.copied(folder)
    try:
        damage(*(copy.artifact / file for file in hit))
        _found_refused_and_repaired(copy, whole, [known[file] for file in hit])
    finally:
        shutil.rmtree(copy.store)
    return known[hit[0]].kind + way


def _found_refused_and_repaired(copy: Made, whole: Made, meant: list[Meaning]) -> None:
    problems = verify(copy.artifact)
    harmless = not any(m.names for m in meant)
    assert harmless != bool(problems), f"verify says {problems}"
    strange = [line for line in problems if not any(name in line for m in meant for name in m.names)]
    assert not strange, f"verify names what was not touched: {strange}"
    # Without a section's record nothing is known of its blocks.
    unknown = any(m.kind == "record" and not m.computed for m in meant)
    for m in meant:
        assert not m.names or (unknown and m.computed) or any(name in line for line in problems for name in m.names), (
            f"{m.names}: not in {problems}"
        )
    refused = assert_honest(copy.artifact, whole.arrays)
    assert not (harmless and refused), "refuses what is whole"
    _, computed = run(copy.spec, copy.store)
    # Of one block two arrays may have been hit.
    wanted = sum({m.names: m.computed for m in meant}.values(), start=Counter[str]())
    assert computed == dict(wanted), f"{computed} computed, {dict(wanted)} damaged"
    if computed.keys() & MEASURED:
        assert verify(copy.artifact) == []
        assert_alike(copy.artifact, whole)
    else:
        assert_whole(copy, whole)


def _other(artifact: Path, known: dict[str, Meaning], file: str) -> str:
    """A file to swap with: of the same kind, nearest in the tree, of other bytes; another block where there is one.

    As deep as it, too: without a section's record nothing is known of its blocks.
    """
    here, own = (artifact / file).read_bytes(), known[file]
    others = [f for f, m in known.items() if m.kind == own.kind and (artifact / f).read_bytes() != here]
    depth = file.count("/")
    return max(others, key=lambda f: (f.count("/") == depth, _shared(f, file), known[f].names != own.names, f > file))


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(Path(one).parent.parts, Path(other).parent.parts, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(one.count("/"), other.count("/")))


def _flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


def _swap(one: Path, other: Path) -> None:
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


WAYS: dict[str, Callable[..., object]] = {
    "deleted": Path.unlink,
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "emptied": lambda file: file.write_bytes(b""),
    "swapped": _swap,
}
