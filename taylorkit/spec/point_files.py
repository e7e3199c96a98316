"""Files of points: .npy and .csv, by the order of their columns or by the names of the variables.

Numbers alone are read: nothing that a file holds is run, and nothing complex is cut down to its real part.
"""

from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from taylorkit.spec.headers import columns_of, places

# Bytes that are read at once.
PIECE = 2**22


def rows(path: Path, names: tuple[str, ...]) -> np.ndarray:
    """The points of a file, one a row; their columns are `names` where the file says which is which.

    Raises OSError or ValueError where it holds no rows of numbers.
    """
    if not path.is_file():  # a device or a pipe may never end
        raise FileNotFoundError
    return _npy(path, names) if path.suffix == ".npy" else _csv(path, names)


def _npy(path: Path, names: tuple[str, ...]) -> np.ndarray:
    with path.open("rb") as file:
        array = _array(file)
    if array.dtype.names is not None:
        fields = places(list(array.dtype.names), names)
        array = np.stack([array[array.dtype.names[place]] for place in fields], axis=-1)
    elif array.ndim == 1 and len(names) == 1:
        array = array[:, None]
    return array.astype(np.float64, casting="same_kind", copy=False)


def _array(file: BinaryIO) -> np.ndarray:
    """Rows of numbers, read piece by piece into float64; whatever else the file holds, as it is."""
    shape, fortran, dtype = _header(file)
    if dtype.kind not in "iuf" or fortran or len(shape) != 2 or not all(shape):
        file.seek(0)
        return npy.read_array(file, allow_pickle=False)
    found, step = np.empty(shape), max(1, PIECE // (shape[1] * dtype.itemsize))
    for start in range(0, shape[0], step):
        stop = min(shape[0], start + step)
        piece = np.frombuffer(file.read((stop - start) * shape[1] * dtype.itemsize), dtype)
        found[start:stop] = piece.reshape(stop - start, shape[1])
    return found


def _header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = npy.read_magic(file)
    return npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)


def count(path: Path) -> int:
    """How many points a file may hold: of a .npy as its header says, of a text one a line. Reads no number.

    Raises OSError or ValueError where that cannot be told.
    """
    if not path.is_file():
        raise FileNotFoundError
    with path.open("rb") as file:
        if path.suffix == ".npy":
            return next(iter(_header(file)[0]), 1)
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b"")) + 1


def _csv(path: Path, names: tuple[str, ...]) -> np.ndarray:
    """Spreadsheets begin a file with a mark of byte order, and end lines in a way of their own."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        skipped, columns = columns_of(file, names)
        file.seek(0)
        return np.loadtxt(islice(file, skipped, None), delimiter=",", ndmin=2, usecols=columns, quotechar='"')
