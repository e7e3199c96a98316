"""The same flow on a Dask cluster, and what a runner may be called."""

from pathlib import Path

import pytest

from flows import runners
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
    spec = write_spec(tmp_path, f"{ATLAS}\n[report]\nfigures = []\n")
    outcome = run_spec(str(spec), [], str(tmp_path / "store"), "dask")
    artifact = Path(outcome["artifact"])
    assert outcome["computed"] == 4
    assert verify(artifact) == []
    plain, _ = run(spec, tmp_path / "plain")
    assert_same(arrays(artifact), arrays(plain.artifact))


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
