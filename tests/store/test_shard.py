"""Shards are, byte for byte, those that Zarr writes."""

from math import prod
from pathlib import Path

import numpy as np
import pytest
import zarr

from taylorkit import digest
from taylorkit.store import compression, shard

# Shape, shard and inner chunk; the last shard along an axis may reach beyond the array.
LAYOUTS = [
    ((28, 1000), (28, 400), (7, 400)),
    ((6, 3, 20, 9), (6, 3, 7, 9), (1, 3, 7, 9)),
    ((1000,), (300,), (300,)),
    ((50, 40), (7, 40), (7, 40)),
]
DTYPES = {"float64": np.nan, "float32": np.nan, "uint8": 255, "int64": -1}


def made(folder: Path, layout: tuple, dtype: str, codecs: str) -> zarr.Array:
    shape, whole, chunk = layout
    return zarr.create_array(
        folder / "a.zarr",
        shape=shape,
        dtype=dtype,
        chunks=chunk,
        shards=whole,
        compressors=compression.CODECS[codecs],
        fill_value=DTYPES[dtype],
        config={"write_empty_chunks": True},
    )


@pytest.mark.parametrize("codecs", compression.CODECS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_file_is_the_one_that_zarr_writes(tmp_path: Path, layout: tuple, dtype: str, codecs: str) -> None:
    array = made(tmp_path, layout, dtype, codecs)
    values = (100 * np.sin(np.arange(array.size))).reshape(array.shape).astype(dtype)
    array[...] = values
    root = tmp_path / "a.zarr" / "c"
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) == prod(-(-n // whole) for n, whole in zip(array.shape, array.shards, strict=True))
    for file in files:
        index = map(int, file.relative_to(root).parts)
        region = tuple(slice(i * n, (i + 1) * n) for i, n in zip(index, array.shards, strict=True))
        assert shard.write(tmp_path / "own", array, values[region]) == digest.of_array(values[region])
        assert (tmp_path / "own").read_bytes() == file.read_bytes()


def test_values_in_any_memory_order(tmp_path: Path) -> None:
    array = made(tmp_path, LAYOUTS[0], "float64", "lz4")
    values = np.random.default_rng(0).standard_normal((28, 400))
    place = tmp_path / "a.zarr" / "c" / "0" / "0"
    place.parent.mkdir(parents=True)
    for order in (values, np.asfortranarray(values), values.astype(">f8")):
        found = shard.write(place, array, order)
        assert found == digest.of_array(values)
        np.testing.assert_array_equal(array[:, :400], values)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array, place = made(tmp_path, LAYOUTS[2], "float64", "lz4"), tmp_path / "place" / "0"
    place.parent.mkdir()
    shard.write(place, array, np.arange(300.0))
    before = place.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shard.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        shard.write(place, array, np.zeros(300))
    assert place.read_bytes() == before
    assert list(place.parent.iterdir()) == [place]


def test_a_file_that_takes_little_at_a_time_gets_all_of_it() -> None:
    class Slow:
        taken = b""

        def write(self, data: memoryview) -> int:
            self.taken += bytes(data[:3])
            return min(3, len(data))

    file = Slow()
    shard._whole(file, b"0123456789")
    assert file.taken == b"0123456789"
