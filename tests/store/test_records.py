"""Records: whole or not there, checking themselves; sections write whole shards or nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit.errors import IntegrityError, TaylorkitError
from taylorkit.grid import Block
from taylorkit.store import records
from taylorkit.store.create import install
from taylorkit.store.layout import ArrayPlan, GroupPlan, Section
from taylorkit.store.listing import listing
from taylorkit.store.section import SectionStore
from taylorkit.store.verify import verify
from tests.store.making import Made, flip, run

RECORD = {"block": [1, 2], "digests": {"a": "f00"}, "note": "naïve"}


def test_a_record_is_what_was_written(tmp_path: Path) -> None:
    records.write(tmp_path / "place", RECORD)
    assert records.read(tmp_path / "place") == RECORD
    assert [p.name for p in (tmp_path / "place").iterdir()] == ["zarr.json"]
    assert records.read(tmp_path / "nowhere") is None


def test_a_store_that_went_away_is_not_begun_anew(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        records.write(tmp_path / "gone" / "place", RECORD)
    with pytest.raises(FileNotFoundError):
        records.make_folders(tmp_path / "gone", tmp_path / "gone" / "c" / "0")
    records.make_folders(tmp_path, tmp_path / "c" / "0" / "1")
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["c", "c/0", "c/0/1"]


def test_every_flipped_bit_of_a_record_is_seen(tmp_path: Path) -> None:
    records.write(tmp_path, RECORD)
    file = tmp_path / records.FILE
    for position in range(file.stat().st_size):
        flip(file, position)
        with pytest.raises(IntegrityError, match="is not the record that was written"):
            records.read(tmp_path)
        flip(file, position)
    assert records.read(tmp_path) == RECORD


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", records.encode([1]).decode(), '{"attributes": {}}', '{"attributes": {"record": 5}}', "{" * 9999],
)
def test_what_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / records.FILE).write_text(text)
    with pytest.raises(IntegrityError, match="is not the record"):
        records.read(tmp_path)


def test_a_folder_in_place_of_a_record(tmp_path: Path) -> None:
    (tmp_path / records.FILE).mkdir()
    with pytest.raises(IntegrityError, match="cannot be read"):
        records.read(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records.write(tmp_path, RECORD)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        records.write(tmp_path, {"other": 1})
    assert records.read(tmp_path) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == ["zarr.json"]


def table() -> GroupPlan:
    """A section of all kinds of arrays: text, whole numbers, one number, none at all."""
    arrays = (
        ArrayPlan("word", ("row",), (2,), np.dtype(np.str_), ""),
        ArrayPlan("count", ("row",), (2,), np.int64, -1),
        ArrayPlan("seconds", (), (), np.float64),
        ArrayPlan("nothing", ("none",), (0,), np.float64),
    )
    said = {"kind": "graph", "name": "table", "variables": ["x"], "fingerprint": "mark", "function": {"name": "f"}}
    return GroupPlan("", said, {}, (Section("table", "mark", arrays),))


VALUES = {
    "word": np.array(["sin", "∂²f"]),
    "count": np.array([-1, 3]),
    "seconds": np.array(np.nan),
    "nothing": np.zeros(0),
}


def test_a_table_of_all_kinds_of_arrays(tmp_path: Path) -> None:
    artifact = tmp_path / "table.zarr"
    install(artifact, [table()])
    store = SectionStore(artifact, "table")
    (block,) = store.missing()
    store.commit(store.write(block, VALUES))
    assert verify(artifact) == []
    assert store.missing() == []
    assert store.read("word", ()).tolist() == ["sin", "∂²f"]


@pytest.mark.parametrize("name", ["word", "count", "seconds"])
def test_a_lost_chunk_is_seen_even_where_its_fill_value_was_written(tmp_path: Path, name: str) -> None:
    """The fill value stands where a chunk is lost, and may be what was written: only its file tells."""
    artifact = tmp_path / "table.zarr"
    install(artifact, [table()])
    store = SectionStore(artifact, "table")
    store.commit(store.write(Block((), ()), VALUES))
    for chunk in (p for p in (artifact / name).rglob("*") if p.is_file() and p.name != records.FILE):
        chunk.unlink()
    (problem,) = verify(artifact)
    assert f"lost its values of {name}" in problem or f"values of {name} that are not" in problem


def test_a_block_is_committed_once_all_of_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, and the folders that name them, are synced; then comes the record."""
    artifact = tmp_path / "table.zarr"
    install(artifact, [table()])
    store, seen = SectionStore(artifact, "table"), []
    with monkeypatch.context() as patch:
        patch.setattr(records, "sync", seen.append)
        patch.setattr(records, "write", lambda folder, record: seen.append("record"))
        written = store.write(Block((), ()), VALUES)
        assert seen == []
        assert store.problem(written.block) == "was never committed"
        store.commit(written)
    files = [p for name in VALUES for p in (artifact / name).rglob("*") if p.is_file() and p.name != records.FILE]
    assert len(files) == 3
    assert seen[-1] == "record"
    assert {*seen[:-1]} == {*files, *(p.parent for p in files)}
    assert store.problem(written.block) == "was never committed"
    store.commit(written)
    assert verify(artifact) == []


def test_a_block_that_is_no_whole_shards_is_refused(atlas: Made) -> None:
    store = SectionStore(atlas.artifact, "derivatives")
    with pytest.raises(IntegrityError, match="is not made of whole shards"):
        store.write(Block((0, 0), (slice(0, 1), slice(0, 6))), {})


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(TaylorkitError, match=r"store .*: cannot be written .*choose another with --store"):
        install(tmp_path / "store" / "a.zarr", [table()])


def test_listing_shows_damage_and_goes_on(copy: Made) -> None:
    (facts,) = listing(copy.store)
    assert (facts["kind"], facts["function"], facts["order"], facts["points"]) == ("taylor", "two_variable", 2, 48)
    assert facts["worst_error"] == pytest.approx(copy.arrays["map/max_error"][-1])
    assert facts["bytes"] > 10_000
    assert facts["date"]
    (copy.artifact / "zarr.json").write_text("{")
    (facts,) = listing(copy.store)
    assert "cannot be read" in facts["damage"]
    assert list(listing(copy.store / "nowhere")) == []


def test_records_are_groups_to_zarr(atlas: Made) -> None:
    document = json.loads((atlas.artifact / "commit/derivatives/0.0/zarr.json").read_text())
    assert (document["node_type"], document["zarr_format"]) == ("group", 3)


FORGED = {
    "older": ("commit/derivatives", {"section": None}),
    "other-section": ("commit/derivatives", {"section": "radii"}),
    "array-outside": ("commit/derivatives", {"arrays": ["../../elsewhere"]}),
    "metadata-outside": ("commit/derivatives", {"metadata": {"/etc": "f00"}}),
    "coordinate-outside": ("commit/derivatives", {"coordinates": {"../x": "f00"}}),
    "no-digests": ("commit/derivatives/0.0", {"digests": {}}),
    "digests-of-others": ("commit/derivatives/0.0", {"digests": ["derivatives", "status"]}),
    "older-seal": ("commit", {"sections": None}),
}


@pytest.mark.parametrize(("place", "change"), FORGED.values(), ids=FORGED)
def test_a_strangers_record_is_damage_not_an_error(copy: Made, place: str, change: dict) -> None:
    """Records whole in themselves that say what no run wrote: refused, listed, repaired; nothing outside is read."""
    record = records.read(copy.artifact / place)
    assert record is not None
    records.write(copy.artifact / place, {k: v for k, v in {**record, **change}.items() if v is not None})
    assert verify(copy.artifact)
    with pytest.raises(IntegrityError):
        tk.open(copy.artifact).load()
    assert len(list(listing(copy.store))) == 1
    run(copy.spec, copy.store)
    assert verify(copy.artifact) == []
