"""`python -m tests.faults.edits [--count N]`: edits of a function's code, and whether its fingerprint sees them.

100 edits change a derivative of f up to the order at some point, and must each change the fingerprint; 50 change none,
and must not. That an edit does what its list says is looked at by differentiating both codes: eagerly, by JAX.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from taylorkit import fingerprint
from taylorkit.differentiation.methods import resolve
from taylorkit.grid import Grid
from taylorkit.loading import find_function
from taylorkit.precision import scope
from taylorkit.trace import Traced, trace
from tests.faults.edited import CHANGING, CODES, KEEPING

POINTS = (0.3, 0.7)
HEAD = "import jax\nimport jax.numpy as jnp\nimport numpy as np\nfrom functools import partial\nfrom jax import lax\n"


@dataclass(frozen=True)
class Edit:
    """`old` of a code becomes `new`; derivatives up to `order` are asked for."""

    code: str
    old: str
    new: str
    order: int

    @property
    def before(self) -> str:
        return HEAD + CODES[self.code][1]

    @property
    def after(self) -> str:
        text = CODES[self.code][1]
        if text.count(self.old) < 1:
            raise ValueError(f"{self.code}: has no {self.old!r}")
        return HEAD + text.replace(self.old, self.new, 1)


def edits(table: dict[str, list[tuple[str, str]]]) -> list[Edit]:
    return [Edit(code, old, new, CODES[code][0]) for code, pairs in table.items() for old, new in pairs]


def traced(folder: Path, text: str) -> Traced:
    (folder / "own.py").write_text(text)
    return trace(find_function("own.py:f", folder).function, "scalar", 1, np.dtype("float64"))


def mark(program: Traced, order: int) -> str:
    """The derivative fingerprint of a run at one point."""
    grid = Grid(("x",), (np.array([0.5]),))
    method = resolve("nested", program, order, "cpu")
    domain = np.array([[-np.inf, np.inf]])
    return fingerprint.of_derivatives(fingerprint.derivative_inputs(program, domain, grid, order, method))


def derivatives(program: Traced, order: int) -> list[float]:
    """f and its derivatives, by nested forward mode without compilation."""

    def along(k: int, x: jax.Array) -> jax.Array:
        if k == 0:
            return program.function(x[None]).sum()
        return jax.jvp(lambda y: along(k - 1, y), (x,), (jax.numpy.ones_like(x),))[1]

    with scope(program.dtype):
        points = map(jax.numpy.asarray, POINTS)
        return [float(along(k, x)) for x in points for k in range(order + 1)]


def seen(folder: Path, text: str, order: int) -> tuple[list[float], str]:
    """The derivatives of a code, and its fingerprint."""
    program = traced(folder, text)
    return derivatives(program, order), mark(program, order)


def wrong(chosen: list[Edit], changing: bool, folder: Path) -> Iterator[str]:
    """The edits that the fingerprint takes for what they are not, or that are not what their list says."""
    known: dict[str, tuple[list[float], str]] = {}
    for edit in chosen:
        if edit.code not in known:
            known[edit.code] = seen(folder, edit.before, edit.order)
        numbers, print_ = seen(folder, edit.after, edit.order)
        if (known[edit.code][0] != numbers) != changing:
            yield f"{edit}: derivatives are {'equal' if changing else 'others'}"
        if (known[edit.code][1] != print_) != changing:
            yield f"{edit}: the fingerprint is {'the same' if changing else 'another'}"


def main(count: int | None = None) -> int:
    """Print how many edits were seen for what they are; 1 where one was not."""
    status = 0
    with tempfile.TemporaryDirectory() as place:
        for table, changing in ((CHANGING, True), (KEEPING, False)):
            chosen = edits(table)[:count]
            found = list(wrong(chosen, changing, Path(place)))
            print(
                "\n".join([*found, f"{len(chosen)} edits that {'change' if changing else 'keep'} the derivatives: "]),
                end="",
            )
            print(f"{len(chosen) - len(found)} {'new' if changing else 'unchanged'} fingerprints")
            status |= bool(found)
    return status


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=None, help="of each kind (default: all)")
    sys.exit(main(options.parse_args().count))
