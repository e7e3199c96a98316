"""A file is executed in its spec's precision, and what has fewer digits than the program is named."""

import json
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import cli, pages, pipeline
from taylorkit.functions import TABLE
from taylorkit.loading import find_function
from tests.store.making import write_spec

SPEC = """
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 3
method = "series:xla"

[grid]
x = [0.25, 1.0]

[evaluations.line]
x = [0.5]
center = { x = 0.25 }
"""
# Constants that no float32 is, made when the file is executed, by what JAX offers for it.
FILES = {
    "array": "A = jnp.array([0.1, 0.2])",
    "asarray": "A = jnp.asarray([0.1, 0.2])",
    "linspace": "A = jnp.linspace(0.1, 0.2, 2)",
    "computed": "A = jnp.ones(2) * jnp.array([0.1, 0.2])",
    "neighbour": "from neighbour import A",
    "jitted": "A = jax.jit(lambda: jnp.arange(1.0, 3.0) / 10)()",
}
HEAD = "import jax\nimport jax.numpy as jnp\n"
BODY = "\ndef f(x):\n    return (A * jnp.sin(A * x)).sum()\n"
# The sums of a few products and a sine: a few roundings of numbers below 1.
ROUNDING = 4e-16


def exact(degree: int, x: float) -> float:
    with mpmath.workdps(30):
        a = [mpmath.mpf(1) / 10, mpmath.mpf(2) / 10]
        return float(sum(c ** (degree + 1) * mpmath.sin(c * x + degree * mpmath.pi / 2) for c in a))


def written(folder: Path, code: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "own.py").write_text(HEAD + code)
    (folder / "neighbour.py").write_text("import jax.numpy as jnp\nA = jnp.array([0.1, 0.2])\n")
    return write_spec(folder, SPEC)


@pytest.mark.parametrize("reference", ["own.py:f", "own:f"])
@pytest.mark.parametrize("name", FILES)
def test_fault_W6_constants_of_a_file_have_the_precision_of_the_spec(tmp_path: Path, name: str, reference: str) -> None:
    spec = written(tmp_path, FILES[name] + BODY)
    job = pipeline.plan(spec, [f"function={reference}"], tmp_path / "store")
    assert job.warnings == ()
    pipeline.run(job)
    ds = tk.open(job.artifact)
    right = [[exact(k, x) for x in (0.25, 1.0)] for k in range(4)]
    np.testing.assert_allclose(ds.derivatives, right, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(tk.open(job.artifact, "line").truth, [exact(0, 0.5)], rtol=0, atol=ROUNDING)


def test_fault_W6_a_file_of_two_specs_is_executed_once_for_each_precision(tmp_path: Path) -> None:
    count = "from pathlib import Path\nwith Path(__file__).with_name('count').open('a') as out:\n    out.write('|')\n"
    spec = written(tmp_path, count + FILES["array"] + BODY)
    kinds = []
    for dtype in ("float64", "float32", "float64", "float32"):
        job = pipeline.plan(spec, [f"dtype={dtype}"], tmp_path / "store")
        assert job.traced is not None and job.warnings == ()
        kinds += [str(constant.dtype) for constant in job.traced.jaxpr.consts]
    assert kinds == ["float64", "float32"] * 2
    assert (tmp_path / "count").read_text() == "||"
    functions = [find_function("own.py:f", tmp_path, dtype=dtype).function for dtype in ("float64", "float32")]
    assert functions[0] is not functions[1]


A = np.array([0.1, 0.2], np.float32)
B = jnp.array([0.3, 0.7])
SMALL = jnp.asarray(0.1)
HALF = np.array([0.1, 0.2], np.float16)
WIDE = np.array([0.1, 0.2])


class Model:
    def __init__(self) -> None:
        self.weights = np.array([1.1, 2.2], np.float32)

    def __call__(self, x: jax.Array) -> jax.Array:
        return (self.weights * x).sum()

    def energy(self, x: jax.Array) -> jax.Array:
        return (self.weights * x**2).sum()


def closing() -> Callable:
    table = np.array([0.3, 0.4], np.float32)
    return lambda x: (table * x).sum()


NARROW = {
    "a NumPy array": (lambda x: (A * x).sum(), "A is float32, shape (2,)"),
    "an array of JAX's": (lambda x: (B * x).sum(), "B is float32, shape (2,)"),
    "an array without axes": (lambda x: SMALL * x, "SMALL is float32, shape ()"),
    "half precision": (lambda x: (HALF * x).sum(), "HALF is float16, shape (2,)"),
    "in a loop": (
        lambda x: jax.lax.fori_loop(0, 3, lambda i, s: s + (A * x).sum(), x),
        "A is float32, shape (2,)",
    ),
    "in an inner function": (jax.jit(lambda x: jax.jit(lambda y: (A * y).sum())(x)), "A is float32, shape (2,)"),
    "what it closes over": (closing(), "table is float32, shape (2,)"),
    "a method": (Model().energy, "weights is float32, shape (2,)"),
    "an array without a name": (lambda x: (np.array([0.5, 0.7], np.float32) * x).sum(), "a constant is float32"),
    "a cast": (lambda x: jnp.sin(x.astype(jnp.float32)), "float64 becomes float32 at test_precision_of_files.py:"),
    "a cast in a loop": (
        lambda x: jax.lax.fori_loop(0, 2, lambda i, s: s.astype(jnp.float32).astype(s.dtype) + x, x),
        "float64 becomes float32 at test_precision_of_files.py:",
    ),
}


@pytest.mark.parametrize("name", NARROW)
def test_fault_W6_what_has_fewer_digits_is_named(name: str) -> None:
    f, words = NARROW[name]
    (said,) = [line for line in tk.preflight(f, 0.5, 2).warnings if "float" in line]
    assert said.startswith(words) and "test_precision_of_files.py:" in said


FINE = {
    "scalars of Python": lambda x: 0.1 * x + 3,
    "whole numbers": lambda x: (np.arange(3) * x).sum() + x**2,
    "float64": lambda x: (WIDE * x).sum(),
    "a mask": lambda x: jnp.where(np.array([True, False]), x, 0.0).sum(),
    "a scalar that JAX widens": lambda x: jnp.interp(x, WIDE, WIDE),
}


@pytest.mark.parametrize("name", FINE)
def test_what_has_all_digits_is_not_named(name: str) -> None:
    assert [line for line in tk.preflight(FINE[name], 0.5, 2).warnings if "float" in line] == []


def test_no_named_function_has_fewer_digits() -> None:
    for name, entry in TABLE.items():
        example = 0.5 * np.ones(len(entry.variables)) if entry.call == "vector" else (0.5,) * len(entry.variables)
        example = 0.5 if len(entry.variables) == 1 and entry.call == "scalars" else example
        assert not [w for w in tk.preflight(entry.function, example, 1).warnings if "digits" in w], name


def test_a_float32_program_is_not_warned_of() -> None:
    x = jnp.asarray(0.5, jnp.float32)
    assert tk.preflight(NARROW["a NumPy array"][0], x, 2).warnings == []


def test_fault_W6_run_check_and_page_say_it(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    spec = written(tmp_path, "import numpy as np\nA = np.array([0.1, 0.2], np.float32)" + BODY)
    words = "A is float32, shape (2,), in a float64 program, first used at own.py:6"
    assert cli.main(["run", str(spec), "--store", str(tmp_path / "store")]) == 0
    told = capsys.readouterr()
    assert words in told.err
    assert cli.main(["check", str(spec), "--store", str(tmp_path / "store"), "--json"]) == 0
    assert words in " ".join(json.loads(capsys.readouterr().out)["preflight"]["warnings"])
    artifact = Path(told.out.strip())
    assert words in pages.page_of(artifact).read_text()
