"""What has become of a run is shown: by `list`, by `doctor`, and by the run itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit import cli, pages, pipeline
from taylorkit.doctor import Place, blocks, states
from taylorkit.store.listing import listing
from taylorkit.store.work import at_work
from tests.store.making import LINE, run, write_spec

NOWHERE = """
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 1
grid = { x = { start = 1.0, stop = 2.0, num = 5 } }
"""
# Each is finite at no point: outside of its domain, at a pole, by overflow.
FUNCTIONS = {
    "nan": "jnp.log(-x)",
    "infinite": "1 / (x - x)",
    "outside": "jnp.arcsin(x + 0.5)",
    "overflow": "jnp.exp(1e5 * x)",
}


def state(store: Path) -> str:
    (facts,) = listing(store)
    return str(facts["state"])


def told(store: Path, capsys: pytest.CaptureFixture) -> str:
    """What the command shows: the same that it has as a document."""
    capsys.readouterr()
    assert cli.main(["list", str(store)]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert cli.main(["list", str(store), "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)["artifacts"]
    assert row[head.index("state") :].startswith(facts["state"])
    return str(facts["state"])


def test_fault_S11_each_state_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    store = tmp_path / "store"
    job = pipeline.plan(write_spec(tmp_path, LINE), store=store)
    place = Place(store, tmp_path)
    pipeline.create(job)
    assert told(store, capsys) == "unfinished"
    pipeline.fill(job, "derivatives")
    assert told(store, capsys) == "unfinished"
    assert [found.what for found in states.shown(place)] == ["a run was not finished"]
    pipeline.run(job)
    assert told(store, capsys) == "no page"
    assert [found.do for found in states.shown(place)] == ["taylorkit report ARTIFACT"]
    pages.report(job.artifact)
    assert told(store, capsys) == "finished"
    assert list(states.shown(place)) == []
    with at_work(job.artifact):
        assert told(store, capsys) == "running"
        assert list(states.shown(place)) == []
    assert told(store, capsys) == "finished"
    (job.artifact / "derivatives" / "zarr.json").write_text("{}")
    assert told(store, capsys) == "damaged"
    (found,) = states.shown(place)
    assert found.what == "an artifact is damaged" and "metadata is not what was written" in found.value


@pytest.mark.parametrize("lost", ["commit/derivatives/0", "commit/radii/0", "evaluation/near/commit/values/0"])
def test_fault_S11_one_lost_record_is_enough(tmp_path: Path, lost: str) -> None:
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "store")
    (record,) = job.artifact.glob(f"{lost}/zarr.json")
    record.unlink()
    assert state(tmp_path / "store") == "unfinished"


WORK = """
import sys, time
from pathlib import Path
from taylorkit.store.work import at_work
with at_work(Path(sys.argv[1])):
    print("at work", flush=True)
    time.sleep(60)
"""


def test_fault_S11_a_killed_run_is_not_running(tmp_path: Path) -> None:
    job = pipeline.plan(write_spec(tmp_path, LINE), store=tmp_path / "store")
    pipeline.create(job)
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", WORK, str(job.artifact)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}) as process:
        assert process.stdout and process.stdout.readline() == b"at work\n"
        assert state(tmp_path / "store") == "running"
        process.kill()
    assert state(tmp_path / "store") == "unfinished"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_fault_S11_a_run_without_a_number_says_so(tmp_path: Path, name: str, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "own.py").write_text(f"import jax.numpy as jnp\n\ndef f(x):\n    return {FUNCTIONS[name]}\n")
    store = tmp_path / "store"
    words = ["run", str(write_spec(tmp_path, NOWHERE)), "--store", str(store), "--no-report"]
    for _ in range(2):  # the second finds all of it there
        assert cli.main(words) == 4
        said = capsys.readouterr()
        assert "small: at none of its expansion points is f finite with all its derivatives; see to" in said.err
    assert cli.main([*words, "--json"]) == 4
    facts = json.loads(capsys.readouterr().out)
    assert facts["finite"] is False
    assert not np.isfinite(tk.open(facts["artifact"]).derivatives.values).all(axis=0).any()
    assert state(store) == "not finite"
    (found,) = states.shown(Place(store, tmp_path))
    assert found.what == "a run found no number"


def test_fault_S11_one_number_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "own.py").write_text("import jax.numpy as jnp\n\ndef f(x):\n    return jnp.sqrt(x - 1.9)\n")
    words = ["run", str(write_spec(tmp_path, NOWHERE)), "--store", str(tmp_path / "store"), "--no-report", "--json"]
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out)["finite"] is True
    assert state(tmp_path / "store") == "no page"


LOST = {
    "derivatives/c/0/0": "derivatives block 0 has lost its values of derivatives",
    "status/c/0": "derivatives block 0 has lost its values of status",
    "evaluation/near/truth/c/0": "values block 0 has lost its values of truth",
    "commit/radii/0/zarr.json": "radii block 0 is damaged: ",
}


@pytest.mark.parametrize("name", LOST)
def test_fault_S11_doctor_looks_at_the_files_of_blocks(tmp_path: Path, name: str) -> None:
    """Emptied; what is flipped in a file only reading it tells."""
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "store")
    place = Place(tmp_path / "store", tmp_path)
    assert list(blocks.lost(place)) == []
    (job.artifact / name).write_bytes(b"")
    (found,) = blocks.lost(place)
    assert found.what == "an artifact has lost something" and LOST[name] in found.value


def test_doctor_says_what_it_had_no_time_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(write_spec(tmp_path, LINE), tmp_path / "store")
    monkeypatch.setattr(blocks, "SECONDS", -1.0)
    (found,) = blocks.lost(Place(tmp_path / "store", tmp_path))
    assert "1 of 1 artifacts" in found.value
