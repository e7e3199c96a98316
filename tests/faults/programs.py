"""Programs with derivative rules of their own by every method: right, or refused by name.

    python -m tests.faults.programs [--count N] [--only TEXT] [--seconds S]

prints the table of program × method, and how many are wrong. `program_table.CASES` are the programs. One that does not
end by a method is named, ended and counted apart.
"""

import argparse
import itertools
import sys
from collections import Counter
from functools import cache

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np

import taylorkit as tk
from taylorkit import multi_index
from tests.faults import trials
from tests.faults.program_case import Case
from tests.faults.program_table import CASES

METHODS = ("nested", "series", "reverse", "auto")
DIGITS = 40


@cache
def expected(case: Case) -> np.ndarray:
    """∂^α of what is right, in graded order: (P,)."""
    return _by_jacfwd(case) if case.plain else _by_mpmath(case)


def _by_mpmath(case: Case) -> np.ndarray:
    with mp.workdps(DIGITS):
        where = tuple(map(mp.mpf, case.point))
        indices = multi_index.multi_indices(len(where), case.order).tolist()
        return np.array(
            [float(mp.diff(case.right, where, tuple(a)) if any(a) else case.right(*where)) for a in indices]
        )


def _by_jacfwd(case: Case) -> np.ndarray:
    found, f = [], case.right
    with jax.enable_x64(True):
        v = jnp.array(case.point)
        for degree in range(case.order + 1):
            found.append(np.asarray(f(v)).reshape(-1)[multi_index.packed_positions(len(v), degree)])
            f = jax.jacfwd(f)
    return np.concatenate(found)


def verdict(case: Case, method: str) -> str:
    """`right`, `refused: …`, or what is wrong."""
    try:
        found = np.asarray(tk.derivatives(case.program, np.array([case.point]), case.order, method).packed)[:, 0]
    except (tk.FunctionError, tk.SpecError) as error:
        return f"refused: {error}"
    error, degree = largest_error(found, case)
    return "right" if error <= case.tolerance else f"WRONG at degree {degree}, by {error:.1e}"


def largest_error(found: np.ndarray, case: Case) -> tuple[float, int]:
    """The largest difference of a degree, over its largest derivative or 1, and which degree; NaN is infinite."""
    worst, right, variables = (0.0, 0), expected(case), len(case.point)
    for k in range(case.order + 1):
        rows = slice(multi_index.count(variables, k - 1) if k else 0, multi_index.count(variables, k))
        off = np.abs(found[rows] - right[rows]).max() / max(1.0, np.abs(right[rows]).max())
        worst = max(worst, (float(np.nan_to_num(off, nan=np.inf)), k))
    return worst


def tried(which: tuple[str, str]) -> str:
    """The verdict on a program, by its name, and a method."""
    name, method = which
    (case,) = (c for c in CASES if c.name == name)
    try:
        return verdict(case, method)
    finally:
        jax.clear_caches()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(CASES), help="the first so many programs")
    parser.add_argument("--only", default="", help="programs whose name holds this")
    parser.add_argument("--seconds", type=int, default=120, help="what a program may take by one method")
    asked = parser.parse_args()
    names = [c.name for c in CASES if asked.only in c.name][: asked.count]
    pairs = list(itertools.product(names, METHODS))
    found = trials.each(tried, pairs, asked.seconds)
    counts: Counter[str] = Counter()
    notes, bad = [], 0
    print(f"{'':36}" + "".join(f"{m:10}" for m in METHODS))
    for name in names:
        texts = dict(zip(METHODS, found, strict=False))
        words = [text.partition(":")[0].partition(" ")[0] for text in texts.values()]
        counts.update(words)
        bad += is_bad(texts)
        notes += [f"{name}, {method}: {text[:300]}" for method, text in texts.items() if text != "right"]
        print(f"{name:36}" + "".join(f"{w:10}" for w in words), flush=True)
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    print("", *notes, "", f"{len(names)} programs, {len(METHODS)} methods: {told}; {bad} programs are wrong", sep="\n")
    return min(bad, 1)


def is_bad(texts: dict[str, str]) -> bool:
    """Whether a method is wrong or breaks, or `auto` does not give what another gives."""
    wrong = any(text.startswith(("WRONG", "CRASH")) for text in texts.values())
    return wrong or (texts["auto"] != "right" and "right" in texts.values())


if __name__ == "__main__":
    sys.exit(main())
