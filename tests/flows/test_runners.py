"""The same flow on a Dask cluster, and what a runner may be called."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import reach, runners
from flows.runners import TASKS_PER_WORKER, Runner, started
from flows.taylor import run_spec
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.store.verify import verify
from tests.store.making import ATLAS, arrays, assert_same, run, write_spec


@pytest.mark.usefixtures("prefect_home")
def test_a_dask_cluster_makes_the_same_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its workers are processes: what they computed is in the store, it was not handed over. One is enough here; of
    several, `tests/chaos/prefect_kill.py` kills one."""
    monkeypatch.setitem(runners.CLUSTER, "n_workers", 1)
    workers, limits = runners._workers, []

    def looked_at(name: str, dask: Any) -> list[str]:
        limits.extend(w["memory_limit"] for w in dask.client.scheduler_info()["workers"].values())
        return workers(name, dask)

    monkeypatch.setattr(runners, "_workers", looked_at)
    spec = write_spec(tmp_path, f"{ATLAS}\n[report]\nfigures = []\n")
    outcome = run_spec(str(spec), [], str(tmp_path / "store"), "dask")
    artifact = Path(outcome["artifact"])
    assert outcome["computed"] == 4
    assert verify(artifact) == []
    plain, _ = run(spec, tmp_path / "plain")
    assert_same(arrays(artifact), arrays(plain.artifact))
    # The spec's budget decides; at a limit of its own Dask would kill a worker.
    assert not any(limits) and len(limits) == 1


@pytest.mark.parametrize(("blocks", "tasks"), [(1, 4), (4, 4), (7, 4), (512, 6), (3, 1)])
def test_shares_are_cut_for_all_workers(blocks: int, tasks: int) -> None:
    shares = Runner(lambda task, calls: [], tasks).shares(range(blocks))
    assert [block for share in shares for block in share] == list(range(blocks))
    assert len(shares) <= tasks
    assert max(map(len, shares)) - 1 <= blocks / tasks
    assert TASKS_PER_WORKER > 1


def test_an_unknown_runner_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="runner = 'ray': write here, dask, or the address"), started("ray"):
        pass


def test_a_cluster_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "PATIENCE", 0.5)
    with pytest.raises(TaylorkitError, match="no Dask scheduler answers there"), started("tcp://127.0.0.1:9"):
        pass


def test_a_scheduler_without_workers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(runners, "PATIENCE", 1.0)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp") as empty,
        pytest.raises(TaylorkitError, match="the scheduler has no workers; start some, as with `dask worker tcp://"),
        started(empty.scheduler_address),
    ):
        pass


def in_a_deployment(monkeypatch: pytest.MonkeyPatch, *allowed: str) -> None:
    monkeypatch.setattr(runners, "runtime", SimpleNamespace(deployment=SimpleNamespace(id="an-id")))
    monkeypatch.setenv(runners.SCHEDULERS, ",".join(allowed))


def test_a_deployment_goes_to_no_scheduler_that_it_was_not_served_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before anything is asked there."""
    in_a_deployment(monkeypatch, "tcp://127.0.0.1:8786", "tcp://127.0.0.1:9")
    monkeypatch.setattr(runners, "PATIENCE", 0.5)
    asked: list[str] = []
    connected = runners._connected
    monkeypatch.setattr(runners, "_connected", lambda name, stack: asked.append(name) or connected(name, stack))
    for other in ("tcp://127.0.0.1:1", "tcp://127.0.0.1:90", "tls://127.0.0.1:9", "inproc://127.0.0.1/1/1"):
        with pytest.raises(SpecError, match="this deployment was not served with that scheduler"), started(other):
            pass
    assert asked == []
    with pytest.raises(TaylorkitError, match="no Dask scheduler answers there"), started("tcp://127.0.0.1:9"):
        pass
    assert asked == ["tcp://127.0.0.1:9"]


@pytest.mark.parametrize(
    ("api", "address", "there"),
    [
        ("http://127.0.0.1:4200/api", "tcp://192.0.2.1:8786", False),
        ("http://localhost:4200/api", "tcp://[2001:db8::1]:8786", False),
        ("http://0.0.0.0:4200/api", "tcp://192.0.2.1:8786", False),
        (None, "tcp://192.0.2.1:8786", False),
        ("http://127.0.0.1:4200/api", "tcp://[", False),
        ("http://127.0.0.1:4200/api", "tcp://127.0.0.1:8786", True),
        ("http://127.0.0.1:4200/api", "tcp://localhost:8786", True),
        ("http://192.0.2.7:4200/api", "tcp://192.0.2.1:8786", True),
    ],
)
def test_workers_elsewhere_need_a_server_that_they_reach(
    api: str | None, address: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PREFECT_API_URL", SimpleNamespace(value=lambda: api))
    if there:
        reach.require_api(address, [address])
        return
    with pytest.raises(SpecError, match="is another machine, which does not reach Prefect's server"), started(address):
        pass
