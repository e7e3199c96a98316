"""`PYTHONPATH=CHECKOUT python tests/golden/make_numbers.py`: the numbers of `programs` by the release that CHECKOUT is.

`numbers.json` was made by 0.4.0 (commit 5636c5f), once; a program that a release refuses has none.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

FOLDER = Path(__file__).parent


def programs() -> Any:
    """The table beside this file, whatever release is on the path."""
    spec = importlib.util.spec_from_file_location("golden_programs", FOLDER / "programs.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with jax.enable_x64(True):  # its tables
        spec.loader.exec_module(module)
    return module


def numbers(case: Any) -> list[list[str]] | None:
    """∂^α f as text that gives the same bits back, a row an α; None where there are none."""
    import taylorkit as tk

    try:
        found = tk.derivatives(case.f, np.array(case.points), case.order, case.method).packed
    except Exception:  # 0.4 let JAX's own errors through
        return None
    return [[float(number).hex() for number in row] for row in np.asarray(found)]


def main() -> None:
    table = programs()
    found = {}
    for name, case in table.CASES.items():
        before = time.perf_counter()
        found[name] = numbers(case)
        print(f"{name}: {time.perf_counter() - before:.2f} s", file=sys.stderr)
    (FOLDER / "numbers.json").write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    main()
