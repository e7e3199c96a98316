"""What a process started ends with it, whoever ends first; a signal ends `python -m flows` and its server."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows import processes, server
from flows.processes import first_to_end, process, stoppable
from tests.flows.serving import until

# Starts one that outlives it, in a session of its own as Prefect's runner does, and ends by itself.
LEAVING = """
import subprocess, sys, time
one = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(one.pid, flush=True)
time.sleep(1)
"""


def test_what_a_process_left_behind_ends_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOOK", 0.1)
    said = tmp_path / "said"
    leaving = f"import sys; sys.stdout = open({str(said)!r}, 'w')\n{LEAVING}"
    with process([sys.executable, "-c", leaving], os.environ) as child:
        assert first_to_end({"it": child}) == "it"
        left = psutil.Process(int(said.read_text()))
        assert left.is_running()
    assert not left.is_running()


def test_a_server_ends_whatever_keeps_the_last_words_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[psutil.Process] = []
    before = set(psutil.Process().children())

    def drain() -> None:
        started.extend({*psutil.Process().children()} - before)
        raise RuntimeError("nobody takes them")

    monkeypatch.delenv(server.URL, raising=False)
    monkeypatch.setattr(server, "_drain", drain)
    # Python, which ends at once: no server is needed to see that it is ended.
    monkeypatch.setattr(server, "SERVER", "nothing:nowhere")
    with pytest.raises(RuntimeError, match="nobody takes them"), server.running():
        assert os.environ[server.URL].startswith("http://127.0.0.1:")
    assert started
    assert not any(one.is_running() for one in started)
    assert server.URL not in os.environ


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_ends_a_run_and_its_server(number: signal.Signals, tmp_path: Path) -> None:
    known = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    run = subprocess.Popen(
        [sys.executable, "-m", "flows", str(tmp_path), "--store", str(tmp_path / "store")],
        env={**known, "PREFECT_HOME": str(tmp_path / "home")},
        stderr=subprocess.PIPE,
        text=True,
    )
    started = until(lambda: psutil.Process(run.pid).children(recursive=True), 30, "a server")
    time.sleep(0.5)  # by now it does more than to import itself
    run.send_signal(number)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert said.splitlines()[-1] == "taylorkit: interrupted; what was committed is kept"
    assert not any(one.is_running() for one in started)


def test_what_is_ignored_stays_so() -> None:
    """As `nohup` leaves it."""
    went_on, before = False, signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
            went_on = True
    finally:
        signal.signal(signal.SIGHUP, before)
    assert went_on


def test_a_stop_is_no_error() -> None:
    """What goes on after errors, as a folder's run does after a spec's, ends."""
    went_on = False
    with stoppable():
        with contextlib.suppress(Exception):
            os.kill(os.getpid(), signal.SIGTERM)
        went_on = True
    assert not went_on
