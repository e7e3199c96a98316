"""Tasks, called plainly: what they hand on, what they refuse, and the deployments that name the flows."""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from prefect.logging import disable_run_logger

from flows import server, settings
from flows.deployments import DEPLOYMENTS, schedule_of
from tasks import common, compute_blocks, draw_page, finish, prepare, verify_artifact, write_index
from taylorkit import grid
from taylorkit.errors import FunctionError
from taylorkit.store.listing import logged
from taylorkit.store.verify import verify
from tests.store.making import ATLAS, LINE, SMALL_BLOCK, arrays, assert_same, run, write_spec

ROOT = Path(__file__).parents[2]
OWN = "def f(x):\n    return 2.0 * x**3\n"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with disable_run_logger():
        yield


@pytest.fixture
def own(tmp_path: Path) -> common.Request:
    """A request whose function lies in a file beside the spec."""
    (tmp_path / "own.py").write_text(OWN)
    spec = write_spec(tmp_path, LINE.replace("runge", "own.py:f"))
    return {"spec": str(spec), "overrides": [], "store": str(tmp_path / "store")}


def test_the_chain_of_tasks_is_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares of blocks in any order within a step; small JSON alone is handed on."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    monkeypatch.setattr(sys.modules["tasks.prepare"], "BLOCKS_PER_TASK", 3)
    spec = write_spec(tmp_path, ATLAS)
    request: common.Request = {"spec": str(spec), "overrides": [], "store": str(tmp_path / "store")}
    prepared = json.loads(json.dumps(prepare.fn(request)))
    assert [(s, len(b)) for s, b in prepared["shares"]] == [
        ("derivatives", 3),
        ("derivatives", 1),
        ("radii", 3),
        ("radii", 1),
        ("evaluation/map/values", 3),
        ("evaluation/map/values", 3),
        ("evaluation/map/summary", 1),
    ]
    artifact = prepared["artifact"]
    done = [compute_blocks.fn(request, artifact, step, blocks[::-1]) for step, blocks in prepared["shares"]]
    again = compute_blocks.fn(request, artifact, *prepared["shares"][0])
    assert (again["computed"], again["kept"]) == (0, 3)
    assert finish.fn(request, artifact, json.loads(json.dumps(done))) == 15
    (entry,) = logged(Path(artifact))
    assert entry["blocks"] == {"derivatives": 4, "radii": 4, "evaluation/map/values": 6, "evaluation/map/summary": 1}
    plain, _ = run(spec, tmp_path / "plain")
    assert_same(arrays(Path(artifact)), arrays(plain.artifact))
    assert prepare.fn(request)["shares"] == []


def test_a_run_that_was_killed_before_its_log_is_logged_by_the_next(own: common.Request) -> None:
    prepared = prepare.fn(own)
    for step, blocks in prepared["shares"]:
        compute_blocks.fn(own, prepared["artifact"], step, blocks)
    assert list(logged(Path(prepared["artifact"]))) == []
    assert prepare.fn(own)["shares"] == []
    assert len(list(logged(Path(prepared["artifact"])))) == 1


@pytest.mark.parametrize("edit", [OWN.replace("2.0", "3.0"), "raise RuntimeError('half-written')"])
def test_a_function_edited_in_mid_run_writes_nothing(own: common.Request, tmp_path: Path, edit: str) -> None:
    prepared = prepare.fn(own)
    artifact = Path(prepared["artifact"])
    before = sorted(artifact.rglob("*"))
    (tmp_path / "own.py").write_text(edit)
    said = "changed while the run was on its way.*nothing was written; run it again|half-written"
    for step, blocks in prepared["shares"]:
        with pytest.raises(FunctionError, match=said):
            compute_blocks.fn(own, str(artifact), step, blocks)
    with pytest.raises(FunctionError, match=said):
        finish.fn(own, str(artifact), [])
    assert sorted(artifact.rglob("*")) == before
    assert len(list((tmp_path / "store").glob("*.zarr"))) == 1
    (tmp_path / "own.py").write_text(f"# moved by a line\n{OWN}")
    assert compute_blocks.fn(own, str(artifact), *prepared["shares"][0])["computed"] == 1


def test_a_spec_edited_in_mid_run_is_refused(own: common.Request) -> None:
    prepared = prepare.fn(own)
    Path(own["spec"]).write_text(Path(own["spec"]).read_text().replace("num = 5", "num = 3"))
    with pytest.raises(FunctionError, match="the function or the spec was changed"):
        compute_blocks.fn(own, prepared["artifact"], *prepared["shares"][0])


def test_a_deployment_runs_functions_of_its_folders_alone(
    own: common.Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused before any of the file's code runs; links and dots do not lead out."""
    trusted, ran = tmp_path / "trusted", tmp_path / "ran"
    trusted.mkdir()
    (tmp_path / "own.py").write_text(f"open({str(ran)!r}, 'w')\n{OWN}")
    (trusted / "link.py").symlink_to(tmp_path / "own.py")
    (trusted / "own.py").write_text(OWN)
    monkeypatch.setenv(common.FOLDERS, str(trusted))
    for reference in ("own.py:f", "trusted/../own.py:f", str(tmp_path / "own.py:f"), "trusted/link.py:f"):
        with pytest.raises(FunctionError, match="outside of the folders that this deployment trusts"):
            prepare.fn({**own, "overrides": [f"function={reference}"]})
    with pytest.raises(FunctionError, match="outside of the folders"):
        prepare.fn({**own, "overrides": ["function=runge", "evaluations.near.overlay='own.py:f'"]})
    assert not ran.exists()
    assert not Path(own["store"]).exists()
    assert prepare.fn({**own, "overrides": ["function=trusted/own.py:f"]})["shares"]
    assert prepare.fn({**own, "overrides": ["function=runge"]})["shares"]


@pytest.mark.parametrize("module", ["os", "builtins", "subprocess", "json.tool"])
def test_a_deployment_imports_no_module_from_elsewhere(
    own: common.Request, tmp_path: Path, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built-in and frozen modules have no file: the folder that happens to be current must not lend them one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(common.FOLDERS, str(tmp_path))
    with pytest.raises(FunctionError, match="outside of the folders"):
        prepare.fn({**own, "overrides": [f"function={module}:f"]})


@pytest.mark.parametrize(("deployment", "trusted"), [(None, None), ("an-id", [])])
def test_unnamed_folders_mean_all_of_them_here_and_none_in_a_deployment(
    deployment: str | None, trusted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(common.FOLDERS, raising=False)
    monkeypatch.setattr(common, "runtime", SimpleNamespace(deployment=SimpleNamespace(id=deployment)))
    assert common.trusted_folders() == trusted


def test_a_worker_elsewhere_trusts_what_the_flow_trusts(
    own: common.Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its environment names no folders; those of the flow came with the request, as full paths."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(common.FOLDERS, "trusted")
    refused = common.requested(own["spec"], [], own["store"])
    monkeypatch.setenv(common.FOLDERS, ".")
    taken = common.requested(own["spec"], [], own["store"])
    monkeypatch.delenv(common.FOLDERS)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(common, "runtime", SimpleNamespace(deployment=SimpleNamespace(id="an-id")))
    with pytest.raises(FunctionError, match="outside of the folders"):
        prepare.fn(refused)
    assert prepare.fn(taken)["shares"]
    monkeypatch.setattr(common, "runtime", SimpleNamespace(deployment=SimpleNamespace(id=None)))
    assert common.requested(own["spec"], [], own["store"])["functions"] is None


def test_pages_are_tasks_too(own: common.Request) -> None:
    job, _ = run(Path(own["spec"]), Path(own["store"]))
    assert not prepare.fn(own)["drawn"]
    assert Path(draw_page.fn(str(job.artifact))).is_file()
    assert Path(write_index.fn(own["store"])).is_file()
    assert prepare.fn(own)["drawn"]
    assert verify(job.artifact) == []


@pytest.mark.parametrize("spoil", [Path.unlink, lambda figure: figure.write_bytes(b"")], ids=["lost", "emptied"])
def test_a_spoiled_figure_is_drawn_by_the_next_run(own: common.Request, spoil: Callable[[Path], object]) -> None:
    job, _ = run(Path(own["spec"]), Path(own["store"]))
    page = Path(draw_page.fn(str(job.artifact)))
    spoil(next(page.parent.glob("figures/*.png")))
    assert not prepare.fn(own)["drawn"]
    (said,) = verify_artifact.fn(str(job.artifact))
    assert "draw it again" in said
    draw_page.fn(str(job.artifact))
    assert prepare.fn(own)["drawn"]
    assert verify_artifact.fn(str(job.artifact)) == []


def test_nothing_is_cached_by_prefect() -> None:
    for task in (prepare, compute_blocks, finish, draw_page, write_index):
        assert type(task.cache_policy).__name__ == "_None"
        assert task.persist_result is False


def deployments() -> list[dict[str, Any]]:
    return yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", deployments(), ids=lambda d: d["name"])
def test_deployments_name_flows_and_their_parameters(deployment: dict[str, Any]) -> None:
    path, name = deployment["entrypoint"].split(":")
    assert (ROOT / path).is_file()
    flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
    accepted = inspect.signature(flow.fn)
    accepted.bind(**deployment["parameters"])
    for value in deployment["parameters"].values():
        assert (ROOT / value).exists()
    folders = deployment["work_pool"]["job_variables"]["env"][common.FOLDERS]
    assert (ROOT / folders).is_dir()


def test_a_work_pool_gets_what_is_served() -> None:
    """prefect.yaml and the table say the same; no limit of the server, which would wait for a killed run's lease."""
    served = {d.name: (d.flow.fn.__name__, d.described(), d.parameters, d.cron) for d in DEPLOYMENTS}
    pooled = {
        d["name"]: (
            d["entrypoint"].partition(":")[2],
            d["description"],
            d["parameters"],
            next((s["cron"] for s in d.get("schedules", [])), None),
        )
        for d in deployments()
    }
    assert pooled == served
    assert not [d for d in deployments() if "concurrency_limit" in d or "concurrency_limit" in d["work_pool"]]


def test_two_deployments_have_a_schedule() -> None:
    schedules = {d["name"]: s for d in deployments() for s in d.get("schedules", [])}
    assert schedules.keys() == {"nightly", "option-risk"}
    for schedule in schedules.values():
        assert schedule["active"] and schedule["timezone"] == "UTC"
        assert len(schedule["cron"].split()) == 5


def test_options_move_the_schedule_of_the_folder_alone() -> None:
    found = {d.name: d for d in DEPLOYMENTS}

    def cron_of(name: str, cron: str | None = None, every: float | None = None) -> str | None:
        return getattr(schedule_of(found[name], cron, every), "cron", None)

    assert [cron_of("nightly"), cron_of("nightly", cron="1 1 * * *")] == ["0 3 * * *", "1 1 * * *"]
    assert schedule_of(found["nightly"], None, 90.0).interval.total_seconds() == 90
    assert {cron_of("option-risk", *o) for o in ((), ("1 1 * * *",), (None, 90.0))} == {"0 22 * * 1-5"}
    assert schedule_of(found["store"], None, None) is None


def test_a_work_pool_gets_the_settings_of_what_is_served() -> None:
    """But those that only what is started here reads."""
    said = (ROOT / "docs/scheduling.md").read_text().partition("## With a work pool")[2].partition("\n## ")[0]
    ours = {settings.EMBEDDED, "PREFECT_RUNNER_POLL_FREQUENCY"}
    for name in {*settings.SETTINGS, *server.LASTING, server.ORIGINS, server.URL} - ours:
        assert f"{name}=" in said, name
    for name, value in server.TOKENS.items():
        assert f"{name}={value}" in said


def test_settings_are_private_and_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says stays; the home is the checkout's own."""
    environment = {"PREFECT_HOME": "/somewhere"}
    monkeypatch.setattr(settings.os, "environ", environment)
    settings.apply()
    assert environment["PREFECT_HOME"] == "/somewhere"
    assert environment["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] == "120"
    assert settings.SETTINGS["PREFECT_HOME"] == str(ROOT / ".prefect")
