"""Files of points as people have them: a header, columns in another order, marks of byte order, one column alone."""

import io
from pathlib import Path

import numpy as np
import pytest

from taylorkit.errors import SpecError
from taylorkit.spec.fields import TaylorSpec
from taylorkit.spec.points import expansion_grid

ROWS = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.5]])


def grid(folder: Path, name: str, content: bytes, variables: tuple[str, ...] = ("x", "y")) -> np.ndarray:
    (folder / name).write_bytes(content)
    spec = TaylorSpec(
        name="points", function="f", variables=list(variables), call="scalars", order=1, grid={"points": name}
    )
    scattered = expansion_grid(spec, folder).scattered
    assert scattered is not None
    return scattered


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


PLAIN = "1,10\n2,20\n3,30.5\n"
NAMED = np.array([(10.0, 1.0), (20.0, 2.0), (30.5, 3.0)], [("y", "f8"), ("x", "f8")])
FILES: dict[str, bytes] = {
    "plain.csv": PLAIN.encode(),
    "header.csv": ("x,y\n" + PLAIN).encode(),
    "another order.csv": b"y,x\n10,1\n20,2\n30.5,3\n",
    "mark and line ends.csv": ("\ufeffy,x\r\n10,1\r\n20,2\r\n30.5,3\r\n").encode(),
    "mark alone.csv": ("\ufeff" + PLAIN).encode(),
    "old line ends.csv": b"y,x\r10,1\r20,2\r30.5,3\r",
    "spaces.csv": b" y , x\n 10, 1\n 20, 2\n 30.5, 3\n",
    "quotes.csv": b'"y","x"\n"10","1"\n"20","2"\n"30.5","3"\n',
    "other columns.csv": b",name,y,when,x\n0,a,10,2026-01-01,1\n1,b,20,2026-01-02,2\n2,c,30.5,2026-01-03,3\n",
    "a comment.csv": ("# made by hand\n" + PLAIN).encode(),
    "names in a comment.csv": b"# y,x\n10,1\n20,2\n30.5,3\n",
    "other case in a comment.csv": b"# Y, X\n10,1\n20,2\n30.5,3\n",
    "units in a comment.csv": b"# y [m], x [m]\n10,1\n20,2\n30.5,3\n",
    "units in brackets with commas.csv": b"#Y (m, s), X / km\n10,1\n20,2\n30.5,3\n",
    "as savetxt writes.csv": b"# y x\n10,1\n20,2\n30.5,3\n",
    "two comments.csv": b"# made by hand\n# y, x\n10,1\n20,2\n30.5,3\n",
    "names, then units.csv": b"# y, x\n\n# m, s\n10,1\n20,2\n30.5,3\n",
    "a comment and a header.csv": b"# made, by hand\ny,x\n10,1\n20,2\n30.5,3\n",
    "case and units.csv": b'"Y [m]",X (s),z\n10,1,0\n20,2,0\n30.5,3,0\n',
    "three in a comment.csv": b"# y; when; x\n10,0,1\n20,0,2\n30.5,0,3\n",
    "a sentence.csv": ("# f of x and y, for x above 0, as measured\n" + PLAIN).encode(),
    "blank lines.csv": ("\n\n" + PLAIN + "\n").encode(),
    "no last line end.csv": PLAIN.strip().encode(),
    "rows.npy": saved(ROWS),
    "whole.npy": saved(np.array([[1, 10], [2, 20], [3, 30]])),
    "big-endian.npy": saved(ROWS.astype(">f8")),
    "columns in memory.npy": saved(np.asfortranarray(ROWS)),
    "fields.npy": saved(NAMED),
}


@pytest.mark.parametrize("name", FILES)
def test_fault_R11_files_of_points(tmp_path: Path, name: str) -> None:
    expected = np.floor(ROWS) if name == "whole.npy" else ROWS
    np.testing.assert_array_equal(grid(tmp_path, name, FILES[name]), expected)


ONE: dict[str, bytes] = {
    "flat.npy": saved(ROWS[:, 0]),
    "flat whole.npy": saved(np.array([1, 2, 3], np.int16)),
    "column.npy": saved(ROWS[:, :1]),
    "fields.npy": saved(NAMED),
    "column.csv": b"1\n2\n3\n",
    "words.csv": b"# made by hand\n1\n2\n3\n",
    "unit.csv": b"# X [m]\n1\n2\n3\n",
    "header.csv": "\ufeffx\r\n1\r\n2\r\n3\r\n".encode(),
    "one of two.csv": b"y,x\n10,1\n20,2\n30.5,3\n",
}


@pytest.mark.parametrize("name", ONE)
def test_fault_R11_one_variable(tmp_path: Path, name: str) -> None:
    np.testing.assert_array_equal(grid(tmp_path, name, ONE[name], ("x",)), ROWS[:, :1])


WRONG: dict[str, tuple[bytes, str]] = {
    "other names.csv": (b"spot,vol\n1,2\n", r"its first row neither holds numbers nor names x, y"),
    "one is missing.csv": (b"x,z\n1,2\n", r"its first row neither holds numbers nor names x, y"),
    "one twice.csv": (b"x,y,x\n1,2,3\n", r"it has 2 columns x"),
    "other fields.npy": (saved(np.zeros(2, [("x", "f8"), ("z", "f8")])), r"it has no columns y"),
    "other names in a comment.csv": (
        b"# spot, vol\n1,2\n",
        r"a comment .* reads like names",
    ),
    "one other in a comment.csv": (
        b"# y, z\n1,2\n",
        r"a comment .* which are not x, y",
    ),
    "other words in a comment.csv": (b"# y in m, x in m\n1,2\n", r"a comment .* reads like names"),
    "a sentence in another order.csv": (b"# first comes y and then x\n1,2\n", r"a comment .* reads like names"),
    "more names than columns.csv": (b"# y, x, z\n1,2\n", r"a comment .* reads like names"),
    "two that differ.csv": (b"# y, x\n# x, y\n1,2\n", r"a comment .* reads like names"),
    "one twice in a comment.csv": (b"# x, X\n1,2\n", r"a comment .* reads like names"),
    "a secret.csv": (b"# password, hunter2\n1,2\n", r"a comment .* reads like names .* x, y; name each .* comment\);"),
    "a quotient.csv": (b"x,dy/dt\n1,2\n", r"its first row neither holds numbers nor names x, y"),
    "text.csv": (b"y,x\n1,2\n3,four\n", r"row 2, column 2, is no number"),
    "ragged.csv": (b"1,2\n3\n", r"as many in each"),
    "nothing.csv": (b"", r"its first row neither holds numbers"),
    "complex.npy": (saved(ROWS * 1j), r"it does not hold rows of real numbers"),
    "flat.npy": (saved(ROWS[:, 0]), r"shape \(3,\); must be \(N, 2\)"),
    "three columns.csv": (b"1,2,3\n", r"shape \(1, 3\); must be \(N, 2\)"),
}


@pytest.mark.filterwarnings("ignore:loadtxt")
@pytest.mark.parametrize("name", WRONG)
def test_fault_R11_what_holds_no_points(tmp_path: Path, name: str) -> None:
    content, message = WRONG[name]
    with pytest.raises(SpecError, match=rf"^grid\.points.*{message}"):
        grid(tmp_path, name, content)
