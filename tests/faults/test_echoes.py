"""What a file holds never stands in a message: it goes into logs that others read."""

import io
import traceback
from pathlib import Path

import numpy as np
import pytest

from taylorkit import pipeline
from taylorkit.errors import SpecError, TaylorkitError
from tests.store.making import ATLAS, write_spec

SECRET = "hunter2"


def told(error: BaseException) -> str:
    """All that a log shows of an error: its words, its causes, its traceback."""
    return "".join(traceback.format_exception(error))


def array(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


POINTS = {
    "environment.csv": f"PASSWORD={SECRET}\0HOME=/root\0".encode(),
    "cell.csv": f"1,2\n3,{SECRET}\n".encode(),
    "quoted.csv": f'1,2\n"{SECRET}",4\n'.encode(),
    "ragged.csv": f"1,2\n# {SECRET}\n1,2,3\n".encode(),
    "bytes.csv": b"1,2\n" + SECRET.encode() + b"\xff\xfe,1\n",
    "header.npy": b"\x93NUMPY\x01\x00v\x00" + f"{{'descr': '{SECRET}'}}".encode().ljust(118),
    "words.npy": array(np.array([[SECRET, "b"]])),
    "fields.npy": array(np.zeros((1, 2), [(SECRET, "f8")])),
    "magic.npy": SECRET.encode(),
}


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("field", ["grid", "evaluations.map"])
def test_fault_S2_points_are_not_quoted(tmp_path: Path, name: str, field: str) -> None:
    (tmp_path / name).write_bytes(POINTS[name])
    with pytest.raises(SpecError, match=r"points = '.*': cannot be read \(.*\); give a \.npy or \.csv") as caught:
        pipeline.plan(write_spec(tmp_path, ATLAS), [f"{field}={{points='{name}'}}"], tmp_path / "store")
    assert SECRET not in told(caught.value)


def test_fault_S2_points_say_where(tmp_path: Path) -> None:
    (tmp_path / "cell.csv").write_bytes(POINTS["cell.csv"])
    with pytest.raises(SpecError, match="row 2, column 2, is no number"):
        pipeline.plan(write_spec(tmp_path, ATLAS), ["grid={points='cell.csv'}"], tmp_path / "store")


TOML = {
    "environment": f"PASSWORD={SECRET}\0HOME=/root\0",
    "no value": f"password = {SECRET}",
    "twice": f"[{SECRET}]\n[{SECRET}]",
    "inline": f"a = {{ {SECRET} = 1, {SECRET} = 2 }}",
    "immutable": f"a = {{ {SECRET}.b = 1 }}\n[a.{SECRET}]",
    "escape": f'a = "{SECRET}\\q"',
    "control": f'a = "{SECRET}\x01"',
}


@pytest.mark.parametrize("name", TOML)
def test_fault_S2_a_spec_that_is_no_toml_is_not_quoted(tmp_path: Path, name: str) -> None:
    (tmp_path / "small.toml").write_text(TOML[name])
    with pytest.raises(SpecError, match=r"small\.toml: not valid TOML: .* \(line \d+, column \d+\)") as caught:
        pipeline.plan(tmp_path / "small.toml", store=tmp_path / "store")
    assert SECRET not in told(caught.value)


@pytest.mark.parametrize("text", [f"{SECRET} = 1", f"title = ['{SECRET}']", f"kind = '{SECRET}'"])
def test_fault_S2_a_file_that_is_no_spec_is_not_quoted_outside_of_trusted_folders(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.toml").write_text(text)
    with pytest.raises(SpecError, match=r"other\.toml: a field is wrong; .*none is shown: `taylorkit check`") as caught:
        pipeline.plan(tmp_path / "other.toml", store=tmp_path / "store", trusted=[tmp_path / "specs"])
    assert SECRET not in told(caught.value)
    with pytest.raises(SpecError, match=SECRET):
        pipeline.plan(tmp_path / "other.toml", store=tmp_path / "store", trusted=[tmp_path])


@pytest.mark.parametrize(
    "named", ["/proc/self/environ", "../outside.csv", "link.csv", "../no-such-file.csv", "/dev/zero"]
)
@pytest.mark.parametrize("field", ["grid", "evaluations.map"])
def test_fault_S2_a_deployment_reads_points_of_trusted_folders_alone(tmp_path: Path, named: str, field: str) -> None:
    specs = tmp_path / "specs"
    specs.mkdir()
    (tmp_path / "outside.csv").write_text("1,2\n")
    (specs / "link.csv").symlink_to(tmp_path / "outside.csv")
    spec = write_spec(specs, ATLAS)
    change = [f"{field}={{points='{named}'}}"]
    with pytest.raises(TaylorkitError, match=rf"{field}\.points: .* is outside of the folders that this deployment"):
        pipeline.plan(spec, change, tmp_path / "store", trusted=[specs])
    if (specs / named).exists() and named.endswith(".csv"):
        pipeline.plan(spec, change, tmp_path / "store", trusted=[tmp_path])
        pipeline.plan(spec, change, tmp_path / "store")
