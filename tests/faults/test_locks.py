"""A lock that another process holds: who waits says for whom, and ends."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taylorkit import cli, pages, pipeline
from taylorkit.environment import LOCK_SECONDS
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.store import lock
from taylorkit.store.lock import locked
from tests.store.making import ATLAS, write_spec

HOLD = """
import sys, time
from pathlib import Path
from taylorkit.store.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


class Held:
    """A process that holds the lock of an artifact."""

    def __init__(self, artifact: Path):
        root = str(Path(__file__).parents[2])
        command = [sys.executable, "-c", HOLD, str(artifact)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root})
        assert self.process.stdout and self.process.stdout.readline() == b"held\n"

    def suspend(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 5
        while Path(f"/proc/{self.process.pid}/stat").read_text().split(")")[1].split()[0] != "T":
            assert time.monotonic() < until

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(LOCK_SECONDS, "0.3")
    return tmp_path / "a.zarr"


@pytest.fixture
def held(artifact: Path) -> Iterator[Held]:
    process = Held(artifact)
    yield process
    process.end()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell whether a process is suspended")
def test_fault_S5_a_suspended_holder(held: Held, artifact: Path) -> None:
    held.suspend()
    pid, started = held.process.pid, time.monotonic()
    with pytest.raises(TaylorkitError) as told, locked(artifact):
        pass
    assert time.monotonic() - started < 5
    said = str(told.value)
    assert f"is held by process {pid} on this machine (`-c {artifact}`, since 20" in said
    assert f"it is suspended: `fg` in its shell, or `kill -CONT {pid}`" in said
    assert f"{LOCK_SECONDS}=3600" in said
    held.end()
    with locked(artifact):  # what a killed one wrote into it keeps nobody
        assert f'"process": {os.getpid()}' in (artifact.parent / ".a.zarr.lock").read_text()
    assert (artifact.parent / ".a.zarr.lock").read_text() == ""


def test_fault_S5_whoever_waits_says_for_whom_and_goes_on(
    held: Held, artifact: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(LOCK_SECONDS, "50")
    monkeypatch.setattr(lock, "QUIET", 0.1)
    pause = time.sleep

    def patient(seconds: float) -> None:
        if caplog.records:
            held.end()
        pause(seconds)

    monkeypatch.setattr(time, "sleep", patient)
    with caplog.at_level(logging.WARNING), locked(artifact):
        pass
    (record,) = caplog.records
    assert f"waiting for process {held.process.pid} on this machine" in record.getMessage()
    assert "for 50 s at most" in record.getMessage()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "another process"),
        (b"\xff\x00 no JSON", "another process"),
        (b"[" * 5000, "another process"),
        (b'{"process": "x", "host": 1, "since": 2, "command": 3}', "another process"),
        (b'{"process": 7, "host": "far\\u001b[2J", "since": "then", "command": "run"}', r"process 7 on far\x1b[2J"),
    ],
    ids=["empty", "bytes", "deep", "no number", "elsewhere"],
)
def test_fault_S5_whatever_the_file_says(artifact: Path, content: bytes, said: str) -> None:
    with locked(artifact):
        (artifact.parent / ".a.zarr.lock").write_bytes(content)
        with pytest.raises(TaylorkitError) as told, locked(artifact):
            pass
    assert f"is held by {said}" in str(told.value)


def test_fault_S5_runs_and_reports_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv(LOCK_SECONDS, "0.2")
    spec, store = write_spec(tmp_path, ATLAS), tmp_path / "store"
    job = pipeline.plan(spec, store=store)
    pipeline.run(job)
    with locked(job.artifact):
        assert cli.main(["run", str(spec), "--store", str(store)]) == 2
    assert f"is held by process {os.getpid()} on this machine" in capsys.readouterr().err
    folder = pages.page_of(job.artifact).parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder), pytest.raises(TaylorkitError, match="is held by process"):
        pages.report(job.artifact)


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan"])
def test_fault_S5_a_time_that_is_none(artifact: Path, monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv(LOCK_SECONDS, seconds)
    said = rf"{LOCK_SECONDS} = '{seconds}': must be a number of seconds"
    with pytest.raises(SpecError, match=said), locked(artifact):
        pass
