"""Real leftovers in folders of their own: each is found, with its value and what to do; a clean place has none."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from taylorkit import cli
from taylorkit.cache import VARIABLE
from taylorkit.doctor import Finding, Place, leftovers, lowerings, servers, versions
from tests.store.making import LINE, run, write_spec

# What a flow does before it is killed: it starts a server, and says which. The server here only sleeps.
FLOW = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", {name!r}])
print(server.pid, flush=True)
time.sleep(60)
"""
# The columns that are read, as Prefect 3.8.8's own migrations make them.
TABLE = """
CREATE TABLE flow_run (
  id CHAR(36), name VARCHAR, state_type VARCHAR(9), state_name VARCHAR, start_time DATETIME, infrastructure_pid VARCHAR
)"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "home").mkdir()
    return Place(tmp_path / "store", tmp_path / "home")


@pytest.fixture
def flow(place: Place) -> Iterator[tuple[subprocess.Popen, int]]:
    """A flow and the number of its server."""
    environment = {**os.environ, servers.EMBEDDED: "1", "PREFECT_HOME": str(place.home)}
    words = [sys.executable, "-c", FLOW.format(name=servers.SERVER)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    server = int(process.stdout.readline())
    yield process, server
    process.kill()
    process.wait()
    if psutil.pid_exists(server):
        os.kill(server, signal.SIGKILL)


def runs(place: Place, *rows: tuple) -> None:
    with sqlite3.connect(place.home / "prefect.db") as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO flow_run VALUES (?, ?, ?, ?, ?, ?)", rows)


def of(pid: int, found: Iterator[Finding]) -> list[Finding]:
    """Others may run servers on this machine."""
    return [f for f in found if f"process {pid} " in f.value]


def test_a_server_is_orphaned_when_its_flow_is_killed(place: Place, flow: tuple[subprocess.Popen, int]) -> None:
    process, server = flow
    assert of(server, servers.orphaned(place)) == []
    process.kill()
    process.wait()
    (found,) = of(server, servers.orphaned(place))
    assert found.do == f"kill {server}"


def test_a_run_is_left_when_its_server_or_process_is_gone(place: Place, flow: tuple[subprocess.Popen, int]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    runs(
        place,
        ("1", "in-process", "RUNNING", "Running", "2026-11-25 20:21:05", None),
        ("2", "of a worker", "RUNNING", "Running", "2026-11-25 20:21:06", str(gone.pid)),
        ("3", "at work", "RUNNING", "Running", "2026-11-25 20:21:07", str(os.getpid())),
        ("4", "elsewhere", "RUNNING", "Running", "2026-11-25 20:21:08", f"another-host:{gone.pid}"),
        ("5", "done", "COMPLETED", "Completed", "2026-11-25 20:21:09", None),
    )
    assert ["of a worker" in f.value for f in servers.left_running(place)] == [True]
    flow[0].kill()
    flow[0].wait()
    first, second = servers.left_running(place)
    assert "in-process" in first.value and "of a worker" in second.value
    assert "flow-run delete 1 " in first.do


def test_a_database_that_is_none_is_told(place: Place) -> None:
    assert list(servers.left_running(place)) == []
    (place.home / "prefect.db").write_text("no database, but long enough for one's head" * 9)
    (found,) = servers.left_running(place)
    assert "cannot be read" in found.what


def installed(folder: Path, name: str, number: str) -> None:
    """Metadata of a library, as pip leaves it."""
    place = folder / f"{name}-{number}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")


def test_wrong_versions_are_found(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(versions.wrong(place)) == []
    for name, number in {"fastapi": "0.155.1", "sqlalchemy": "2.1.0", "prefect": "3.8.8"}.items():
        installed(tmp_path / "site", name, number)
    monkeypatch.syspath_prepend(tmp_path / "site")
    found = {f.what.split()[0]: f for f in versions.wrong(place)}
    assert found.keys() == {"fastapi", "sqlalchemy"}
    assert found["fastapi"].value.startswith("0.155.1, wanted fastapi") and "0.139" in found["fastapi"].do
    assert "schedules never fire" in found["sqlalchemy"].value


def test_leftovers_of_killed_runs(place: Place, tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, LINE), place.store)
    partial = job.artifact / "derivatives/c/0/.0.abc.partial"
    partial.write_bytes(b"half")
    (job.artifact / "commit/derivatives/0/zarr.json").unlink()
    checks = [*leftovers.partial_files(place), *leftovers.uncommitted(place)]
    assert checks == [], "a run may be at work"
    for file in (p for p in job.artifact.rglob("*") if p.is_file()):
        os.utime(file, (time.time() - 2 * leftovers.SECONDS,) * 2)
    (half,) = leftovers.partial_files(place)
    assert half.value == str(partial) and half.do.startswith(f"rm -r {partial}")
    (block,) = leftovers.uncommitted(place)
    assert block.value == f"{job.artifact}: 1 of derivatives, the first 0"
    assert run(tmp_path / "small.toml", place.store)[1] == {"derivatives": 1}
    assert list(leftovers.uncommitted(place)) == []


def test_who_may_write_compiled_code(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    monkeypatch.setenv(VARIABLE, str(kept))
    assert list(lowerings.cache(place)) == []
    (kept / "xla-1").mkdir(parents=True, mode=0o700)
    kept.chmod(0o700)
    assert list(lowerings.cache(place)) == []
    (kept / "xla-1").chmod(0o777)
    (found,) = lowerings.cache(place)
    assert found.value == f"{kept / 'xla-1'}: mode 777" and found.do == f"chmod go-w {kept / 'xla-1'}"


def test_json_and_status(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (place.store / "deep").mkdir(parents=True)
    left = place.store / "deep/.x.partial"
    left.touch()
    os.utime(left, (0, 0))
    assert cli.main(["doctor", "--store", str(place.store), "--home", str(place.home), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert str(left) in [f["value"] for f in told["findings"]]
    assert {"xla", "llvm", "pallas", "cache"} == told["facts"].keys()


def test_prefect_is_not_imported_and_jax_may_be_missing() -> None:
    code = (
        "import sys; sys.modules['jax'] = None\n"
        "import taylorkit.doctor as d; print([f.what for f in d.examine('s', 'h').findings if 'JAX' in f.what])\n"
        "assert not {'prefect', 'jaxlib'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['JAX cannot be imported: nothing can be computed']"


def test_the_lowerings_are_those_that_runs_take() -> None:
    from taylorkit.lowering import machine

    target = machine.target()
    assert lowerings.LIBRARY == machine.LIBRARY
    assert lowerings.facts()["llvm"].startswith(f"{target.bits}-bit" if target else "not there: ")
