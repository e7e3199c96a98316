"""What serves pages stands whoever connects, answers to its own name alone, and leaves no process behind."""

import contextlib
import errno
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.request import urlopen

import psutil
import pytest

from flows import pages, processes, server
from flows.processes import process


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text("the index")
    with pages.served(tmp_path, 0) as found:
        yield found


def connected(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), 5)


def answer(address: str, request: bytes) -> bytes:
    with connected(address) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(4096), b""))


def index(address: str) -> bytes:
    with urlopen(address, timeout=5) as found:
        return bytes(found.read())


@pytest.mark.parametrize(("said", "count"), [(b"", 1000), (b"GET", 200), (b"GET / HTTP/1.1\r\nHost: 127", 200)])
def test_fault_S3_many_idle_connections(address: str, said: bytes, count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    before = threading.active_count()
    with contextlib.ExitStack() as lines:
        for _ in range(count):
            lines.enter_context(connected(address)).sendall(said)
        assert index(address) == b"the index"
        assert threading.active_count() - before <= pages.MOST + 4
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("limit", ["SILENCE", "LONGEST"])
def test_fault_S3_silence_and_drops_end(address: str, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that says nothing, and one that says a letter now and then."""
    monkeypatch.setattr(pages, limit, 0.3)
    monkeypatch.setattr(pages.Pages, "timeout", pages.SILENCE)
    with connected(address) as line:
        line.settimeout(0.1)
        until, ended = time.monotonic() + 8, False
        while not ended and time.monotonic() < until:
            with contextlib.suppress(TimeoutError):
                ended = line.recv(1) == b""
            if limit == "LONGEST":
                with contextlib.suppress(OSError):
                    line.send(b"G")
        assert ended


NAMES = {
    b"127.0.0.1": True,
    b"127.0.0.1:80": True,
    b"localhost:8": True,
    b"LOCALHOST": True,
    b"elsewhere.example": False,
    b"127.0.0.1.elsewhere.example": False,
    b"127.0.0.1@elsewhere.example": False,
    b"elsewhere.example:4201": False,
    b"[::1": False,
    b"": False,
}


@pytest.mark.parametrize("host", NAMES, ids=bytes.decode)
def test_fault_S3_only_its_own_name_is_answered(address: str, host: bytes) -> None:
    for method in (b"GET", b"HEAD"):
        found = answer(address, method + b" / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        assert found.startswith(b"HTTP/1.0 200" if NAMES[host] else b"HTTP/1.0 421"), found
        assert (b"the index" in found) is (NAMES[host] and method == b"GET")
    assert answer(address, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 421")


SLEEPER = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {inner!r}], start_new_session=True)"
INNER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


@pytest.mark.parametrize("broken", ["nothing", "look", "wait_procs", "status", "children"])
def test_fault_S3_what_is_started_ends_whatever_fails(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no file can be opened any more."""
    monkeypatch.setattr(processes, "GRACE", 0.5)

    def refused(*given: object, **named: object) -> object:
        raise OSError(errno.EMFILE, "Too many open files")

    code = f"{SLEEPER.format(inner=INNER)}; import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"
    with process([sys.executable, "-c", code], os.environ) as child:
        until = time.monotonic() + 10
        while not child.below:
            child.look()
            assert time.monotonic() < until
        (inner,) = child.below
        holders = {"wait_procs": psutil, "status": psutil.Process, "children": psutil.Process}
        if broken == "look":
            monkeypatch.setattr(processes, "below", lambda process: set())
        elif broken != "nothing":
            monkeypatch.setattr(holders[broken], broken, refused)
    monkeypatch.undo()
    assert child.poll() is not None
    for _ in range(50):
        if not (ended := not inner.is_running() or inner.status() == psutil.STATUS_ZOMBIE):
            time.sleep(0.1)
    assert ended


def test_fault_S3_a_signal_amid_an_import_keeps_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half imported cannot be imported again."""
    monkeypatch.delenv(server.URL, raising=False)
    monkeypatch.setattr(server, "SERVER", "nothing:nowhere")
    half = ModuleType("prefect.events.worker")
    for name, value in {"prefect.events.worker": half, "prefect.logging.handlers": None}.items():
        monkeypatch.setitem(sys.modules, name, value)
    before = set(psutil.Process().children())
    with pytest.raises(processes.Stopped), server.running():
        started = set(psutil.Process().children()) - before
        raise processes.Stopped
    assert started and not any(one.is_running() for one in started)


# What `serve` does, killed outright. Its child starts one in a session of its own, as Prefect's runner does.
KILLED = """
import os, subprocess, sys, time
from flows import processes
processes.GRACE = 0.4
with processes.process([sys.executable, "-c", sys.argv[1]], os.environ) as child:
    while not child.below:
        child.look()
    if sys.argv[2] == "first":
        child.kill()
        child.wait()
    print(child.pid, child.watch.pid, *(one.pid for one in child.below), flush=True)
    time.sleep(60)
"""
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
LIVES = {"asked": ("", ""), "stubborn": (STUBBORN, ""), "ended before": ("", "first")}


@pytest.mark.parametrize("name", LIVES)
def test_fault_S3_nothing_is_left_by_kill_9(name: str) -> None:
    begin, before = LIVES[name]
    code = f"{begin}{SLEEPER.format(inner=INNER)}; import time; time.sleep(60)"
    command = [sys.executable, "-c", KILLED, code, before]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        started = [psutil.Process(int(n)) for n in serving.stdout.readline().split() if psutil.pid_exists(int(n))]
        serving.kill()
    assert len(started) == (2 if before else 3)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def test_fault_S3_the_watch_ends_with_what_it_watches() -> None:
    with process([sys.executable, "-c", "import time; time.sleep(60)"], os.environ) as child:
        watch = child.watch
        assert watch is not None and watch.poll() is None
    assert watch.poll() == 0
