"""A loop over points is what `jax.vmap` must equal."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.batching import naive_vmap
from taylorkit.errors import SpecError

PAGE = Path(__file__).parents[1] / "docs" / "why-vmap.md"


def t(x: jax.Array) -> jax.Array:
    return (1 - jnp.exp(-x)) / (1 + jnp.exp(-x))


def test_equals_vmap_on_the_derivative_of_t() -> None:
    xs = jnp.linspace(-7.0, 7.0, 20)
    np.testing.assert_allclose(naive_vmap(jax.grad(t), xs), jax.vmap(jax.grad(t))(xs), rtol=1e-6)


def test_known_slopes() -> None:
    slopes = naive_vmap(jax.grad(t), [1.0, 2.0, 3.0])
    np.testing.assert_allclose(slopes, [0.39322388, 0.20998716, 0.09035333], rtol=1e-6)


def test_several_inputs_and_a_tree_of_outputs() -> None:
    def f(v: jax.Array, y: jax.Array) -> dict[str, jax.Array]:
        return {"dot": v @ v * y, "outer": jnp.outer(v, v)}

    vs, ys = jnp.arange(6.0).reshape(3, 2), jnp.array([1.0, 2.0, 3.0])
    jax.tree.map(np.testing.assert_allclose, naive_vmap(f, vs, ys), jax.vmap(f)(vs, ys))


@pytest.mark.parametrize(
    "batches",
    [(), (1.0,), (np.zeros(0),), (np.zeros(2), np.zeros(3)), (np.zeros(2), 1.0)],
    ids=["none", "no-axis", "no-points", "lengths-differ", "one-without-axis"],
)
def test_what_is_no_batch_is_refused(batches: tuple) -> None:
    with pytest.raises(SpecError, match=r"batches of shapes .* give each input .* with the same N"):
        naive_vmap(lambda *inputs: 0.0, *batches)


def test_the_page_runs_and_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with jax.enable_x64(False):
        exec(compile("\n".join(blocks), str(PAGE), "exec"), {"__name__": "page"})
    printed = capsys.readouterr().out.splitlines()
    said = re.findall(r"print\(.*\)  # (.*)", "\n".join(blocks))
    assert len(printed) == len(said)
    for line, promise in zip(printed[:-1], said[:-1], strict=True):
        # JAX 0.12 ends its error with a further sentence.
        assert line.startswith(promise)
    assert said[-1] == "thousands" and 2000 < int(printed[-1]) < 10_000
