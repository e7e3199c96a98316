"""What must hold after anything that was done to an artifact."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import taylorkit as tk
from taylorkit.errors import IntegrityError
from taylorkit.store.verify import verify
from tests.store.making import Made, arrays, assert_same, records, run

Times = dict[Path, tuple[int, bytes]]


def committed(artifact: Path) -> Times:
    """The records of blocks that are there, with their times and contents."""
    return {p.relative_to(artifact): (p.stat().st_mtime_ns, p.read_bytes()) for p in records(artifact)}


def assert_honest(artifact: Path, true: dict[str, np.ndarray]) -> int:
    """Whatever `tk.open` hands out is true; how often it refuses instead."""
    groups = sorted({name.rpartition("/")[0] for name in true})
    read = [values for group in groups for values in _read(artifact, group or None)]
    for name, values in read:
        if values is not None:
            np.testing.assert_array_equal(values, true[name], err_msg=name, strict=True)
    return sum(values is None for _, values in read)


def _read(artifact: Path, evaluation: str | None) -> Iterator[tuple[str, np.ndarray | None]]:
    """Every variable of a group, None where it is refused."""
    group = f"{evaluation}/" if evaluation else ""
    try:
        dataset = tk.open(artifact, evaluation)
    except tk.TaylorkitError:
        yield group, None
        return
    for name, variable in dataset.variables.items():
        try:
            yield f"{group}{name}", variable.values
        except IntegrityError:
            yield f"{group}{name}", None


def assert_resumes(copy: Made, whole: Made) -> None:
    """The next run computes each block that has no record, and no other; all comes out as of an uninterrupted run."""
    before, total = committed(copy.artifact), len(committed(whole.artifact))
    _, computed = run(copy.spec, copy.store)
    assert sum(computed.values()) == total - len(before), f"{computed} computed, {len(before)} of {total} committed"
    after = committed(copy.artifact)
    assert before.items() <= after.items(), "a block that was committed was committed again"
    assert_whole(copy, whole)


def assert_logged(artifact: Path) -> None:
    """Whoever ran it last, the log says when and where it was computed, and keeps f."""
    assert any(artifact.glob("log/*T*/zarr.json")), "no entry in the log"
    assert (artifact / "log" / "function" / "zarr.json").is_file(), "f was not kept"


def assert_whole(copy: Made, whole: Made) -> None:
    """The same arrays to the last bit; and the same bytes, but for the log, of which they follow.

    So arrays are decoded, and compared, to say what differs; `whole` was checked as it was read.
    """
    if stored(copy.artifact) != stored(whole.artifact):
        assert verify(copy.artifact) == []
        assert_same(arrays(copy.artifact), whole.arrays)
        raise AssertionError(f"equal arrays in other bytes: {_other_files(copy.artifact, whole.artifact)}")


def assert_alike(artifact: Path, whole: Made) -> None:
    """The same arrays, but for the values of those that a clock told."""
    found = arrays(artifact)
    assert found.keys() == whole.arrays.keys()
    for name, values in found.items():
        assert (values.shape, values.dtype) == (whole.arrays[name].shape, whole.arrays[name].dtype), name
        if "seconds" not in name:
            np.testing.assert_array_equal(values, whole.arrays[name], err_msg=name)


def _other_files(one: Path, other: Path) -> list[str]:
    a, b = stored(one), stored(other)
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))


def stored(artifact: Path) -> dict[str, bytes]:
    """Every file outside of the log, without what a killed run may leave behind."""
    files = {p.relative_to(artifact): p for p in artifact.rglob("*") if p.is_file() and p.suffix != ".partial"}
    return {str(name): p.read_bytes() for name, p in files.items() if name.parts[0] != "log"}
