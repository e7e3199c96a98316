"""What is served over a folder of specs is what that folder has."""

from pathlib import Path

import pytest

pytest.importorskip("prefect")

from flows.deployments import DEPLOYMENTS, over
from flows.settings import SPECS

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> dict[str, str | None]:
    return {one.name: one.parameters.get("spec") for one in over(folder)}


def test_fault_S10_the_projects_own_folder_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert over(Path(SPECS)) == list(DEPLOYMENTS)


@pytest.mark.parametrize("content", [[], ["line.toml"], ["option-risk.txt"], ["option-risk.toml/inner.toml"]])
def test_fault_S10_another_folder_has_none_of_the_projects(tmp_path: Path, content: list[str]) -> None:
    for name in content:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == {"one-spec": None, "nightly": None, "figures": None, "store": None}
    assert names(tmp_path / "not there") == names(tmp_path)


def test_fault_S10_a_copy_is_the_folders_own(tmp_path: Path) -> None:
    for name in ("option-risk.toml", "mml-5-15.toml"):
        (tmp_path / name).touch()
    found = names(tmp_path)
    assert found["option-risk"] == str(tmp_path / "option-risk.toml")
    assert found["one-spec"] == str(tmp_path / "mml-5-15.toml")
    assert found.keys() == {one.name for one in DEPLOYMENTS}
