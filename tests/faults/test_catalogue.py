"""The catalogue of a store saves looks, and is never believed: where it is wrong it is made anew."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from taylorkit import digest, pages, pipeline
from taylorkit.store import catalogue, listing
from taylorkit.store.listing import artifacts
from tests.faults.catalogue import many
from tests.report.reading import Page
from tests.store.making import LINE, flip, run, write_spec

COUNT = 12
# Bytes of a row of the index, and of all that is there without any: 5,000 rows are below 2 MB.
ROW, HEAD = 400, 40_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many(tmp_path_factory.mktemp("many"), COUNT)


@pytest.fixture
def looked(made: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The artifacts that are looked at, by name, once the catalogue is there."""
    listed(made)
    seen: list[str] = []
    describe = listing.describe
    monkeypatch.setattr(listing, "describe", lambda artifact: (seen.append(artifact.name), describe(artifact))[1])
    return seen


def listed(store: Path) -> list[dict]:
    return list(listing.listing(store))


def test_fault_S7_only_what_changed_is_looked_at(made: Path, looked: list[str]) -> None:
    before = listed(made)
    assert looked == [] and len(before) == COUNT
    artifact = artifacts(made)[3]
    metadata = artifact / "zarr.json"
    text = metadata.read_bytes()
    metadata.write_bytes(text)
    assert listed(made) == before and looked == [artifact.name]
    looked.clear()
    assert listed(made) == before and looked == []


def test_fault_S7_damage_is_seen_and_never_kept(made: Path, looked: list[str]) -> None:
    artifact = artifacts(made)[5]
    metadata = artifact / "derivatives" / "zarr.json"
    text = metadata.read_bytes()
    metadata.write_text("{}")
    for _ in range(2):
        assert [facts["state"] for facts in listed(made)].count("damaged") == 1
    assert looked == [artifact.name] * 2
    metadata.write_bytes(text)
    assert {facts["state"] for facts in listed(made)} == {"finished"}


def lied(data: bytes) -> bytes:
    """Another error, under a digest that fits: as made elsewhere, by somebody who knows how."""
    found = json.loads(data.partition(b"\n")[2])
    for entry in found["entries"].values():
        entry[0]["worst_error"] = 1e-99
        entry[2] = "0" * catalogue.DIGITS
    text = json.dumps(found).encode()
    return digest.of_bytes(text).encode() + b"\n" + text


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "one digit": lambda data: data.replace(b'"worst_error": ', b'"worst_error": 1'),
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "no digest": lambda data: data.partition(b"\n")[2],
    "another version": lambda data: data.replace(catalogue.VERSION.encode(), b"0.1.0 1"),
    "no text": lambda data: b"\xff\xfe" + data,
    "another document": lambda data: digest.of_bytes(b"[1]").encode() + b"\n[1]",
    "a lie": lied,
}


@pytest.mark.parametrize("edit", EDITS)
def test_fault_S7_a_wrong_catalogue_is_made_anew(made: Path, looked: list[str], edit: str) -> None:
    place, before = made / "pages" / "catalogue.json", listed(made)
    right = place.read_bytes()
    place.write_bytes(EDITS[edit](right))
    assert listed(made) == before
    assert len(looked) == COUNT
    assert catalogue.read(made).entries.keys() == {path.name for path in artifacts(made)}


def test_fault_S7_another_stores_catalogue_is_none(made: Path, looked: list[str], tmp_path: Path) -> None:
    """What was copied has files of its own."""
    pages.index(made)
    copy = many(tmp_path, 2)
    names = [path.name for path in artifacts(copy)]
    (copy / "pages" / "catalogue.json").write_bytes((made / "pages" / "catalogue.json").read_bytes())
    looked.clear()
    assert [facts["path"].name for facts in listed(copy)] == names and looked == names


def test_fault_S7_a_store_that_cannot_be_written_is_listed(made: Path, looked: list[str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    run(write_spec(tmp_path, LINE), tmp_path / "store")
    (tmp_path / "store" / "pages").symlink_to(tmp_path / "elsewhere")
    assert [facts["state"] for facts in listed(tmp_path / "store")] == ["no page"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_fault_S7_rows_of_the_index_are_light(made: Path) -> None:
    page = pages.index(made)
    read = Page(page)
    assert len(read.all("img")) == COUNT
    assert all(image["loading"] == "lazy" and (made / image["src"]).is_file() for image in read.all("img"))
    row = next(line for line in page.read_text().splitlines() if line.startswith("<article"))
    formula = row[row.index('<div class="formula">') : row.index("</div>") + 6] if "formula" in row else ""
    assert len(row) - len(formula) < ROW  # formulas are left out of thousands
    assert page.stat().st_size - sum(map(len, page.read_text().partition("<article")[2:])) < HEAD


def test_fault_S7_the_index_follows_a_run(made: Path, tmp_path: Path) -> None:
    before = pages.index(made).read_bytes()
    assert pages.index(made).read_bytes() == before
    job, _ = run(write_spec(tmp_path, LINE, "another"), made)
    assert job.artifact.name not in before.decode()
    assert "<b>another</b> · no page" in pages.index(made).read_text()
    pages.report(job.artifact)
    assert "<b>another</b> · finished" in pages.index(made).read_text()


def test_fault_S7_a_lower_order_is_found_through_the_catalogue(tmp_path: Path) -> None:
    """And without it, and with one that is wrong: the numbers are read from the same run."""
    store, spec = tmp_path / "store", write_spec(tmp_path, LINE)
    run(spec, store)
    for made in range(3):
        if made == 1:
            listed(store)
        elif made == 2:
            flip(store / "pages" / "catalogue.json", 90)
        job = pipeline.plan(spec, ["order=1"], store)
        assert "read from small-" in job.summary
