"""Nothing that a spec's file does reaches another spec of the process, and each has its own settings when it is run."""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib as mpl
import mpmath
import numpy as np
import pytest

from taylorkit import pipeline
from taylorkit.errors import FunctionError
from taylorkit.loading import find_function
from tests.store.making import write_spec

SPEC = """
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 2
name = "run"

[grid]
x = [0.25, 1.0]
"""
PLAIN = """
import os
import jax.numpy as jnp
import mpmath
import numpy as np

HALF = float(mpmath.sqrt(2) / 2)
SEEN = os.environ.get("TAYLORKIT_TEST_SEEN", "nothing")

def f(x):
    return jnp.sin(x) * HALF + jnp.asarray([1.0, 2.0]) @ jnp.stack([x, x]) + len(SEEN)
"""
# A line of another spec's file, each of a kind of its own.
LEAKS = {
    "x64": 'jax.config.update("jax_enable_x64", False)',
    "x64-on": 'jax.config.update("jax_enable_x64", True)',
    "promotion": 'jax.config.update("jax_numpy_dtype_promotion", "strict")',
    "matmul": 'jax.config.update("jax_default_matmul_precision", "highest")',
    "nans": 'jax.config.update("jax_debug_nans", True)',
    "environment": 'os.environ["TAYLORKIT_TEST_SEEN"] = "something"',
    "folder": 'os.chdir("/")',
    "path": 'sys.path.insert(0, "/nowhere")',
    "errors": 'np.seterr(all="raise")',
    "warnings": 'warnings.simplefilter("error")',
    "digits": "mpmath.mp.dps = 5",
    "drawing": 'matplotlib.rcParams["lines.linewidth"] = 31.0',
    "sine": "jnp.sin = jnp.cos",
    "built in": "import builtins; builtins.float = lambda x: 0.0",
    "matmul operator": "jnp.matmul = None; jnp.asarray = jnp.zeros_like",
}
HEAD = "import os, sys, warnings\nimport jax, jax.numpy as jnp, matplotlib, mpmath, numpy as np\n"


def process() -> list[object]:
    """What the lines change, as it stands."""
    places = (os.environ.get("TAYLORKIT_TEST_SEEN"), Path.cwd(), list(sys.path), float)
    numbers = (np.geterr(), mpmath.mp.dps, mpl.rcParams["lines.linewidth"], list(warnings.filters))
    return [dict(jax.config.values), *places, *numbers, jnp.sin, jnp.matmul, jnp.asarray]


def plan(folder: Path, code: str, *overrides: str) -> pipeline.Job:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.py").write_text(code)
    return pipeline.plan(write_spec(folder, SPEC), overrides, folder / "store")


@pytest.mark.parametrize("line", LEAKS.values(), ids=LEAKS)
def test_fault_W9_an_earlier_spec_is_not_seen(tmp_path: Path, line: str) -> None:
    alone = plan(tmp_path / "alone", PLAIN).groups[0].attributes["fingerprint"]
    before = process()
    plan(tmp_path / "first", f"{HEAD}{line}\ndef f(x):\n    return 2.0 * x\n")
    assert process() == before
    assert plan(tmp_path / "second", PLAIN).groups[0].attributes["fingerprint"] == alone


def test_fault_W9_what_a_function_sets_while_it_is_traced_is_not_seen(tmp_path: Path) -> None:
    lines = "\n".join(f"    {line}" for name, line in LEAKS.items() if name in ("matmul", "environment", "errors"))
    before = process()
    plan(tmp_path / "first", f"{HEAD}def f(x):\n{lines}\n    return 2.0 * x\n")
    assert process() == before


OWN: dict[str, tuple[str, Callable[[str], bool]]] = {
    "matmul": (LEAKS["matmul"], lambda text: "HIGHEST" in text),
    "promotion": (LEAKS["promotion"], lambda text: "strict" in text),
    "environment": (LEAKS["environment"], lambda text: "something" in text),
    "folder": (LEAKS["folder"], lambda text: "'/'" in text),
    "path": (LEAKS["path"], lambda text: "/nowhere" in text),
}


@pytest.mark.parametrize("name", OWN)
def test_fault_W9_a_file_finds_its_own_settings_when_its_function_is_traced(tmp_path: Path, name: str) -> None:
    line, right = OWN[name]
    state = "[os.getcwd(), sys.path, os.environ.get('TAYLORKIT_TEST_SEEN'), jax.config.jax_numpy_dtype_promotion]"
    code = (
        f"{HEAD}{line}\nTOLD = []\ndef f(x):\n    TOLD.append({state})\n"
        "    return jax.numpy.vdot(jax.numpy.stack([x, x]), jax.numpy.stack([x, x]))\n"
        "def told(x):\n    return str(TOLD)\n"
    )
    job = plan(tmp_path, code)
    told = find_function("own.py:told", tmp_path).function(0)
    assert right(str(job.traced.jaxpr) if name == "matmul" and job.traced else told)


def test_fault_W9_flags_of_xla_are_no_files_to_set(tmp_path: Path) -> None:
    with pytest.raises(FunctionError, match=r"own\.py sets XLA_FLAGS = '--xla_cpu_enable_fast_math=true'.*is started"):
        plan(
            tmp_path,
            'import os\nos.environ["XLA_FLAGS"] = "--xla_cpu_enable_fast_math=true"\ndef f(x):\n    return x\n',
        )
    assert "fast_math" not in os.environ.get("XLA_FLAGS", "")


@pytest.mark.parametrize("reference", ["own.py:f", "own:f", "inner.own:f"])
@pytest.mark.parametrize("how", ["at the top", "while it is traced", "from a folder of its own"])
def test_fault_W9_folders_with_helpers_of_one_name(tmp_path: Path, reference: str, how: str) -> None:
    """As a file or as a module; imported by the file, or by the function, or from where the file says."""
    found = []
    for factor, place in ((2.0, "one"), (3.0, "two"), (2.0, "one")):
        folder = tmp_path / place
        source = folder / "inner" if reference.startswith("inner") else folder
        helpers = folder / "lib" if "own" in how else folder
        for each in (source, helpers):
            each.mkdir(parents=True, exist_ok=True)
        (helpers / "helpers.py").write_text(f"factor = {factor}\n")
        top = f"import sys\nsys.path.insert(0, {str(helpers)!r})\n" if "own" in how else ""
        line = "from helpers import factor\n"
        body = f"def f(x):\n    {line}" if "traced" in how else f"{line}def f(x):\n"
        (source / "own.py").write_text(f"{top}{body}    return factor * x\n")
        found.append(find_function(reference, folder).function(1.0))
    assert found == [2.0, 3.0, 2.0]
    assert "helpers" not in sys.modules


def test_fault_W9_a_module_of_the_process_is_hidden_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("factor = 5.0\n")
    (tmp_path / "own.py").write_text("import helpers\n\ndef f(x):\n    return helpers.factor * x\n")
    sys.modules["helpers"] = mine = type(sys)("helpers")
    mine.__file__ = "/somewhere/else/helpers.py"
    try:
        assert find_function("own.py:f", tmp_path).function(1.0) == 5.0
        assert sys.modules["helpers"] is mine
    finally:
        del sys.modules["helpers"]
