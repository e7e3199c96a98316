"""What Prefect takes of a task's time: the same share of a run by the plain function, and through a task in a flow.

In a process of its own, as `make run` has it: a server on a free port of 127.0.0.1, a Prefect home of its own. Starting
them is no task's, and reported apart. What Prefect adds to a task (states before and after, its log, and sending them
while the task works) is there once a task, however long it takes; in ten seconds of writing it is lost in what the disk
does. So it is measured in seconds on short tasks, against the plain function in the same round, and held against the
time of a task of the default size. That one is compared with the plain function, too, for what it is worth.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.pipeline.rows import blocks_of_points, planned, row

CASE = "two-variable"
# Of short tasks, and of those of the default size: a task owns 512 blocks, see `tasks.prepare`.
SHORT, SHORT_ROUNDS = 14, {True: 3, False: 11}
BLOCKS, ROUNDS = {True: 28, False: 512}, {True: 2, False: 3}
ADDED, DIRECT = "Prefect, added to a task", "the same, seen on long tasks (uncertain)"

CHILD = """
import json, os, shutil, sys
from time import perf_counter, sleep
start = perf_counter()
from flows import server, settings
spec, store, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings.apply()
with server.running() as wait:
    from prefect import flow
    from tasks import compute_blocks
    from taylorkit import pipeline
    wait()
    started = perf_counter() - start
    job = pipeline.plan(spec, (), store)
    request = {"spec": spec, "overrides": [], "store": store}
    blocks = list(range(sum(1 for _ in job.step("derivatives").section.blocks())))

    def seconds(action):
        sleep(1)  # what the server has yet to do with the last task is not this one's
        shutil.rmtree(job.artifact, ignore_errors=True)
        pipeline.create(job)
        os.sync()
        start = perf_counter()
        action()
        return perf_counter() - start

    def plain():
        return seconds(lambda: pipeline.fill(pipeline.plan(spec, (), store), "derivatives", blocks))

    @flow
    def task():
        return seconds(lambda: compute_blocks(request, str(job.artifact), "derivatives", blocks))

    seen = [(plain(), task()) if k % 2 else (task(), plain())[::-1] for k in range(1 + rounds)][1:]
print(json.dumps({"started": started, "plain": [p for p, _ in seen], "task": [t for _, t in seen], "bytes": job.bytes}))
"""


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    few = _child(folder / "short", SHORT, SHORT_ROUNDS[quick])
    many = _child(folder / "long", BLOCKS[quick], ROUNDS[quick])
    added, direct = _added(few), _added(many)
    return [
        row("task", CASE, "Prefect and its server start", [few["started"], many["started"]]),
        row("task", CASE, f"the plain function, {SHORT} blocks", few["plain"], bytes=few["bytes"]),
        row("task", CASE, f"a Prefect task, {SHORT} blocks", few["task"], bytes=few["bytes"]),
        row("task", CASE, "the plain function", many["plain"], bytes=many["bytes"]),
        row("task", CASE, "a Prefect task", many["task"], bytes=many["bytes"]),
        row("task", CASE, ADDED, added, share=median(added) / median(many["task"])),
        row("task", CASE, DIRECT, direct, share=median(d / t for d, t in zip(direct, many["task"], strict=True))),
    ]


def _added(seen: dict[str, Any]) -> list[float]:
    return [task - plain for plain, task in zip(seen["plain"], seen["task"], strict=True)]


def _child(folder: Path, blocks: int, rounds: int) -> dict[str, Any]:
    """What a process of its own saw, in a Prefect home that is its own, too."""
    planned(folder, CASE, blocks_of_points(blocks))
    spec, store = folder / f"{CASE}.toml", folder / "store"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    words = [sys.executable, "-c", CHILD, str(spec), str(store), str(rounds)]
    own = {**kept, "PREFECT_HOME": str(folder / "home")}
    done = subprocess.run(words, capture_output=True, text=True, env=own)
    if done.returncode:
        raise RuntimeError(f"a flow over {blocks} blocks failed:\n{done.stderr}")
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen
