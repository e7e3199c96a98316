"""Small artifacts of many blocks, made by the pipeline, and what may be asked of them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from zarr.storage import LocalStore

import taylorkit as tk
from taylorkit import grid, pipeline
from taylorkit.pipeline import Job
from taylorkit.store.tree import evaluations

# With this many bytes a block, the grid of ATLAS has 4 blocks, its map 6.
SMALL_BLOCK = 768

ATLAS = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 2

[grid]
x = { start = -1.0, stop = 1.0, num = 8 }
y = { start = -1.0, stop = 1.0, num = 6 }

[evaluations.map]
x = { start = -1.0, stop = 1.0, num = 6 }
y = { start = -1.0, stop = 1.0, num = 9 }

[trust]
samples = 4
"""

LINE = """
function = "runge"
variables = ["x"]
call = "scalars"
order = 2

[grid]
x = { start = -1.0, stop = 1.0, num = 5 }

[evaluations.near]
center = { x = 0.0 }
x = { start = -0.5, stop = 0.5, num = 7 }

[report]
figures = [{ kind = "convergence", evaluation = "near" }]
"""


@dataclass(frozen=True)
class Made:
    """A finished run: its spec, its store, its artifact and what that holds."""

    spec: Path
    store: Path
    artifact: Path
    arrays: dict[str, np.ndarray]

    def copied(self, folder: Path) -> "Made":
        store = folder / "copy"
        shutil.copytree(self.store, store)
        return Made(self.spec, store, store / self.artifact.name, self.arrays)


@contextmanager
def shards_read() -> Iterator[list[str]]:
    """The keys of chunks and shards, in the order in which they are read meanwhile."""
    seen: list[str] = []
    get = LocalStore.get

    async def watched(self: LocalStore, key: str, *args: object, **options: object) -> object:
        if "/c/" in key:
            seen.append(key)
        return await get(self, key, *args, **options)  # type: ignore[arg-type]

    with patch.object(LocalStore, "get", watched):
        yield seen


def made(folder: Path, text: str) -> Made:
    """A run of the spec `text`, in small blocks."""
    with patch.object(grid, "BLOCK_BYTES", SMALL_BLOCK):
        spec = write_spec(folder, text)
        job, _ = run(spec, folder / "store")
    return Made(spec, folder / "store", job.artifact, arrays(job.artifact))


def write_spec(folder: Path, text: str, name: str = "small") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / f"{name}.toml"
    spec.write_text(text)
    return spec


def run(spec: Path, store: Path, *overrides: str) -> tuple[Job, dict[str, int]]:
    """The job, and how many blocks of each step were computed (steps with none are left out)."""
    job = pipeline.plan(spec, overrides, store)
    return job, {f.step: f.computed for f in pipeline.run(job) if f.computed}


def arrays(artifact: Path) -> dict[str, np.ndarray]:
    """Every array of an artifact, checked as it is read."""
    opened = {"": tk.open(artifact), **{f"{name}/": tk.open(artifact, name) for name in evaluations(artifact)}}
    return {f"{group}{name}": ds[name].values for group, ds in opened.items() for name in ds.variables}


def assert_same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    """The same arrays to the last bit."""
    assert a.keys() == b.keys()
    for name, values in a.items():
        np.testing.assert_array_equal(values, b[name], err_msg=name, strict=True)


def blocks(job: Job) -> dict[str, int]:
    """How many blocks each step has."""
    return {step.name: sum(1 for _ in step.section.blocks()) for step in job.steps}


def flip(file: Path, position: int) -> None:
    """Flip one bit."""
    data = bytearray(file.read_bytes())
    data[position] ^= 0x10
    file.write_bytes(data)


def records(artifact: Path) -> Iterator[Path]:
    """The records of committed blocks."""
    return (p for p in sorted(artifact.rglob("commit/*/*/zarr.json")))
