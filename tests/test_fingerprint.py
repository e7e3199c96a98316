"""What changes a fingerprint, and what does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from taylorkit import pipeline
from tests.store.making import write_spec

SPEC = """
function = "own.py:f"
variables = ["x", "y"]
call = "scalars"
order = 2
name = "run"

[grid]
x = [0.0, 1.0]
y = [0.0, 1.0]

[evaluations.map]
x = [0.25, 0.5]
y = [0.0]
"""

CODE = """
import jax
import jax.numpy as jnp

def f(x, y):
    return jnp.sin(x) * y + 2.0
"""

# A function through a custom rule: CONSTANT and RULE are what a change may touch.
RULED = """
import jax
import jax.numpy as jnp

@jax.custom_jvp
def inner(x):
    return jnp.sin(x)

@inner.defjvp
def rule(primals, tangents):
    return inner(primals[0]), RULE * tangents[0]

def f(x, y):
    return inner(x) + y
"""

CAPTURED = """
import jax.numpy as jnp
import numpy as np

TABLE = np.arange(5000.0)
TABLE[2500] = CONSTANT

def f(x, y):
    return (jnp.asarray(TABLE) * x).sum() + y
"""

REWRITTEN = '''
"""The same, otherwise written."""
import jax.numpy as numbers


def another(first,
            second):
    """Longer names, other lines."""
    wave = numbers.sin(first)
    return (wave * second) + 2.0

f = another
'''


def marks(folder: Path, code: str, *overrides: str) -> dict[str, str]:
    """The fingerprint of each section of a run of `code`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.py").write_text(code)
    spec = write_spec(folder, SPEC)
    if "method=RESOLVED" in overrides:
        overrides = ("method=" + pipeline.plan(spec, (), folder / "store").summary.split()[-1],)
    job = pipeline.plan(spec, overrides, folder / "store")
    return {step.name: step.section.fingerprint for step in job.steps}


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, str]:
    return marks(tmp_path / "plain", CODE)


@pytest.mark.parametrize(
    ("code", "overrides"),
    [
        (REWRITTEN, ()),
        (CODE + "\ndef g(x, y):\n    return x\n", ()),
        (CODE, ("name=other", "title=Another title", "description=More words")),
        (CODE, ("memory.budget='4 GiB'",)),
        (CODE, ("report.figures=[]",)),
        (CODE, ("formula=x",)),
        (CODE, ("method=RESOLVED",)),
        (CODE, ("device=cpu",)),
        (CODE, ("grid.x={start=0,stop=1,num=2}",)),
        (CODE.replace("def f", "def g"), ("function=own.py:g",)),
    ],
    ids=[
        "rewritten",
        "more-code",
        "names",
        "budget",
        "report",
        "formula",
        "resolved-method",
        "device",
        "axis",
        "renamed",
    ],
)
def test_unchanged(tmp_path: Path, plain: dict[str, str], code: str, overrides: tuple[str, ...]) -> None:
    assert marks(tmp_path / "changed", code, *overrides) == plain


@pytest.mark.parametrize(
    ("code", "overrides"),
    [
        (CODE.replace("2.0", "2.0000001"), ()),
        (CODE.replace("sin", "cos"), ()),
        (CODE, ("grid.x=[0.0, 1.0000000000000002]",)),
        (CODE, ("grid.x=[1.0, 0.0]",)),
        (CODE, ("grid={x=[0.0],y=[1.0]}",)),
        (CODE, ("grid={points=[[0.0,0.0],[1.0,1.0]]}",)),
        (CODE, ("variables=['u','v']", "grid={u=[0.0,1.0],v=[0.0,1.0]}", "evaluations.map={u=[0.25,0.5],v=[0.0]}")),
        (CODE, ("order=1",)),
        (CODE, ("dtype=float32",)),
        (CODE.replace("def f(x, y):", "def f(v):\n    x, y = v"), ("call=vector",)),
    ],
    ids=["constant", "operation", "point", "points-order", "shape", "scattered", "names", "order", "dtype", "call"],
)
def test_everything_changes(tmp_path: Path, plain: dict[str, str], code: str, overrides: tuple[str, ...]) -> None:
    changed = marks(tmp_path / "changed", code, *overrides)
    assert all(changed[step] != mark for step, mark in plain.items())


def test_a_method_is_part_of_it(tmp_path: Path) -> None:
    line = ("variables=['x']", "grid={x=[0.0,1.0]}", "evaluations={}", "function=runge")
    nested, series = (marks(tmp_path / m, CODE, *line, f"method={m}") for m in ("nested", "series"))
    assert nested["derivatives"] != series["derivatives"]


def test_a_captured_array_is_seen(tmp_path: Path) -> None:
    """JAX prints large constants shortened; one entry in the middle must still count."""
    one, other = (marks(tmp_path / c, CAPTURED.replace("CONSTANT", c)) for c in ("7.0", "8.0"))
    assert one["derivatives"] != other["derivatives"]


@pytest.mark.parametrize("other", ["2 * jnp.cos(primals[0])", "inner(primals[0] + 1.5707963267948966)"])
def test_a_custom_rule_is_seen(tmp_path: Path, other: str) -> None:
    one = marks(tmp_path / "one", RULED.replace("RULE", "jnp.cos(primals[0])"))
    changed = marks(tmp_path / "other", RULED.replace("RULE", other))
    assert one["derivatives"] != changed["derivatives"]


def test_the_domain_decides_on_status_and_is_seen(tmp_path: Path) -> None:
    entry = CODE.replace("def f", "def g") + (
        "\nfrom taylorkit.functions import Function\n"
        "f = Function('g', g, '', '', ('x', 'y'), '', domain=((0.0, HIGH), (0.0, 1.0)))\n"
    )
    one, other = (marks(tmp_path / high, entry.replace("HIGH", high)) for high in ("1.0", "2.0"))
    assert one["derivatives"] != other["derivatives"]


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("evaluations.map.x=[0.25, 0.75]", {"evaluation/map/values", "evaluation/map/summary"}),
        ("evaluations.map.overlay='own.py:f'", {"evaluation/map/values", "evaluation/map/summary"}),
        ("evaluations.map.center={x=0.0,y=0.0}", {"evaluation/map/values", "evaluation/map/summary"}),
        ("trust.tolerance=1e-4", {"radii"}),
        ("trust.samples=3", {"radii"}),
    ],
)
def test_what_depends_on_one_thing_changes_alone(
    tmp_path: Path, plain: dict[str, str], override: str, changed: set[str]
) -> None:
    after = marks(tmp_path / "changed", CODE, override)
    assert {step for step in plain if after[step] != plain[step]} == changed


def test_another_process_finds_the_same(tmp_path: Path, plain: dict[str, str]) -> None:
    """Other hash seeds, other folders, other line numbers."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "own.py").write_text("\n\n" + REWRITTEN)
    spec = write_spec(folder, SPEC)
    code = f"from taylorkit import pipeline; print([s.section.fingerprint for s in pipeline.plan({str(spec)!r}).steps])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(list(plain.values()))
