"""What preflight, `check` and `run` do with complex custom rules, and with rules that raise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy import special

import taylorkit as tk
from taylorkit import cli

# Products of two dozen numbers, in two orders.
ROUNDING = 1e-13


@jax.custom_jvp
def square(z: Any) -> Any:
    return z * z


square.defjvp(lambda p, t: (p[0] ** 2, 2 * p[0] * t[0]))


@jax.custom_vjp
def cube(z: Any) -> Any:
    return z**3


cube.defvjp(lambda z: (z**3, z), lambda z, g: (3 * z * z * g,))


@jax.custom_jvp
def without(x: Any) -> Any:
    return jnp.sin(x)


@without.defjvp
def _(primals: Any, tangents: Any) -> Any:
    raise ValueError("no derivative was written")


CASES: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    # w(x) = exp(−x²) on the real axis, but for its imaginary part.
    "wofz": (lambda x: special.wofz(x).real, [np.exp(-1), -2 * np.exp(-1), 2 * np.exp(-1)]),
    "forward": (lambda x: square(x + 2j).imag, [4, 4, 0]),
    "backward": (lambda x: cube(x + 1j).real, [-2, 0, 6]),
    "in a scan": (lambda x: jax.lax.scan(lambda c, _: (square(c), None), x + 0j, None, length=2)[0].real, [1, 4, 12]),
}


@pytest.mark.parametrize("name", CASES)
def test_complex_rules(name: str) -> None:
    f, right = CASES[name]
    report = tk.preflight(f, 1.0, 2)
    assert report.unsupported == [] and report.method is not None
    np.testing.assert_allclose(tk.derivatives(f, [1.0], 2).packed[:, 0], right, rtol=ROUNDING, atol=ROUNDING)


def test_a_rule_that_raises_is_said() -> None:
    (said,) = tk.preflight(lambda x: without(x) * x, 1.0, 1).unsupported
    assert "no derivative was written" in said and "test_complex_rules.py" in said
    assert tk.preflight(lambda x: without(x) * x, 1.0, 0).unsupported == []


SPEC = """
function = "own.py:f"
variables = ["x"]
call = "scalars"
order = 1
grid = { x = [0.5, 1.0] }
"""


def test_a_complex_rule_is_run(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "own.py").write_text(
        "import jax\n\n@jax.custom_jvp\ndef square(z): return z * z\n\n"
        "square.defjvp(lambda p, t: (p[0] ** 2, 2 * p[0] * t[0]))\n\ndef f(x): return square(x + 2j).imag\n"
    )
    (tmp_path / "own.toml").write_text(SPEC)
    options = [str(tmp_path / "own.toml"), "--store", str(tmp_path / "store")]
    assert cli.main(["check", *options]) == 0
    assert cli.main(["run", *options]) == 0, capsys.readouterr().err
    (artifact,) = (tmp_path / "store").glob("*.zarr")
    stored = tk.open(artifact)
    assert stored.status.values.tolist() == [0, 0]
    np.testing.assert_allclose(stored.derivatives.sel(term="x"), [4.0, 4.0], rtol=ROUNDING)
