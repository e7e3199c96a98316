"""Real leftovers in folders of their own: each is found, with its value and what to do; a clean place has none."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from taylorkit import cli
from taylorkit.cache import VARIABLE
from taylorkit.cli.answer import document
from taylorkit.doctor import Examined, Finding, Place, leftovers, lowerings, processes, runs, servers, states, versions
from taylorkit.doctor.finding import quoted
from taylorkit.environment import ADDRESS
from tests.store.making import LINE, run, write_spec

# What a flow, or what serves, does before it is killed: it starts processes in sessions of their own, and says which.
# They only sleep, under the words that the real ones have.
PARENT = """
import subprocess, sys, time
for words in {commands!r}:
    words = [sys.executable, "-c", "import time; time.sleep(60)", *words]
    print(subprocess.Popen(words, start_new_session=True).pid, flush=True)
time.sleep(60)
"""
FLOW = [["-m", "uvicorn", "--factory", processes.APPLICATION, "--host", "127.0.0.1", "--port", "1"]]
SERVE = [
    ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", "1"],
    ["-m", "flows.deployments", "--store", "data/artifacts"],
]
# The columns that are read, as Prefect 3.8.8's own migrations make them.
TABLE = """
CREATE TABLE flow_run (
  id CHAR(36), name VARCHAR, state_type VARCHAR(9), start_time DATETIME, state_timestamp DATETIME,
  infrastructure_pid VARCHAR
)"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "home").mkdir()
    return Place(tmp_path / "store", tmp_path / "home")


@contextmanager
def started(commands: list[list[str]], **environment: str) -> Iterator[tuple[subprocess.Popen, list[int]]]:
    """What a user starts, and the numbers of the processes that it starts."""
    words = [sys.executable, "-c", PARENT.format(commands=commands)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    assert process.stdout is not None
    children = [int(process.stdout.readline()) for _ in commands]
    try:
        yield process, children
    finally:
        process.kill()
        process.wait()
        for child in filter(psutil.pid_exists, children):
            os.kill(child, signal.SIGKILL)


@pytest.fixture
def flow(place: Place) -> Iterator[tuple[subprocess.Popen, int]]:
    """A flow and the number of its server."""
    with started(FLOW, **{processes.EMBEDDED: "1", processes.HOME: str(place.home)}) as (process, (server,)):
        yield process, server


def running(place: Place, *rows: tuple, since: str = "") -> None:
    """Runs in the database: id, name, state, start and process; in their state `since` then, or the start."""
    with sqlite3.connect(place.home / "prefect.db") as connection:
        connection.execute(TABLE)
        told = [(*row[:4], since or row[3], row[4]) for row in rows]
        connection.executemany("INSERT INTO flow_run VALUES (?, ?, ?, ?, ?, ?)", told)


def now() -> str:
    return str(datetime.now(UTC).replace(tzinfo=None))


def of(pid: int, found: Iterator[Finding]) -> list[Finding]:
    """Others may run servers on this machine."""
    return [f for f in found if f"process {pid} " in f.value]


def killed(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def test_a_server_is_orphaned_when_its_flow_is_killed(place: Place, flow: tuple[subprocess.Popen, int]) -> None:
    process, server = flow
    assert of(server, servers.orphaned(place)) == []
    killed(process)
    (found,) = of(server, servers.orphaned(place))
    assert found.do == f"kill {server}"


def test_what_a_killed_serve_leaves_is_found(place: Place) -> None:
    environment = {ADDRESS: "http://127.0.0.1:2", processes.HOME: str(place.home)}
    with started(SERVE, **environment) as (process, children):
        assert [of(child, servers.orphaned(place)) for child in children] == [[], []]
        killed(process)
        ((server,), (runner,)) = (of(child, servers.orphaned(place)) for child in children)
        assert "holds its port" in server.what and server.do.startswith(f"kill -INT {children[0]}, then start")
        assert "runs its deployments" in runner.what and runner.do.startswith(f"kill -INT {children[1]}, before")
    with started(SERVE[:1], **{processes.HOME: str(place.home)}) as (process, (server,)):
        killed(process)
        assert of(server, servers.orphaned(place)) == [], "somebody started it to stay"


@pytest.mark.parametrize("command", SERVE, ids=["server", "runner"])
def test_a_run_under_serve_is_alive(place: Place, command: list[str]) -> None:
    """It notes no process."""
    running(place, ("1", "served", "RUNNING", now(), None))
    assert len(list(runs.left_running(place))) == 1
    with started([command], **{processes.HOME: str(place.home)}):
        assert list(runs.left_running(place)) == []


def test_a_run_whose_process_has_its_name_is_alive(place: Place) -> None:
    """Though its server and its runner were killed."""
    running(place, ("1", "alone", "RUNNING", now(), None), ("2", "gone", "RUNNING", now(), None))
    with started([["-m", "prefect.flow_engine"]], **{processes.RUN: "1"}):
        (found,) = runs.left_running(place)
        assert "'gone'" in found.value


def test_a_home_is_the_same_by_any_path(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running(place, ("1", "served", "RUNNING", now(), None))
    (tmp_path / "link").symlink_to(place.home)
    monkeypatch.chdir(tmp_path)
    for named in ("home", "link", "store/../home", str(tmp_path / "link")):
        with started(SERVE[:1], **{processes.HOME: named}):
            for looked in ("home", "link", tmp_path / "x" / ".." / "link"):
                assert list(runs.left_running(Place(place.store, Path(looked)))) == [], (named, looked)
    with started(SERVE[:1], **{processes.HOME: "another"}):
        assert len(list(runs.left_running(place))) == 1


def test_a_run_is_left_when_its_server_or_process_is_gone(place: Place, flow: tuple[subprocess.Popen, int]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    running(
        place,
        ("1", "in-process", "RUNNING", now(), None),
        ("2", "of a worker", "RUNNING", now(), str(gone.pid)),
        ("3", "at work", "RUNNING", now(), str(os.getpid())),
        ("4", "elsewhere", "RUNNING", now(), f"another-host:{gone.pid}"),
        ("5", "done", "COMPLETED", now(), None),
    )
    assert ["of a worker" in f.value for f in runs.left_running(place)] == [True]
    killed(flow[0])
    first, second = runs.left_running(place)
    assert "in-process" in first.value and "of a worker" in second.value
    assert "flow-run delete 1 " in first.do


def test_a_number_that_was_given_again_is_not_the_runs_process(place: Place) -> None:
    before = "2001-02-03 04:05:06.000007"
    running(place, ("1", "of a worker", "RUNNING", before, str(os.getpid())))
    assert len(list(runs.left_running(place))) == 1


def test_a_run_that_is_tried_again_has_another_process(place: Place) -> None:
    before = "2001-02-03 04:05:06.000007"
    running(place, ("1", "of a worker", "RUNNING", before, str(os.getpid())), since=now())
    assert list(runs.left_running(place)) == []


def test_a_database_that_is_none_is_told(place: Place) -> None:
    assert list(runs.left_running(place)) == []
    (place.home / "prefect.db").write_text("no database, but long enough for one's head" * 9)
    (found,) = runs.left_running(place)
    assert "cannot be read" in found.what


def installed(folder: Path, name: str, number: str) -> None:
    """Metadata of a library, as pip leaves it."""
    place = folder / f"{name.replace('-', '_')}-{number}.dist-info"
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


def test_the_extra_for_dask_is_looked_at(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"prefect-dask": "0.2.0", "distributed": "2020.1.0"}.items():
        installed(tmp_path / "site", name, number)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert {f.what.split()[0] for f in versions.wrong(place)} == {"prefect-dask", "distributed"}


def test_leftovers_of_killed_runs(place: Place, tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, LINE), place.store)
    partials = [job.artifact / "derivatives/c/0" / name for name in (".0.abc.partial", "0.0123abc.partial")]
    for partial in partials:  # ours, and as Zarr names them
        partial.write_bytes(b"half")
    (job.artifact / "commit/derivatives/0/zarr.json").unlink()
    checks = [*leftovers.partial_files(place), *leftovers.uncommitted(place)]
    assert checks == [], "a run may be at work"
    for file in (p for p in job.artifact.rglob("*") if p.is_file()):
        os.utime(file, (time.time() - 2 * leftovers.SECONDS,) * 2)
    halves = list(leftovers.partial_files(place))
    assert [f.value for f in halves] == [str(partial) for partial in partials]
    assert halves[0].do.startswith(f"rm -r {partials[0]}")
    (block,) = leftovers.uncommitted(place)
    assert block.value == f"{job.artifact}: 1 of derivatives, the first 0"
    assert run(tmp_path / "small.toml", place.store)[1] == {"derivatives": 1}
    assert list(leftovers.uncommitted(place)) == []


def test_damage_of_one_artifact_does_not_hide_another(place: Place, tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, LINE), place.store)
    (job.artifact / "commit/derivatives/0/zarr.json").unlink()
    for file in (p for p in job.artifact.rglob("*") if p.is_file()):
        os.utime(file, (0, 0))
    (place.store / "a.zarr").mkdir()
    (place.store / "a.zarr/commit").touch()
    (uncommitted,) = leftovers.uncommitted(place)
    damaged, unfinished = states.shown(place)
    assert damaged.what == "an artifact is damaged" and str(place.store / "a.zarr") in damaged.value
    assert unfinished.what == "a run was not finished" and unfinished.value == str(job.artifact)
    assert "never committed" in uncommitted.what and str(job.artifact) in uncommitted.value
    assert cli.main(["doctor", "--store", str(place.store), "--home", str(place.home)]) == 1


def test_paths_are_quoted_for_a_shell(tmp_path: Path) -> None:
    names = ["plain", "two words; rm -r x", "it's", "escape \x1b[2J", "two\nlines", "back\\slash'\u202e", "\udcff"]
    for name in names:
        (tmp_path / name).touch()
        text = quoted(tmp_path / name)
        assert text.isprintable()
        done = subprocess.run(["bash", "-c", f"test -f {text} && rm {text}"], check=False)
        assert done.returncode == 0 and not (tmp_path / name).exists(), text


def test_what_is_printed_stays_on_its_line() -> None:
    """And does nothing to a terminal."""
    found = Finding("what", "a\nfindings: 0 \x1b[2J\u202e", "rm 'a\nb'")
    text = Examined([found], {"cache": "/a\x1b\nb"}).as_text()
    assert text.splitlines()[0] == r"cache:     /a\x1b\nb"
    assert text.splitlines()[2:4] == [r"what: a\nfindings: 0 \x1b[2J\u202e", r"  rm 'a\nb'"]
    assert document(asdict(Examined([Finding("w", "\udcff\x9b", "d")], {}))).isascii()


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
