"""Runs in processes of their own, by taylorkit's command line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


def started(
    spec: Path,
    store: Path,
    *arguments: str,
    options: Sequence[object] = (),
    before: Sequence[str] = (),
    report: bool = False,
    **variables: str,
) -> subprocess.Popen:
    """`taylorkit run` of a spec into a store; `options` are the runner's, `before` a command that starts it.

    Figures and page are drawn only with `report`.
    """
    words = [*before, sys.executable, "-m", "tests.chaos.runner", *map(str, options), "--"]
    words += ["run", str(spec), "--store", str(store), *arguments, *["--no-report"][report:]]
    return subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, "JAX_PLATFORMS": "cpu", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(seen: Callable[[], bool], process: subprocess.Popen) -> bool:
    """Wait until something is seen; False where the process ended before."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, f"nothing seen in {PATIENCE} s"
        time.sleep(0.002)
    return True


def killed(process: subprocess.Popen) -> bool:
    """Kill it; whether it was alive until then."""
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def finished(process: subprocess.Popen) -> str:
    """What a run that succeeds printed last: the artifact's path."""
    out, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return out.splitlines()[-1]


def refused(process: subprocess.Popen, store: Path) -> str:
    """What a run that cannot go on says: one line that names the store and what to do, no traceback."""
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, f"exit {process.returncode}: {errors}"
    return one_line([line for line in errors.splitlines() if line.startswith("taylorkit: ")], errors, store)


def one_line(said: list[str], everything: str, store: Path) -> str:
    assert "Traceback" not in everything, everything
    assert len(said) == 1, everything
    assert str(store) in said[0], said[0]
    assert any(word in said[0] for word in ("mend", "run the spec again", "use a coarser grid")), said[0]
    return said[0]
