"""While a block is computed, the one before it is written: the pipeline against its slower half alone.

In every round, one after the other: computing every block and keeping none; writing the same bytes by Zarr alone, with
neither digests nor records nor syncs; writing them by `tofile`, synced and not; and the whole, committed.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import zarr

from taylorkit import pipeline
from taylorkit.pipeline import Job
from taylorkit.store import compression
from tests.benchmarks.pipeline.rows import FUNCTIONS, planned, row

POINTS, ROUNDS = {True: 100_000, False: 2_000_000}, {True: 2, False: 7}

# Alone; what the pipeline is held against is the slower of the first two.
COMPUTE, ZARR, FILE, SYNCED, PIPELINE = "compute", "Zarr", "tofile", "tofile, synced", "pipeline"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    return [made for case in FUNCTIONS for made in _case(case, POINTS[quick], ROUNDS[quick], folder / "overlap")]


def _case(case: str, points: int, rounds: int, folder: Path) -> list[dict[str, Any]]:
    job = planned(folder, case, points)
    step = job.step("derivatives")
    blocks = list(step.section.blocks())
    values = job.compute(step, blocks[0])
    contestants = {
        COMPUTE: lambda: [job.compute(step, block) for block in blocks] and None,
        ZARR: lambda: _zarr(job, values, folder / "alone.zarr"),
        FILE: lambda: _files(values, len(blocks), folder, synced=False),
        SYNCED: lambda: _files(values, len(blocks), folder, synced=True),
        PIPELINE: lambda: pipeline.fill(job, "derivatives"),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, action in contestants.items():
            times[name].append(_timed(action, job, folder))
    size = points * sum(v.dtype.itemsize * v.size for v in values.values()) // blocks[0].points
    slower = [max(pair) for pair in zip(times[COMPUTE], times[ZARR], strict=True)]
    share = median(s / t for s, t in zip(slower, times[PIPELINE], strict=True))
    bound = COMPUTE if median(times[COMPUTE]) > median(times[ZARR]) else ZARR
    more = {name: {} for name in contestants} | {PIPELINE: {"share": share, "bound": bound}}
    return [row("overlap", case, n, ts, points=points, bytes=size, **more[n]) for n, ts in times.items()]


def _timed(action: Callable[[], Any], job: Job, folder: Path) -> float:
    """Seconds, from a tree that is there and empty, with nothing of the last contestant left to reach the disk."""
    shutil.rmtree(job.artifact, ignore_errors=True)
    shutil.rmtree(folder / "alone.zarr", ignore_errors=True)
    pipeline.create(job)
    os.sync()
    start = perf_counter()
    action()
    return perf_counter() - start


def _zarr(job: Job, values: dict[str, np.ndarray], path: Path) -> None:
    """The step's arrays, in the same shards, chunks and codecs; every block holds the first one's numbers."""
    section = job.step("derivatives").section
    group = zarr.create_group(path)
    arrays = {
        plan.name: group.create_array(
            plan.name,
            shape=plan.shape,
            dtype=plan.dtype,
            chunks=section.chunk(plan),
            shards=section.shard(plan),
            compressors=compression.CODECS[section.compression],
            fill_value=plan.fill,
            config={"write_empty_chunks": True},
        )
        for plan in section.arrays
    }
    for block in section.blocks():
        for name, array in arrays.items():
            cut = tuple(slice(0, n) for n in block.shape)
            array[(..., *block.region)] = values[name][(..., *cut)]


def _files(values: dict[str, np.ndarray], number: int, folder: Path, synced: bool) -> None:
    for _ in range(number):
        for name, array in values.items():
            with (folder / f"{name}.raw").open("wb") as file:
                array.tofile(file)
                if synced:
                    os.fsync(file.fileno())
