"""Flows from end to end in a private Prefect home; what Prefect does not decide."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import taylorkit as tk
from flows import __main__ as main
from flows import settings, taylor
from flows.taylor import run_folder, run_spec
from flows.upkeep import redraw, verify_store
from taylorkit import drawn
from taylorkit.errors import IntegrityError, SpecError, TaylorkitError
from taylorkit.store.verify import verify
from tests.store.making import ATLAS, LINE, arrays, assert_same, flip, run, write_spec

pytestmark = pytest.mark.usefixtures("prefect_home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_spec(tmp_path / "specs", f"{ATLAS}\n[report]\nfigures = []\n", "atlas")
    write_spec(tmp_path / "specs", LINE, "line")
    return tmp_path / "specs"


@pytest.fixture
def flows_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, Any]]:
    """`python -m flows` in this process, leaving its environment as it was."""
    for name, value in settings.SETTINGS.items():
        monkeypatch.setenv(name, os.environ.get(name, value))

    def call(*words: object) -> tuple[int, Any]:
        monkeypatch.setattr("sys.argv", ["flows", *map(str, words)])
        return main.main(), capsys.readouterr()

    return call


def test_a_folder_becomes_artifacts_and_pages(
    folder: Path, tmp_path: Path, flows_main: Callable[..., tuple[int, Any]]
) -> None:
    """Equal to what plain runs make; run again, nothing is computed and that is said."""
    status, printed = flows_main(folder, "--store", tmp_path / "store")
    artifacts = sorted((tmp_path / "store").glob("*.zarr"))
    assert status == 0
    assert "2 specs, 8 blocks computed" in printed.out
    assert f"report:    {tmp_path / 'store' / 'index.html'}" in printed.out
    for artifact, spec in zip(artifacts, sorted(folder.glob("*.toml")), strict=True):
        assert str(artifact) in printed.out
        assert (tmp_path / "store" / "pages" / artifact.stem / "index.html").is_file()
        assert verify(artifact) == []
        plain, _ = run(spec, tmp_path / "plain")
        assert plain.artifact.name == artifact.name
        assert_same(arrays(artifact), arrays(plain.artifact))
    before = {p: p.stat().st_mtime_ns for a in artifacts for p in a.rglob("*")}
    status, printed = flows_main(folder, "--store", tmp_path / "store")
    assert status == 0
    assert "nothing to compute: every block is there" in printed.out
    assert {p: p.stat().st_mtime_ns for a in artifacts for p in a.rglob("*")} == before


def test_fault_S11_the_state_of_a_run_without_a_number(folder: Path, tmp_path: Path) -> None:
    """All of it is done, and the run fails with the sentence that the command says; again where it finds it done."""
    (folder / "own.py").write_text("import jax.numpy as jnp\n\ndef f(x):\n    return jnp.log(-1 - x * x)\n")
    spec = folder / "line.toml"
    spec.write_text(re.sub(r"function = .*", 'function = "own.py:f"', spec.read_text()))
    with pytest.raises(TaylorkitError, match=r"(?s)1 of 2 specs failed, the others are done.*at none of its expansion"):
        run_folder(str(folder), str(tmp_path / "store"))
    artifacts = list((tmp_path / "store").glob("*.zarr"))
    assert len(artifacts) == 2 and all(drawn.page_of(artifact).is_file() for artifact in artifacts)
    state = run_spec(str(spec), store=str(tmp_path / "store"), return_state=True)
    assert state.is_failed() and "at none of its expansion points is f finite" in str(state.message)
    assert (tmp_path / "store/index.html").is_file()


def test_one_spec_with_overrides_repairs_what_is_damaged(folder: Path, tmp_path: Path) -> None:
    words = {
        "spec": str(folder / "line.toml"),
        "overrides": ["order=1", "report.figures=[]"],
        "store": str(tmp_path / "store"),
    }
    outcome = run_spec(**words)
    assert outcome["computed"] == 4
    whole = arrays(Path(outcome["artifact"]))
    assert tk.open(outcome["artifact"]).attrs["order"] == 1
    Path(outcome["artifact"], "status", "c", "0").unlink()
    assert run_spec(**words)["computed"] == 1
    assert_same(arrays(Path(outcome["artifact"])), whole)


def test_a_bad_spec_fails_the_flow_with_the_clear_message(tmp_path: Path) -> None:
    spec = write_spec(tmp_path / "specs", LINE)
    with pytest.raises(SpecError, match=r"order = -1: must be greater than or equal to 0"):
        run_spec(str(spec), ["order=-1"], str(tmp_path / "store"))
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("where", ["empty", "nowhere"])
def test_a_folder_without_specs_is_said(tmp_path: Path, where: str, flows_main: Callable[..., tuple[int, Any]]) -> None:
    (tmp_path / "empty").mkdir()
    status, printed = flows_main(tmp_path / where, "--store", tmp_path / "store")
    assert status == 2
    assert "no TOML specs there; the project's own are in data/specs" in printed.err
    assert not (tmp_path / "store").exists()


def test_a_failing_spec_keeps_no_other_from_running(folder: Path, tmp_path: Path) -> None:
    (folder / "atlas.toml").write_text("order = 1")
    with pytest.raises(TaylorkitError, match=r"1 of 2 specs failed, the others are done:\n.*\n.*function: missing"):
        run_folder(str(folder), str(tmp_path / "store"))
    (artifact,) = (tmp_path / "store").glob("*.zarr")
    assert verify(artifact) == []
    assert artifact.stem in (tmp_path / "store" / "index.html").read_text()


def test_what_nobody_foresaw_keeps_no_other_from_running(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does an index that cannot be written hide it."""

    def publish(artifact: str) -> None:
        if "atlas" in artifact:
            raise KeyError("no such thing")

    def no_index(store: str) -> str:
        raise RuntimeError("no index")

    monkeypatch.setattr(taylor, "publish", publish)
    with pytest.raises(TaylorkitError, match=r"1 of 2 specs failed.*\n.*atlas\.toml: KeyError: 'no such thing'"):
        run_folder(str(folder), str(tmp_path / "store"))
    (line,) = (tmp_path / "store").glob("line-*.zarr")
    assert verify(line) == []
    assert line.stem in (tmp_path / "store" / "index.html").read_text()
    monkeypatch.setattr(taylor, "write_index", no_index)
    with pytest.raises(TaylorkitError, match="1 of 2 specs failed"):
        run_folder(str(folder), str(tmp_path / "store"))


def test_upkeep_finds_damage_and_draws_what_is_whole(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for spec in sorted(folder.glob("*.toml")):
        run(spec, store)
    assert verify_store(str(store)) == 2
    redraw(str(store), ["line-*"])
    assert verify_store(str(store)) == 2
    (line,), (atlas,) = store.glob("line-*.zarr"), store.glob("atlas-*.zarr")
    assert (store / "pages" / line.stem / "index.html").is_file()
    assert not (store / "pages" / atlas.stem).exists()
    shard = atlas / "derivatives" / "c" / "0" / "0" / "0"
    flip(shard, shard.stat().st_size // 2)
    said = rf"1 of 2 artifacts are damaged; run their specs again:\n{atlas.name}: derivatives block 0"
    with pytest.raises(IntegrityError, match=said):
        verify_store(str(store))
    assert verify_store(str(store), [line.stem]) == 1
    # The next is drawn for all that the first cannot be, and both are in the index.
    next(store.glob("pages/line-*/figures/*.png")).unlink()
    with pytest.raises(TaylorkitError, match=rf"1 of 2 artifacts failed, the others are drawn:\n.*{atlas.name}"):
        redraw(str(store))
    assert line.stem in (store / "index.html").read_text()
    assert verify_store(str(store), [line.stem]) == 1


def test_upkeep_looks_at_figures_and_at_folders_that_hold_nothing(folder: Path, tmp_path: Path) -> None:
    """As `taylorkit verify` does; one that cannot be looked at keeps no other from it."""
    store = tmp_path / "store"
    made = run(folder / "line.toml", store)[0].artifact
    redraw(str(store))
    next(store.glob("pages/line-*/figures/*.png")).unlink()
    (store / "empty.zarr").mkdir()
    odd = store / "a-pipe.zarr"
    shutil.copytree(made, odd)
    os.mkfifo(odd / "pipe")
    with pytest.raises(IntegrityError, match="3 of 3 artifacts are damaged") as found:
        verify_store(str(store))
    said = str(found.value)
    assert f"{odd.name}: {odd}/pipe" in said
    assert "empty.zarr holds nothing that was committed; run its spec again" in said
    assert re.search(r"figure 01-convergence\.png is missing; draw it again", said)


@pytest.mark.parametrize(("made", "said"), [(True, "names = 'no-*': no artifact of"), (False, "holds no artifacts")])
def test_upkeep_of_nothing_is_refused(folder: Path, tmp_path: Path, made: bool, said: str) -> None:
    if made:
        run(folder / "line.toml", tmp_path / "store")
    with pytest.raises(SpecError, match=re.escape(said)):
        verify_store(str(tmp_path / "store"), ["no-*"])
