"""Unlike runs at once on one store: processes that take turns at every step, in an order that is drawn.

    python -m tests.faults.interleavings --count 500

A driver lets one of the waiting processes go on at a time: to plan, to make the tree, to compute a block, to write it,
to commit it. Each must get its own artifact: f at its own coordinates, its own tolerance and title, nothing damaged.
Every fourth store holds an artifact that 0.4 wrote, of the same spec: its derivatives are read, and it stays as it is.
"""

import argparse
import multiprocessing
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Lock
from typing import Any
from unittest.mock import patch

import numpy as np

import taylorkit as tk
from taylorkit import grid

SPEC = """
name = "wave"
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 1
method = "series:xla"

[grid]
x = [0.0, 1.0, 2.0, 3.0]

[evaluations.near]
x = [0.5, 1.5, 2.5]

[trust]
samples = 2
"""
CODE = "def f(x):\n    return x * x + 3 * x\n"
EVALUATIONS = ([0.5, 1.5, 2.5], [0.25, 1.25, 2.25], [2.75, 1.75, 0.75])
TOLERANCES = (1e-3, 0.5)
TITLES = ("One", "Another")
LARGEST = 8
GOLDEN = Path(__file__).parents[1] / "golden"
OLD_STORE = GOLDEN / "format_1"
# Of so many stores one holds what 0.4 wrote.
EVERY = 4
# How long one that was let go on is waited for: it may wait itself, for a lock that another holds.
SECONDS = 0.05


@dataclass(frozen=True)
class Variant:
    """What one run asks for."""

    points: int
    tolerance: float
    title: str

    def overrides(self, evaluation: str) -> list[str]:
        points = f"evaluations.{evaluation}.x={EVALUATIONS[self.points]}"
        return [points, f"trust.tolerance={self.tolerance}", f"title={self.title}"]


@dataclass(frozen=True)
class Subject:
    """What all processes run: a spec, its evaluation, and what is true of it."""

    evaluation: str
    block_bytes: int
    truth: Callable[[np.ndarray], np.ndarray]
    values: Callable[[Any], np.ndarray]
    rounding: float = 0.0


# Two points a block: the grid has two blocks.
NEW = Subject("near", 32, lambda x: x * x + 3 * x, lambda ds: np.stack([ds.x * ds.x + 3 * ds.x, 2 * ds.x + 3]))
# The blocks are those that 0.4 wrote; a few roundings of a sine and two products.
OLD = Subject(
    "line",
    grid.BLOCK_BYTES,
    lambda x: np.sin(x) + x * x,
    lambda ds: np.stack([(np.sin(ds.x) + ds.x * ds.x) * ds.y, (np.cos(ds.x) + 2 * ds.x) * ds.y]),
    1e-14,
)


VARIANTS = [Variant(p, t, title) for p in range(len(EVALUATIONS)) for t in TOLERANCES for title in TITLES]


def work(driver: Connection) -> None:
    """A process of the pool: runs what it is told, and asks before each step."""
    from taylorkit import pipeline
    from taylorkit.pipeline import exported
    from taylorkit.pipeline.job import Job
    from taylorkit.store.section import SectionStore

    turn = Lock()

    def asking(function: Callable[..., Any], step: str) -> Callable[..., Any]:
        def asked(*words: Any) -> Any:
            with turn:
                driver.send(("at", step))
                driver.recv()
            return function(*words)

        return asked

    with ExitStack() as held:
        # A tenth of the time, and outside of every digest.
        held.enter_context(patch.object(exported, "keep", lambda *_: None))
        for owner, name in ((Job, "compute"), (SectionStore, "write"), (SectionStore, "commit")):
            held.enter_context(patch.object(owner, name, asking(getattr(owner, name), name)))
        driver.send(("ready", ""))
        while told := driver.recv():
            spec, overrides, store, block_bytes = told
            held.enter_context(patch.object(grid, "BLOCK_BYTES", block_bytes))
            try:
                job = asking(pipeline.plan, "plan")(spec, overrides, store)
                asking(pipeline.run, "create")(job)
                driver.send(("done", str(job.artifact)))
            except Exception as error:
                driver.send(("failed", f"{type(error).__name__}: {error}"))


@dataclass
class Found:
    """What came of all interleavings; `orders` are the sequences of steps that were taken."""

    interleavings: int = 0
    beside_old: int = 0
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    not_own: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    orders: set[tuple[tuple[int, str], ...]] = field(default_factory=set)
    processes: Counter[int] = field(default_factory=Counter)

    @property
    def right(self) -> bool:
        return not (self.wrong or self.damaged or self.not_own or self.failed)


def interleaved(count: int, seed: int = 0, most: int = LARGEST) -> Found:
    """`count` interleavings of 2 to `most` processes, with unlike evaluations, tolerances and titles."""
    found = Found()
    with tempfile.TemporaryDirectory(prefix="taylorkit-interleavings-") as folder, _pool(most) as pool:
        spec = Path(folder, "wave.toml")
        spec.write_text(SPEC)
        spec.with_name("own.py").write_text(CODE)
        for number in range(seed, seed + count):
            choose = random.Random(number)
            sizes = range(2, most + 1)
            (size,) = choose.choices(sizes, [n**-2 for n in sizes])
            store, chosen = Path(folder, f"store-{number}"), choose.sample(VARIANTS, size)
            subject, own = (OLD, GOLDEN / "specs/wave.toml") if number % EVERY == EVERY - 1 else (NEW, spec)
            before = _with_old(store) if subject is OLD else {}
            told = [(str(own), v.overrides(subject.evaluation), str(store), subject.block_bytes) for v in chosen]
            paths, order = _together(pool[: len(chosen)], told, choose, found)
            _judge(paths, chosen, found, subject)
            found.damaged += [f"{path} was changed" for path, data in before.items() if path.read_bytes() != data]
            found.interleavings += 1
            found.beside_old += subject is OLD
            found.orders.add(order)
            found.processes[len(chosen)] += 1
            shutil.rmtree(store, ignore_errors=True)
    return found


class _pool:
    """Processes that are started once, and wait for work."""

    def __init__(self, number: int):
        self.number = number

    def __enter__(self) -> list[Connection]:
        context = multiprocessing.get_context("spawn")
        pipes = [context.Pipe() for _ in range(self.number)]
        self.processes = [context.Process(target=work, args=(theirs,), daemon=True) for _, theirs in pipes]
        for process in self.processes:
            process.start()
        self.pipes = [ours for ours, _ in pipes]
        for pipe in self.pipes:
            assert pipe.recv() == ("ready", "")
        return self.pipes

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join()


def _with_old(store: Path) -> dict[Path, bytes]:
    """The files of a store that 0.4 wrote."""
    shutil.copytree(OLD_STORE, store)
    return {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}


def _together(
    pool: Sequence[Connection], told: Sequence[Any], choose: random.Random, found: Found
) -> tuple[list[str | None], tuple[tuple[int, str], ...]]:
    """Each process's artifact, and in which order they took their steps."""
    for pipe, words in zip(pool, told, strict=True):
        pipe.send(words)
    waiting: dict[int, str] = {}
    paths: list[str | None] = [None] * len(pool)
    running, order = set(range(len(pool))), []
    # At first all have come to the first step.
    patience: float | None = None
    while running:
        for number, (what, told) in _heard(pool, running - waiting.keys(), patience):
            if what == "at":
                waiting[number] = told
                continue
            running.discard(number)
            if what == "done":
                paths[number] = told
            else:
                found.failed.append(told)
        if waiting and (patience is not None or waiting.keys() == running):
            number = choose.choice(sorted(waiting))
            order.append((number, waiting.pop(number)))
            pool[number].send(True)
            patience = SECONDS
    return paths, tuple(order)


def _heard(pool: Sequence[Connection], busy: set[int], patience: float | None) -> Iterator[tuple[int, tuple[str, str]]]:
    ready = wait([pool[number] for number in busy], patience) if busy else []
    for number in busy:
        if pool[number] in ready:
            yield number, pool[number].recv()


def _judge(paths: Sequence[str | None], chosen: Sequence[Variant], found: Found, subject: Subject = NEW) -> None:
    """Is each artifact its own run's, whole, and true?"""
    found.runs += len(chosen)
    own = [path for path in paths if path is not None]
    if len(set(own)) < len(own):
        found.not_own.append(f"{len(own)} unlike runs share {len(set(own))} paths")
    for path, variant in zip(paths, chosen, strict=True):
        if path is None:
            continue
        found.damaged += tk.verify(path)
        root, near = tk.open(path), tk.open(path, subject.evaluation)
        x, derivatives = near.x.values, root.derivatives.values
        truth, rounding = near.truth.values.reshape(x.shape), subject.rounding
        if x.tolist() != EVALUATIONS[variant.points] or np.abs(truth - subject.truth(x)).max() > 8 * rounding:
            found.wrong.append(f"{path}: {variant} has truth {truth} at {x}")
        if (root.attrs["title"], root.attrs["trust"]["tolerance"]) != (variant.title, variant.tolerance):
            found.not_own.append(f"{path}: {variant} has {root.attrs['title']}, {root.attrs['trust']}")
        if not np.abs(derivatives[:2] - subject.values(root)).max() <= rounding:
            found.wrong.append(f"{path}: {variant} has derivatives {derivatives}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=LARGEST, help="processes at once")
    options = parser.parse_args()
    found = interleaved(options.count, options.seed, options.most)
    sizes = ", ".join(f"{number} of {size}" for size, number in sorted(found.processes.items()))
    for line in [*found.wrong, *found.damaged, *found.not_own, *found.failed][:20]:
        print(line)
    print(
        f"{found.interleavings} interleavings in {len(found.orders)} orders, {found.beside_old} of them beside what "
        f"0.4 wrote, {found.runs} runs; processes: {sizes}; {len(found.wrong)} wrong truths, "
        f"{len(found.damaged)} damaged, {len(found.not_own)} not their own, {len(found.failed)} failed"
    )
    raise SystemExit(0 if found.right else 1)


if __name__ == "__main__":
    main()
