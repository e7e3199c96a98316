"""Unlike inputs never share a path: everything that an artifact holds determines where it lies."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import taylorkit as tk
from tasks.common import planned, requested
from taylorkit import grid, pipeline
from taylorkit.errors import FunctionError, IntegrityError
from taylorkit.pipeline import siblings
from taylorkit.store import adopt, names, records
from tests.faults.interleavings import CODE, SPEC, VARIANTS, Found, _judge, interleaved
from tests.store.making import ATLAS, SMALL_BLOCK, arrays, assert_same, flip, run, write_spec

MAP = "evaluations.map.x={start=-0.5, stop=1.5, num=6}"
UNLIKE = {
    "evaluation": (MAP, {"evaluation/map/values", "evaluation/map/summary"}),
    "tolerance": ("trust.tolerance=1e-2", {"radii"}),
    "title": ("title=Another", set()),
    "names": ("names={bend = 'x^2'}", set()),
    "one more evaluation": ("evaluations.line={x=0.5, y=0.0}", {"evaluation/line/values", "evaluation/line/summary"}),
}
# What the default radius depends on: the span of all grids. Fixed, so that an evaluation changes itself alone.
RADIUS = "trust.radius=1.0"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_spec(tmp_path_factory.mktemp("paths"), ATLAS)


@pytest.fixture(scope="module")
def first(spec: Path) -> pipeline.Job:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
        return run(spec, spec.parent / "store", RADIUS)[0]


@pytest.mark.parametrize(("override", "computed"), UNLIKE.values(), ids=UNLIKE)
def test_fault_W7_unlike_inputs_have_unlike_paths(
    first: pipeline.Job, spec: Path, override: str, computed: set[str]
) -> None:
    """What both share is taken from the other, to the last bit; the other stays as it was."""
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in first.artifact.rglob("*") if p.is_file()}
    job, done = run(spec, first.artifact.parent, RADIUS, override)
    assert job.artifact != first.artifact
    assert names.parts(job.artifact)[:2] == names.parts(first.artifact)[:2]
    assert set(done) == computed
    assert tk.verify(job.artifact) == tk.verify(first.artifact) == []
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in before} == before
    assert run(spec, first.artifact.parent, RADIUS, override)[1] == {}
    alone, _ = run(spec, first.artifact.parent.parent / f"alone-{job.artifact.stem}", RADIUS, override)
    assert alone.artifact.name == job.artifact.name
    assert_same(arrays(job.artifact), arrays(alone.artifact))


@pytest.mark.parametrize("override", ["memory.budget='3 GiB'", "storage.compression=zstd", "reuse=false"])
def test_how_a_run_is_done_makes_no_other_artifact(first: pipeline.Job, spec: Path, override: str) -> None:
    assert pipeline.plan(spec, (RADIUS, override), first.artifact.parent).artifact == first.artifact


def test_fault_W7_interleavings() -> None:
    """The last beside what 0.4 wrote."""
    found = interleaved(3, seed=1001, most=2)
    assert found.right, [*found.wrong, *found.damaged, *found.not_own, *found.failed]
    assert (found.runs, found.beside_old, len(found.orders)) == (6, 1, 3)


def test_fault_W7_a_spec_edited_between_two_tasks(tmp_path: Path) -> None:
    """A worker that plans otherwise is refused, whatever was edited; nothing of it is written."""
    own = write_spec(tmp_path, ATLAS)
    request = requested(str(own), [], str(tmp_path / "store"))
    job = planned(request)
    pipeline.create(job)
    for edit in ("[trust]\ntolerance = 0.5", "[trust]\nradius = 0.25", "[trust]\nmore = 1"):
        text = ATLAS.replace("[trust]", edit) if "more" not in edit else f'title = "Edited"\n{ATLAS}'
        own.write_text(text)
        with pytest.raises(FunctionError, match="was changed while the run was on its way"):
            planned(request, str(job.artifact))
    assert [p.name for p in (tmp_path / "store").glob("*.zarr")] == [job.artifact.name]


@pytest.mark.parametrize("what", ["planned", "artifact"])
def test_fault_W7_a_commit_compares_what_was_planned(tmp_path: Path, what: str) -> None:
    """Whoever made a section for other inputs meanwhile, no block gets a record of it."""
    job = pipeline.plan(write_spec(tmp_path, ATLAS), store=tmp_path / "store")
    pipeline.create(job)
    step = job.step("derivatives")
    (block, *_) = step.section.blocks()
    store = job.store(step)
    written = store.write(block, job.compute(step, block))
    record = job.artifact / "commit/derivatives/zarr.json"
    text = record.read_text()
    mark = {"planned": step.section.fingerprint, "artifact": job.plan}[what]
    tampered(record, {"fingerprint": "0" * 64} if what == "planned" else {"artifact": "0" * 64})
    with pytest.raises(IntegrityError, match=rf"for other inputs than were planned .*not {mark[:12]}"):
        store.commit(written)
    with pytest.raises(IntegrityError, match="for other inputs than were planned"):
        pipeline.fill(job, "derivatives")
    assert not any(p.is_dir() for p in record.parent.iterdir())
    record.write_text(text)
    store.commit(written)


def tampered(record: Path, changes: dict[str, str]) -> None:
    found = records.read(record.parent)
    assert found is not None
    records.write(record.parent, {**found, **changes})


def test_another_artifact_in_the_place_is_not_written_over(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    one, other = (run(spec, tmp_path / "store", f"title={title}")[0] for title in ("One", "Other"))
    one.artifact.rename(tmp_path / "aside.zarr")
    other.artifact.rename(one.artifact)
    with pytest.raises(IntegrityError, match="holds the artifact of another plan"):
        run(spec, tmp_path / "store", "title=One")
    one.artifact.rename(other.artifact)
    assert tk.verify(other.artifact) == tk.verify(tmp_path / "aside.zarr") == [], (
        "a name of a person's own says nothing"
    )


def test_a_damaged_sibling_is_computed_instead(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    first, _ = run(spec, tmp_path / "store")
    whole = arrays(first.artifact)
    shards = sorted(p for p in (first.artifact / "derivatives/c").rglob("*") if p.is_file())
    flip(shards[0], 9)
    shards[1].unlink()
    other, computed = run(spec, tmp_path / "store", "title=Another")
    assert computed == {"derivatives": 2}
    assert_same(arrays(other.artifact), whole)
    # On one disk both may be one file: what is mended in one is not written into the other.
    assert len(tk.verify(first.artifact)) == 2 and tk.verify(other.artifact) == []
    assert run(spec, tmp_path / "store")[1] == {}
    assert tk.verify(first.artifact) == []


def test_a_disk_without_links_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*words: object, **options: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(adopt, "os", SimpleNamespace(link=refused))
    spec = write_spec(tmp_path, ATLAS)
    first, _ = run(spec, tmp_path / "store")
    other, computed = run(spec, tmp_path / "store", "title=Another")
    assert computed == {}
    assert_same(arrays(other.artifact), arrays(first.artifact))


def test_nothing_is_read_from_others_where_that_is_not_wanted(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    run(spec, tmp_path / "store")
    _, computed = run(spec, tmp_path / "store", "title=Another", "reuse=false")
    assert computed["derivatives"] == 4


def test_few_siblings_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store may hold thousands that differ in a title."""
    spec, asked = write_spec(tmp_path, ATLAS), []
    for number in range(3):
        run(spec, tmp_path / "store", f"title=Number {number}")
    existing = siblings.existing
    monkeypatch.setattr(siblings, "existing", lambda path: asked.append(path) or existing(path))
    monkeypatch.setattr(siblings, "FEW", 1)
    assert run(spec, tmp_path / "store")[1] == {}
    assert len(asked) == 4, "one for each section"


def test_titles_may_be_anything_that_a_spec_takes(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    stores = [run(spec, tmp_path / "store", f"title='{title}'")[0] for title in ("∂²f/∂x²", "a/b", "x" * 300)]
    assert len({job.artifact for job in stores}) == 3
    assert all(job.artifact.parent == tmp_path / "store" for job in stores)
    assert np.unique([tk.open(job.artifact).attrs["title"] for job in stores]).size == 3


def test_what_is_not_ones_own_is_seen(tmp_path: Path) -> None:
    """As the interleavings judge it: here each is shown the other's artifact."""
    (tmp_path / "own.py").write_text(CODE)
    spec, both = write_spec(tmp_path, SPEC), [VARIANTS[0], VARIANTS[-1]]
    paths = [str(run(spec, tmp_path / "store", *variant.overrides("near"))[0].artifact) for variant in both]
    right, wrong, shared = Found(), Found(), Found()
    _judge(paths, both, right)
    _judge(paths[::-1], both, wrong)
    _judge([paths[0], paths[0]], both, shared)
    assert right.right and right.runs == 2
    assert len(wrong.wrong) == len(wrong.not_own) == 2
    assert len(shared.not_own) == 2 and len(shared.wrong) == 1
