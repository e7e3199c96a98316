"""An address that is no path of this machine is refused by its scheme, at every door, and nothing is made."""

from collections.abc import Callable
from pathlib import Path

import pytest

import taylorkit as tk
from taylorkit import cli, doctor, pages, pipeline
from taylorkit.errors import SpecError
from taylorkit.store.address import local
from taylorkit.store.listing import artifacts
from taylorkit.why import why
from tests.store.making import ATLAS, write_spec

FOREIGN = {
    "s3://bucket/x": "s3",
    "file:///tmp/x": "file",
    "gs:bucket": "gs",
    "http://host/x": "http",
    "https://host/a.zarr": "https",
    "memory://x": "memory",
    "simplecache::s3://bucket/x": "simplecache",
    "abfs://c@account.dfs/x": "abfs",
    "made-up+1://x": "made-up+1",
    "C:\\stores\\x": "C",
    "C:/stores/x": "C",
    "S3:": "S3",
}
PATHS = ["data/artifacts", "/tmp/x", "./s3:/x", "~/x", "2026-11-30T12:00/x", "a/b:c", "run:1", "..", "x y", "-"]
Door = Callable[[str, Path], object]
DOORS: dict[str, Door] = {
    "plan": lambda address, spec: pipeline.plan(spec, store=address),
    "open": lambda address, spec: tk.open(address),
    "open a path": lambda address, spec: tk.open(Path(address)),
    "verify": lambda address, spec: tk.verify(address),
    "report": lambda address, spec: pages.report(address),
    "index": lambda address, spec: pages.index(address),
    "list": lambda address, spec: artifacts(address),
    "why": lambda address, spec: why(spec, address),
    "where a spec runs": lambda address, spec: why(spec, spec, address),
    "doctor": lambda address, spec: doctor.examine(address),
}
COMMANDS = [
    ["run", "SPEC", "--store", "s3://bucket/x"],
    ["run", "s3://bucket/x.toml"],
    ["check", "gs://bucket//x.toml"],
    ["check", "SPEC", "--store", "file:///tmp/x"],
    ["report", "s3://bucket/x.zarr"],
    ["verify", "gs://bucket/x.zarr"],
    ["verify", "gs://bucket/x.zarr", "gs://bucket/y.zarr"],
    ["compare", "s3://bucket/x.zarr", "s3://bucket/y.zarr"],
    ["why", "SPEC", "s3://bucket/x.zarr"],
    ["list", "s3://bucket/x"],
    ["doctor", "--store", "s3://bucket/x"],
    ["doctor", "--home", "file:///x"],
]


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_spec(tmp_path, ATLAS)


@pytest.mark.parametrize("address", FOREIGN)
def test_fault_S1_every_door_refuses_a_scheme_by_name(spec: Path, address: str) -> None:
    for name, door in DOORS.items():
        with pytest.raises(
            SpecError, match=rf" = '.*': is an address of '{FOREIGN[address].replace('+', '.')}', and no"
        ):
            pytest.fail(f"{name} took {door(address, spec)}")
    assert list(spec.parent.iterdir()) == [spec]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_fault_S1_commands_refuse(spec: Path, words: list[str], capsys: pytest.CaptureFixture) -> None:
    status = cli.main([str(spec) if word == "SPEC" else word for word in words])
    said = capsys.readouterr()
    # As it was written, both slashes of two.
    foreign = [word for word in words if "://" in word]
    named = foreign if words[0] == "verify" else foreign[:1]
    assert all(f"= '{address}': is an address of" in said.out + said.err for address in named)
    assert status == (1 if words[0] == "verify" and len(words) > 2 else 2)  # of many, one keeps none of the others
    assert list(spec.parent.iterdir()) == [spec]


def test_fault_S1_flows_refuse() -> None:
    pytest.importorskip("prefect")
    from flows import serve
    from flows.taylor import run_folder
    from tasks.common import requested

    for ask in (
        lambda: requested("spec.toml", [], "s3://bucket/x"),
        lambda: run_folder.fn("specs", "s3://bucket/x"),
        lambda: serve._serve(serve.parser().parse_args(["--port", "0", "--pages-port", "0", "--store", "s3://b/x"])),
    ):
        with pytest.raises(SpecError, match=r"store = 's3://.*': is an address of 's3'"):
            ask()


@pytest.mark.parametrize("path", PATHS)
def test_fault_S1_paths_stay_paths(path: str) -> None:
    assert local(path).absolute() == Path(path).absolute()
    assert local(local(path)) == local(path)
