"""What was exchanged between two artifacts of 0.4 is named and refused: their records and attributes tell.

The twins are artifacts that 0.4 made by the golden artifact's spec, one with `--set function=two_variable`, one with
`--set trust.tolerance=0.1 --set evaluations.line.x.stop=3.0`: the same grid, names and shapes.
"""

import random
import shutil
import tarfile
from pathlib import Path

import pytest

import taylorkit as tk
from taylorkit.errors import IntegrityError
from tests.faults.exchanges import WHAT, exchange, is_refused

GOLDEN = Path(__file__).parents[1] / "golden"
RADII = ["commit/radii", "trust_radius", "convergence_radius"]
EVALUATION = ["evaluation/line"]
# Of each twin what differs from the golden artifact, and so what an exchange changes. The other tolerance is seen in
# the radii, in the values and in the words of the root; the derivatives are the same.
EXCHANGED = {
    "function, section": ("function", ["commit/derivatives", "derivatives", "status"]),
    "function, radii": ("function", RADII),
    "function, evaluation": ("function", EVALUATION),
    "function, record": ("function", ["evaluation/line/commit/values"]),
    "function, words": ("function", ["zarr.json", "commit/zarr.json"]),
    "tolerance, radii": ("tolerance", RADII),
    "tolerance, words": ("tolerance", ["zarr.json", "commit/zarr.json"]),
    "tolerance, words of an evaluation": (
        "tolerance",
        ["evaluation/line/zarr.json", "evaluation/line/commit/zarr.json"],
    ),
}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twins")
    with tarfile.open(GOLDEN / "format_1_twins.tar.gz") as file:
        file.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # from Python 3.11.4
    return folder


def pair(twins: Path, name: str, folder: Path) -> tuple[Path, Path]:
    (golden,) = (GOLDEN / "format_1").glob("wave-*.zarr")
    (twin,) = (twins / name).glob("*.zarr")
    one, other = (folder / side / artifact.name for side, artifact in (("one", golden), ("other", twin)))
    return Path(shutil.copytree(golden, one)), Path(shutil.copytree(twin, other))


@pytest.mark.parametrize("what", EXCHANGED)
def test_fault_W8_between_two_of_format_1(twins: Path, tmp_path: Path, what: str) -> None:
    name, paths = EXCHANGED[what]
    both = pair(twins, name, tmp_path)
    assert [tk.verify(artifact) for artifact in both] == [[], []]
    exchange(*both, paths)
    for artifact in both:
        assert any("was made for another artifact" in line for line in tk.verify(artifact)), tk.verify(artifact)
        assert is_refused(artifact)


def test_fault_W8_exchanges_of_format_1_of_every_kind(twins: Path, tmp_path: Path) -> None:
    """As among those of format 2; of the function's twin everything differs."""
    for number, (what, choose) in enumerate(WHAT.items()):
        both = pair(twins, "function", tmp_path / str(number))
        paths = choose(both[0], random.Random(number))
        exchange(*both, paths)
        for artifact in both:
            assert tk.verify(artifact) and is_refused(artifact), (what, paths)


def test_fault_W8_a_folder_of_format_1_under_the_name_of_another(twins: Path, tmp_path: Path) -> None:
    one, other = pair(twins, "function", tmp_path)
    wrong = one.rename(one.with_name(other.name))
    (line,) = tk.verify(wrong)
    assert line.endswith("has the name of another artifact; its own ends in 2c88fd768216: rename it")
    with pytest.raises(IntegrityError, match="has the name of another artifact"):
        tk.open(wrong)
    for name in ("wave-of-mine.zarr", "mine-2c88fd768216.zarr"):
        assert tk.verify(shutil.copytree(wrong, tmp_path / name)) == []
