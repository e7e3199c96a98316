"""Flipped, lost, torn and swapped bytes: found by verify, refused by open, and repaired by the next run alone."""

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit.errors import IntegrityError, TaylorkitError
from taylorkit.store.create import ABANDONED_SECONDS
from taylorkit.store.verify import verify
from tests.store.making import Made, arrays, assert_same, flip, run

Damage = Callable[[Path], object]


def flipped(name: str, where: float) -> Damage:
    """One bit of a file, `where` from its beginning (0) to its end (1)."""

    def damage(artifact: Path) -> None:
        file = artifact / name
        flip(file, min(int(where * file.stat().st_size), file.stat().st_size - 1))

    return damage


def cut(name: str, kept: float) -> Damage:
    def damage(artifact: Path) -> None:
        data = (artifact / name).read_bytes()
        (artifact / name).write_bytes(data[: int(kept * len(data))])

    return damage


def lost(name: str) -> Damage:
    def damage(artifact: Path) -> None:
        place = artifact / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return damage


def swapped(one: str, other: str) -> Damage:
    def damage(artifact: Path) -> None:
        data = (artifact / one).read_bytes()
        (artifact / other).rename(artifact / one)
        (artifact / other).write_bytes(data)

    return damage


def copied(source: str, target: str) -> Damage:
    def damage(artifact: Path) -> None:
        shutil.copyfile(artifact / source, artifact / target)

    return damage


SHARD, OTHER = "derivatives/c/0/1/0", "derivatives/c/0/2/0"
MAP, NEAR = "evaluation/map/", "evaluation/near/"
DERIVATIVES, VALUES = {"derivatives": 1}, {"evaluation/map/values": 1}
WHOLE_MAP = {"evaluation/map/values": 6, "evaluation/map/summary": 1}

# The damage, and how many blocks of which step must be computed again: those that it hit, and no others.
BLOCKS: dict[str, tuple[Damage, dict[str, int]]] = {
    "shard-first": (flipped(SHARD, 0), DERIVATIVES),
    "shard-middle": (flipped(SHARD, 0.3), DERIVATIVES),
    "shard-index": (flipped(SHARD, 0.97), DERIVATIVES),
    "shard-checksum": (flipped(SHARD, 1), DERIVATIVES),
    "shard-cut": (cut(SHARD, 0.5), DERIVATIVES),
    "shard-empty": (cut(SHARD, 0), DERIVATIVES),
    "shard-lost": (lost(SHARD), DERIVATIVES),
    "shards-lost": (lost("derivatives/c"), {"derivatives": 4}),
    "shards-swapped": (swapped(SHARD, OTHER), {"derivatives": 2}),
    "shard-copied": (copied(SHARD, OTHER), DERIVATIVES),
    "status-lost": (lost("status/c/3/0"), DERIVATIVES),
    "radii-flipped": (flipped("trust_radius/c/0/2/0", 0.5), {"radii": 1}),
    "section-lost": (lost("commit/radii"), {"radii": 4}),
    "block-record": (flipped("commit/derivatives/1.0/zarr.json", 0.5), DERIVATIVES),
    "block-record-cut": (cut("commit/derivatives/1.0/zarr.json", 0.9), DERIVATIVES),
    "block-record-lost": (lost("commit/derivatives/1.0/zarr.json"), DERIVATIVES),
    "block-record-of-another": (
        copied("commit/derivatives/2.0/zarr.json", "commit/derivatives/1.0/zarr.json"),
        DERIVATIVES,
    ),
    "block-record-of-a-section": (
        copied("commit/radii/1.0/zarr.json", "commit/derivatives/1.0/zarr.json"),
        DERIVATIVES,
    ),
    "evaluation-shard": (flipped(MAP + "error/c/0/3/0", 0.5), VALUES),
    "evaluation-shards-swapped": (swapped(MAP + "truth/c/0/0", MAP + "truth/c/1/0"), {"evaluation/map/values": 2}),
    "evaluation-index-lost": (lost(MAP + "center_index/c/2/0"), VALUES),
    "evaluation-block-record": (lost(MAP + "commit/values/4.0"), VALUES),
    "evaluation-records-lost": (lost(MAP + "commit"), WHOLE_MAP),
    "evaluation-lost": (lost("evaluation"), WHOLE_MAP),
    "summary": (flipped(MAP + "max_error/c/0", 0.5), {"evaluation/map/summary": 1}),
    "summary-record-lost": (lost(MAP + "commit/summary/whole"), {"evaluation/map/summary": 1}),
}

# Damage to what says what the blocks are: put right without computing any.
METADATA: dict[str, Damage] = {
    "coordinate": flipped("x/c/0", 0.4),
    "coordinate-lost": lost("degree/c/0"),
    "term-labels": flipped("term/c/0", 0.5),
    "exponents-cut": cut("exponent/c/0/0", 0.5),
    "array-metadata": flipped("derivatives/zarr.json", 0.3),
    "array-metadata-space": flipped("status/zarr.json", 0.02),
    "array-metadata-lost": lost("derivatives/zarr.json"),
    "array-metadata-empty": cut("derivatives/zarr.json", 0),
    "array-metadata-swapped": swapped("trust_radius/zarr.json", "convergence_radius/zarr.json"),
    "array-metadata-of-fewer-dimensions": copied("status/zarr.json", "derivatives/zarr.json"),
    "folder-of-evaluations": flipped("evaluation/zarr.json", 0.4),
    "folder-of-evaluations-lost": lost("evaluation/zarr.json"),
    "attributes": flipped("zarr.json", 0.4),
    "attributes-lost": lost("zarr.json"),
    "section-record": flipped("commit/derivatives/zarr.json", 0.5),
    "section-record-lost": lost("commit/derivatives/zarr.json"),
    "section-record-of-another": copied("commit/radii/zarr.json", "commit/derivatives/zarr.json"),
    "seal": flipped("commit/zarr.json", 0.5),
    "seal-lost": lost("commit/zarr.json"),
    "evaluation-coordinate": flipped(NEAR + "x/c/0", 0.4),
    "evaluation-metadata": flipped(NEAR + "truth/zarr.json", 0.5),
    "evaluation-attributes": flipped(NEAR + "zarr.json", 0.5),
    "evaluation-section-record": flipped(NEAR + "commit/values/zarr.json", 0.5),
    "evaluation-seal": flipped(NEAR + "commit/zarr.json", 0.5),
}


def assert_found_refused_and_repaired(made: Made, evaluation: str) -> dict[str, int]:
    """How many blocks the next run computes."""
    assert verify(made.artifact)
    with pytest.raises(IntegrityError, match=r"run the spec again|cannot be read"):
        load(made.artifact, evaluation)
    _, computed = run(made.spec, made.store)
    assert verify(made.artifact) == []
    assert_same(arrays(made.artifact), made.arrays)
    return computed


def load(artifact: Path, evaluation: str) -> None:
    tk.open(artifact).load()
    tk.open(artifact, evaluation).load()


@pytest.mark.parametrize(("damage", "computed"), BLOCKS.values(), ids=BLOCKS)
def test_damaged_blocks_are_computed_again_and_no_others(copy: Made, damage: Damage, computed: dict[str, int]) -> None:
    damage(copy.artifact)
    assert assert_found_refused_and_repaired(copy, "map") == computed


@pytest.mark.parametrize("damage", METADATA.values(), ids=METADATA)
def test_damaged_metadata_is_put_right_without_computing(line: Made, tmp_path: Path, damage: Damage) -> None:
    made = line.copied(tmp_path)
    damage(made.artifact)
    assert assert_found_refused_and_repaired(made, "near") == {}


def test_nothing_is_wrong_with_what_was_not_touched(copy: Made) -> None:
    assert verify(copy.artifact) == []
    load(copy.artifact, "map")
    assert run(copy.spec, copy.store)[1] == {}


def test_what_is_wrong_is_named(copy: Made) -> None:
    lost(SHARD)(copy.artifact)
    flip(copy.artifact / "evaluation/map/truth/c/0/0", 9)
    first, second = verify(copy.artifact)
    assert "derivatives block 1.0" in first
    assert "evaluation/map: values block 0.0" in second
    assert "truth" in second


def test_damage_elsewhere_does_not_keep_one_from_reading(copy: Made) -> None:
    """A block that is whole can be read while another is lost."""
    lost(SHARD)(copy.artifact)
    ds = tk.open(copy.artifact)
    whole = copy.arrays["derivatives"][:, :2]
    assert (ds.derivatives.isel(x=slice(0, 2)).values == whole).all()
    with pytest.raises(IntegrityError, match=r"derivatives block 1\.0"):
        ds.derivatives.isel(x=2, y=0, term=0).load()


def carries_meaning(file: Path) -> bool:
    """All but the log, outside of every digest."""
    return file.parts[0] != "log"


def test_every_file_is_watched(line: Made, tmp_path: Path) -> None:
    """A flipped bit is found wherever it is."""
    artifact, chance = line.copied(tmp_path).artifact, random.Random(0)
    watched = [p for p in sorted(artifact.rglob("*")) if p.is_file() and carries_meaning(p.relative_to(artifact))]
    assert len(watched) > 40
    for file in watched:
        whole = file.read_bytes()
        flip(file, chance.randrange(len(whole)))
        assert verify(artifact), file.relative_to(artifact)
        file.write_bytes(whole)
    assert verify(artifact) == []


def test_damaged_metadata_is_named_once_and_no_block_for_it(copy: Made) -> None:
    flip(copy.artifact / "derivatives" / "zarr.json", 100)
    flip(copy.artifact / "x" / "zarr.json", 100)
    problems = verify(copy.artifact)
    assert [p.partition(": ")[2] for p in problems] == ["metadata is not what was written"] * 2


def test_an_emptied_file_is_lost_values_even_where_they_equal_the_fill(copy: Made) -> None:
    """At order 2 too few coefficients are there for an estimate: NaN, as what is lost reads."""
    file = copy.artifact / "convergence_radius" / "c" / "1" / "0"
    assert np.isnan(copy.arrays["convergence_radius"]).all()
    file.write_bytes(b"")
    assert verify(copy.artifact) == ["radii block 1.0 has lost its values of convergence_radius"]
    assert run(copy.spec, copy.store)[1] == {"radii": 1}
    assert_same(arrays(copy.artifact), copy.arrays)


def test_what_killed_runs_were_writing_is_swept_once_nobody_can_be_at_it(copy: Made) -> None:
    old, new = (copy.artifact / "derivatives" / f".{n}.partial" for n in ("old", "new"))
    for file in (old, new):
        file.write_bytes(b"torn")
    hours_ago = time.time() - 2 * ABANDONED_SECONDS
    os.utime(old, (hours_ago, hours_ago))
    run(copy.spec, copy.store)
    assert not old.exists()
    assert new.exists()


def test_leftovers_of_a_killed_run_are_harmless(copy: Made) -> None:
    staging = copy.store / f".{copy.artifact.name}.0123.staging"
    staging.mkdir()
    (staging / "zarr.json").write_text("{")
    for place in ("derivatives/c/0/1", "commit/derivatives/1.0", "commit", ""):
        (copy.artifact / place / ".zarr.json.0123.partial").write_bytes(b"torn")
        (copy.artifact / place / "0.0123.partial").write_bytes(b"torn")
    assert verify(copy.artifact) == []
    assert run(copy.spec, copy.store)[1] == {}
    assert not staging.exists()
    assert_same(arrays(copy.artifact), copy.arrays)


def test_no_artifact_is_said(tmp_path: Path) -> None:
    for ask in (verify, tk.open):
        with pytest.raises(TaylorkitError, match="no artifact there; `taylorkit list` shows"):
            ask(tmp_path)
