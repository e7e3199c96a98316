"""What compresses the numbers: seconds to write and to read them, and what they take on the disk.

The fields are derivatives as the pipeline stores them, block by block. Written by this project's shards (where the spec
offers the codec) and by Zarr, both synced; read by Zarr, from memory and, where the system drops a file from it when
asked, from the disk.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, ZstdCodec

from taylorkit.store import compression, records, shard
from tests.benchmarks.pipeline.rows import FUNCTIONS, planned, row

ROUNDS, BLOCKS = {True: 2, False: 9}, {True: 1, False: 4}

# What those of the spec were chosen among.
OTHERS: dict[str, tuple[Any, ...]] = {
    "lz4, level 1": (BloscCodec(cname="lz4", clevel=1, shuffle="shuffle"), compression.CHECKED),
    "lz4, bits shuffled": (BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"), compression.CHECKED),
    "lz4, without crc32c": (BloscCodec(cname="lz4", clevel=5, shuffle="shuffle"),),
    "zstd, not shuffled": (ZstdCodec(level=0), compression.CHECKED),
    "none, without crc32c": (),
}
WRITE, BY_ZARR, READ, COLD = "write", "write by Zarr", "read", "read from the disk"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    return [made for case in FUNCTIONS for made in _case(case, ROUNDS[quick], BLOCKS[quick], folder / "codecs")]


def _case(case: str, rounds: int, number: int, folder: Path) -> list[dict[str, Any]]:
    job = planned(folder, case, 1_000_000)
    step = job.step("derivatives")
    blocks = [block for block, _ in zip(step.section.blocks(), range(number), strict=False)]
    values = [job.compute(step, block)["derivatives"] for block in blocks]
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    stored = {}
    for _ in range(rounds):
        for name, codecs in (compression.CODECS | OTHERS).items():
            path = folder / "codec.zarr"
            shutil.rmtree(path, ignore_errors=True)
            array = _array(path, step.section, values, codecs)
            for what, seconds in _times(array, path, values, name in compression.CODECS):
                times[name, what].append(seconds)
            stored[name] = sum(p.stat().st_size for p in _shards(path, values))
    size = sum(v.nbytes for v in values)
    return [row("codecs", case, f"{n}: {w}", ts, bytes=size, stored=stored[n]) for (n, w), ts in times.items()]


def _array(path: Path, section: Any, values: list[np.ndarray], codecs: tuple[Any, ...]) -> zarr.Array:
    """One that holds all the values, each in a shard."""
    plan = section.arrays[0]
    chunk = section.chunk(plan)
    return zarr.create_array(
        path,
        shape=(values[0].shape[0], len(values) * values[0].shape[1], *values[0].shape[2:]),
        dtype=plan.dtype,
        chunks=chunk,
        shards=section.shard(plan),
        compressors=codecs or None,
        fill_value=plan.fill,
        config={"write_empty_chunks": True},
    )


def _times(array: zarr.Array, path: Path, values: list[np.ndarray], offered: bool) -> Iterator[tuple[str, float]]:
    files, rows = _shards(path, values), values[0].shape[1]

    def own() -> None:
        for file, block in zip(files, values, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            shard.write(file, array, block)
            records.sync(file)

    def by_zarr() -> None:
        for k, (file, block) in enumerate(zip(files, values, strict=True)):
            array[:, k * rows : (k + 1) * rows] = block
            records.sync(file)

    def read() -> None:
        for k in range(len(values)):
            array[:, k * rows : (k + 1) * rows]

    yield BY_ZARR, _seconds(by_zarr)
    if offered:
        yield WRITE, _seconds(own)
    yield READ, _seconds(read)
    if _forgotten(files):
        yield COLD, _seconds(read)


def _shards(path: Path, values: list[np.ndarray]) -> list[Path]:
    """The file of each block's shard: blocks follow one another along the first axis of the grid."""
    axes = values[0].ndim - 2
    return [path.joinpath("c", "0", str(k), *["0"] * axes) for k in range(len(values))]


def _seconds(action: Any) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start


def _forgotten(files: list[Path]) -> bool:
    """Have the system drop files from memory; whether it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for file in files:
        with file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True
