"""What compresses the numbers is the artifact's own matter: it changes neither them nor what is kept."""

import shutil
from pathlib import Path
from typing import get_args

import pytest
import zarr

from taylorkit.spec.resources import Storage
from taylorkit.store import compression
from taylorkit.store.verify import verify
from tests.store.making import Made, arrays, assert_same, run


def codecs(artifact: Path) -> dict[str, str]:
    """What each array of numbers is compressed with."""
    names = ("derivatives", "status", "trust_radius", "evaluation/map/error")
    return {name: compression.of(zarr.open_array(artifact / name, mode="r")) for name in names}


def test_the_spec_may_name_what_there_is() -> None:
    assert {*get_args(Storage.model_fields["compression"].annotation)} == {*compression.CODECS, *compression.ENCODERS}


@pytest.mark.parametrize("name", compression.CODECS)
def test_any_of_them_holds_the_same_numbers(atlas: Made, tmp_path: Path, name: str) -> None:
    job, _ = run(atlas.spec, tmp_path, f"storage.compression={name}")
    assert job.artifact.name == atlas.artifact.name
    assert {*codecs(job.artifact).values()} == {name}
    assert verify(job.artifact) == []
    assert_same(arrays(job.artifact), atlas.arrays)


def test_a_run_resumed_with_another_keeps_what_is_there(copy: Made) -> None:
    """The blocks that were lost are written as the others are."""
    for lost in sorted((copy.artifact / "commit" / "derivatives").glob("*/"))[:2]:
        shutil.rmtree(lost)
    _, computed = run(copy.spec, copy.store, "storage.compression=zstd")
    assert computed == {"derivatives": 2}
    assert {*codecs(copy.artifact).values()} == {"lz4"}
    assert verify(copy.artifact) == []
    assert_same(arrays(copy.artifact), copy.arrays)


def test_an_evaluation_of_other_points_is_made_anew(copy: Made) -> None:
    """In an artifact of its own, compressed as it asks for, of the numbers that are there already."""
    job, computed = run(
        copy.spec, copy.store, "storage.compression=none", "evaluations.map.x.num=5", "trust.radius=1.0"
    )
    assert {step.split("/")[0] for step in computed} == {"radii", "evaluation"}
    assert {*codecs(job.artifact).values()} == {"none"} and {*codecs(copy.artifact).values()} == {"lz4"}
    assert_same({"": arrays(job.artifact)["derivatives"]}, {"": copy.arrays["derivatives"]})
    assert verify(copy.artifact) == verify(job.artifact) == []


@pytest.mark.parametrize("damaged", ["derivatives", "status"])
def test_the_other_arrays_tell_what_damaged_metadata_does_not(copy: Made, damaged: str) -> None:
    (copy.artifact / damaged / "zarr.json").write_text("{")
    assert run(copy.spec, copy.store, "storage.compression=none")[1] == {}
    assert {*codecs(copy.artifact).values()} == {"lz4"}
    assert verify(copy.artifact) == []
