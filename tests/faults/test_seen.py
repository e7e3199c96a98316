"""Fingerprints see what determines numbers: rules of every depth, declared host code, settings; and nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.ode import odeint

import taylorkit as tk
from taylorkit import cli, custom_rules, fingerprint, pipeline, rule_hashes, settings, versions
from taylorkit.differentiation.methods import Method
from taylorkit.errors import FunctionError
from taylorkit.functions import TABLE
from taylorkit.loading import find_function
from taylorkit.trace import Traced, trace
from tests.faults import edits
from tests.faults.edited import CHANGING, KEEPING
from tests.store.making import write_spec

SPEC = """
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 2
name = "run"
method = "nested"

[grid]
x = [0.25, 1.0]
"""
SERIES = Method("series", "xla", 1, "cpu")
# Codes that are quickly differentiated, and as many edits of each; `python -m tests.faults.edits` makes them all.
QUICK, FEW = ("plain",), 4


def traced(f: Callable) -> Traced:
    return trace(f, "scalar", 1, np.dtype("float64"))


def chain(depth: int, last: Callable) -> Callable:
    """A function whose rule calls a function with a rule, and so on; at the `depth`-th rule stands `last`."""

    @jax.custom_jvp
    def g(x: jax.Array) -> jax.Array:
        return jnp.sin(x)

    inner = chain(depth - 1, last) if depth > 1 else last
    g.defjvp(lambda p, t: (g(p[0]), inner(p[0]) * t[0]))
    return g


@pytest.mark.parametrize("depth", range(1, 8))
def test_fault_W5_a_rule_is_seen_from_the_order_on_that_uses_it(depth: int) -> None:
    first, again, other = (
        [fingerprint.of_function(traced(chain(depth, last)), order) for order in (depth - 1, depth)]
        for last in (jnp.cos, lambda x: jnp.cos(x), jnp.exp)
    )
    assert first == again
    assert first[0] == other[0] and first[1] != other[1]


def test_fault_W5_rules_of_many_functions_are_each_looked_at_once() -> None:
    """Bₙ' = (Bₙ₋₁ − Bₙ₊₁)/2 by a rule: the calls of order n are 3ⁿ, the functions 2n + 1."""

    class Counter:
        traces = 0

    def b(n: int) -> Callable:
        @jax.custom_jvp
        def bessel(x: jax.Array) -> jax.Array:
            return jnp.cos(n * x)

        def rule(p: tuple, t: tuple) -> tuple:
            Counter.traces += 1
            return bessel(p[0]), (made(n - 1)(p[0]) - made(n + 1)(p[0])) / 2 * t[0]

        bessel.defjvp(rule)
        return bessel

    known: dict[int, Callable] = {}

    def made(n: int) -> Callable:
        return known.setdefault(n, b(n))

    program = traced(lambda x: made(3)(x))
    levels = [len(level) for level in custom_rules.of(program).levels(8)]
    # A rule counts by all that it closes over, and `known` grows: each level may see all functions anew.
    assert all(found <= 2 * n + 1 for n, found in enumerate(levels))
    rule_hashes.of(program).hash(8)
    assert 0 < Counter.traces < 100


@pytest.mark.parametrize("kind", ["changing", "keeping"])
def test_fault_W5_edits(tmp_path: Path, kind: str) -> None:
    table = CHANGING if kind == "changing" else KEEPING
    chosen = edits.edits({code: table[code][-FEW:] for code in QUICK})
    assert len(chosen) == FEW * len(QUICK)
    assert list(edits.wrong(chosen, kind == "changing", tmp_path)) == []


def test_there_are_as_many_edits_as_are_told() -> None:
    assert len(edits.edits(CHANGING)) == 100 and len(edits.edits(KEEPING)) == 50


CALLBACK = """
import jax, jax.numpy as jnp, numpy as np

def host(x):
    return np.HOST(x)

def out(f, x):
    return jax.pure_callback(f, jax.ShapeDtypeStruct((), x.dtype), x, vmap_method="expand_dims")

@jax.custom_jvp
def g(x):
    return VALUE

@g.defjvp
def rule(p, t):
    return g(p[0]), SLOPE * t[0]

def f(x):
    return g(x) * 2.0
"""
# Where the call stands: in f, in its rule, in the rule of a function that the rule calls.
CALLS = {
    "value": ("out(host, x)", "jnp.cos(p[0])", "pure_callback at "),
    "rule": ("jnp.sin(x)", "out(host, p[0])", "pure_callback at "),
    "io": ("jax.experimental.io_callback(host, x, x)", "jnp.cos(p[0])", "io_callback at "),
}


def written(folder: Path, name: str, host: str = "sin") -> Path:
    value, slope, _ = CALLS[name]
    text = CALLBACK.replace("VALUE", value).replace("SLOPE", slope).replace("HOST", host)
    (folder / "own.py").write_text(text.replace("import jax,", "import jax, jax.experimental,"))
    return write_spec(folder, SPEC)


@pytest.mark.parametrize("name", ["value", "rule"])
def test_fault_W5_code_of_the_host_needs_a_version(tmp_path: Path, name: str) -> None:
    spec = written(tmp_path, name)
    with pytest.raises(FunctionError, match=rf'own\.py:f: {CALLS[name][2]}.*own\.py:\d+.*version = "…" of your own'):
        pipeline.plan(spec, ["order=1"], tmp_path / "store")
    first, again, other = (
        pipeline.plan(spec, ["order=1", f"version={version}"], tmp_path / "store").groups[0].attributes["fingerprint"]
        for version in ("my-data-2026", "my-data-2026", "my-data-2027")
    )
    assert first == again != other


def test_fault_W5_an_edit_of_the_host_code_is_computed_when_its_version_is_raised(tmp_path: Path) -> None:
    found = []
    for host, version in (("sin", "first"), ("exp", "second")):
        job = pipeline.plan(written(tmp_path, "value", host), ["order=0", f"version={version}"], tmp_path / "store")
        assert sum(filled.computed for filled in pipeline.run(job)) > 0
        found.append(tk.open(job.artifact).derivatives.sel(term="1").values)
    points = np.array([0.25, 1.0])
    np.testing.assert_allclose(found, [2 * np.sin(points), 2 * np.exp(points)], rtol=1e-15)


def test_a_version_is_in_no_fingerprint_that_has_none(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, SPEC.replace("own.py:f", "runge"))
    one, other = (pipeline.plan(spec, o, tmp_path).groups[0].attributes for o in ((), ("version=1.0-beta",)))
    assert "version" not in one["inputs"]["derivatives"]
    assert other["inputs"]["derivatives"]["version"] == "1.0-beta" and one["fingerprint"] != other["fingerprint"]


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("", {}),
        ("--xla_cpu_enable_fast_math=true", {"xla_cpu_enable_fast_math": "true"}),
        ("--xla_cpu_enable_fast_math", {"xla_cpu_enable_fast_math": "true"}),
        ("--xla_cpu_enable_fast_math=true --xla_cpu_enable_fast_math=false", {}),
        ("--xla_allow_excess_precision=false", {"xla_allow_excess_precision": "false"}),
        ("--xla_allow_excess_precision=True --xla_dump_to=/tmp/a", {}),
        ("--xla_force_host_platform_device_count=8 --xla_cpu_multi_thread_eigen=false", {}),
        ("--xla_gpu_deterministic_ops=1", {"xla_gpu_deterministic_ops": "true"}),
    ],
)
def test_fault_W9_flags_of_xla_are_inputs_where_they_change_numbers(
    flags: str, found: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLA_FLAGS", flags)
    assert settings.arithmetic("cpu") == found


def test_fault_W9_settings_of_jax_are_inputs_where_they_are_not_usual(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, SPEC.replace("own.py:f", "runge"))
    plain = pipeline.plan(spec, (), tmp_path).groups[0].attributes
    assert "settings" not in plain["inputs"]["derivatives"]
    with jax.default_matmul_precision("bfloat16"):
        other = pipeline.plan(spec, (), tmp_path).groups[0].attributes
    assert other["inputs"]["derivatives"]["settings"] == {"jax_default_matmul_precision": "bfloat16"}
    with jax.numpy_dtype_promotion("strict"):
        assert settings.arithmetic("cpu") == {"jax_numpy_dtype_promotion": "strict"}
    assert pipeline.plan(spec, (), tmp_path).groups[0].attributes["fingerprint"] == plain["fingerprint"]


BACKWARD = """
import jax, jax.numpy as jnp
from jax.experimental.ode import odeint

@jax.custom_vjp
def k(x):
    return jnp.sin(x)

k.defvjp(lambda x: (k(x), x), lambda x, ct: (SLOPE * jnp.cos(x) * ct,))

def calls_itself(x):
    return x * k(x)

def solved(p):
    return odeint(lambda y, t: -SLOPE * p * y, jnp.ones_like(p), jnp.array([0.0, 0.5]))[-1]

def clipped(x):
    return clip(x) * x

@jax.custom_vjp
def clip(x):
    return SLOPE * x

clip.defvjp(lambda x: (SLOPE * x, None), lambda _, ct: (jnp.clip(ct, -0.5, 0.5) * SLOPE,))
"""


@pytest.mark.parametrize(("name", "order"), [("calls_itself", 2), ("calls_itself", 3), ("solved", 1), ("clipped", 1)])
def test_fault_R22_what_nested_cannot_serve_has_a_fingerprint(tmp_path: Path, name: str, order: int) -> None:
    found = []
    for slope in ("1.0", "1.0", "2.0"):
        (tmp_path / "own.py").write_text(BACKWARD.replace("SLOPE", slope))
        program = trace(find_function(f"own.py:{name}", tmp_path).function, "scalar", 1, np.dtype("f8"))
        found.append(fingerprint.of_function(program, order))
    assert found[0] == found[1] and found[0]["rules"] != found[2]["rules"]


def test_fault_R22_check_and_run_end_well(tmp_path: Path) -> None:
    """With a value, not with a fault of taylorkit's own: (x sin x)'' = 2 cos x − x sin x."""
    (tmp_path / "own.py").write_text(BACKWARD.replace("SLOPE", "1.0"))
    spec = write_spec(tmp_path, SPEC.replace("own.py:f", "own.py:calls_itself").replace('method = "nested"', ""))
    assert cli.main(["check", str(spec), "--store", str(tmp_path / "store")]) == 0
    assert cli.main(["run", str(spec), "--store", str(tmp_path / "store"), "--no-report"]) == 0
    (artifact,) = (tmp_path / "store").glob("*.zarr")
    x = np.array([0.25, 1.0])
    second = tk.open(artifact).derivatives.sel(term="x^2").values
    np.testing.assert_allclose(second, 2 * np.cos(x) - x * np.sin(x), rtol=4e-15)


@jax.custom_jvp
def ignoring(x: jax.Array, y: jax.Array) -> jax.Array:
    return x * y


ignoring.defjvp(lambda p, t: (ignoring(*p), p[1] * t[0]))
ONE, TWO = chain(2, jnp.cos), chain(2, jnp.exp)
AFFECTED = {
    "ignored-operands": lambda x: ignoring(x, jnp.sin(x)),
    "alike-rules": lambda x: ONE(x) - TWO(x),
    "backward-rules": lambda p: odeint(lambda y, t: -p * y, jnp.ones_like(p), jnp.array([0.0, 0.5]))[-1],
    "deep-rules": lambda x: chain(3, jnp.cos)(x),
}
UNAFFECTED = {
    "relu": jax.nn.relu,
    "logaddexp": lambda x: jnp.logaddexp(x, 2 * x),
    "one rule twice": lambda x: ONE(x) - ONE(2 * x),
    "solve": lambda x: jnp.linalg.solve(jnp.eye(2) * (x + 2), jnp.ones(2))[0],
}
OF_RULES = frozenset(AFFECTED)


@pytest.mark.parametrize("name", AFFECTED)
def test_a_mended_fault_affects_the_programs_that_it_made_wrong(name: str) -> None:
    assert name in versions.mended(traced(AFFECTED[name]), 3, SERIES)


@pytest.mark.parametrize("name", UNAFFECTED)
def test_a_mended_fault_affects_no_other(name: str) -> None:
    assert OF_RULES.isdisjoint(versions.mended(traced(UNAFFECTED[name]), 6, SERIES))


def test_no_named_function_has_a_fault_of_rules() -> None:
    for name, entry in TABLE.items():
        form = "vector" if entry.call == "vector" else "scalars" if len(entry.variables) > 1 else "scalar"
        program = trace(entry.function, form, len(entry.variables), np.dtype("float64"))
        assert OF_RULES.isdisjoint(versions.mended(program, 6, SERIES)), name
    assert "XLA_FLAGS" not in os.environ or settings.flags(os.environ["XLA_FLAGS"]) == {}


@pytest.mark.parametrize("name", ["value", "rule"])
def test_preflight_names_code_outside_of_jax(tmp_path: Path, name: str) -> None:
    written(tmp_path, name)
    f = find_function("own.py:f", tmp_path).function
    (said,) = [line for line in tk.preflight(f, 0.5, 1).warnings if "outside" in line]
    assert said.startswith("pure_callback at ") and "own.py:8" in said and "needs a spec with a version" in said
