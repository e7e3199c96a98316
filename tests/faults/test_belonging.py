"""What was exchanged between two artifacts is named and refused: seals and records say whose they are."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit import cli, pipeline
from taylorkit.errors import IntegrityError
from taylorkit.pipeline.exported import stored_function
from tests.faults.exchanges import WHAT, made, trials
from tests.store.making import arrays, assert_same


def test_fault_W8_exchanges() -> None:
    """Each kind of exchange twice."""
    found = list(trials(2 * len(WHAT), seed=5, report=1, which=("plain", "title", "points")))
    assert {trial.what for trial in found} == WHAT.keys()
    assert [trial for trial in found if not (trial.named and trial.refused and trial.by_report)] == []


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Two that differ in a title: each section of one has the same fingerprint as the other's."""
    return tuple(made(tmp_path_factory.mktemp("belonging") / "store", ["plain", "title"]))


@pytest.fixture
def copies(two: tuple[Path, ...], tmp_path: Path) -> list[Path]:
    shutil.copytree(two[0].parent, tmp_path / "store")
    shutil.copyfile(two[0].parent.parent / "wave.toml", tmp_path / "wave.toml")
    return [tmp_path / "store" / artifact.name for artifact in two]


def swapped(one: Path, other: Path, *paths: str) -> None:
    for path in paths:
        (one / path).rename(one.parent / "aside")
        (other / path).rename(one / path)
        (one.parent / "aside").rename(other / path)


EXCHANGED = {
    "section": ("commit/radii", "trust_radius", "convergence_radius"),
    "evaluation": ("evaluation/map",),
    "block": ("commit/derivatives/0.0", "derivatives/c/0/0/0", "status/c/0/0"),
    "record of a section": ("evaluation/near/commit/values",),
}


@pytest.mark.parametrize("paths", EXCHANGED.values(), ids=EXCHANGED)
def test_fault_W8_the_next_run_mends_both(copies: list[Path], paths: tuple[str, ...]) -> None:
    whole = [arrays(artifact) for artifact in copies]
    swapped(*copies, *paths)
    assert all(tk.verify(artifact) for artifact in copies)
    for artifact, overrides, before in zip(copies, ((), ("title=Another",)), whole, strict=True):
        job = pipeline.plan(artifact.parent.parent / "wave.toml", overrides, artifact.parent)
        assert job.artifact == artifact
        pipeline.run(job)
        assert tk.verify(artifact) == []
        assert_same(arrays(artifact), before)


def test_fault_W8_a_folder_under_the_name_of_another(copies: list[Path], capsys: pytest.CaptureFixture) -> None:
    """A copy elsewhere, a name for people, and a name without fingerprints are no exchange."""
    one, other = copies
    shutil.rmtree(other)
    shutil.copytree(one, other)
    (line,) = tk.verify(other)
    assert "has the name of another artifact; its own ends in " in line
    for command in ("verify", "report"):
        assert cli.main([command, str(other)]) != 0
        assert "has the name of another artifact" in "".join(capsys.readouterr())
    with pytest.raises(IntegrityError, match="has the name of another artifact"):
        tk.open(other)
    for name in (one.name, f"mine-{one.name.removeprefix('wave-')}", "results.zarr"):
        elsewhere = shutil.copytree(one, one.parent / "elsewhere" / name)
        assert tk.verify(elsewhere) == []
        tk.open(elsewhere).load()


def test_fault_W8_a_folder_of_format_1_in_one_of_format_2(copies: list[Path], tmp_path: Path) -> None:
    """Whose seals do not say whose they are."""
    golden = next((Path(__file__).parents[1] / "golden/format_1").glob("wave-*.zarr"))
    old = Path(shutil.copytree(golden, tmp_path / golden.name))
    shutil.rmtree(copies[0] / "evaluation/near")
    shutil.copytree(old / "evaluation/line", copies[0] / "evaluation/near")
    assert any("evaluation/near/commit: is the seal of another group" in line for line in tk.verify(copies[0]))
    shutil.rmtree(old / "evaluation/line")
    shutil.copytree(copies[1] / "evaluation/near", old / "evaluation/line")
    assert tk.verify(old)


def test_fault_W10_a_program_of_another_artifact(copies: list[Path]) -> None:
    """f as it is kept beside its numbers: its record says whose it is."""
    before = [value(artifact) for artifact in copies]
    swapped(*copies, "log/function")
    for artifact, overrides in zip(copies, ((), ("title=Another",)), strict=True):
        with pytest.raises(IntegrityError, match="is the function of another artifact"):
            stored_function(artifact)
        pipeline.run(pipeline.plan(artifact.parent.parent / "wave.toml", overrides, artifact.parent))
    assert [value(artifact) for artifact in copies] == before


def value(artifact: Path) -> float:
    return float(stored_function(artifact)(np.array([[0.5, 0.25]])).item())
