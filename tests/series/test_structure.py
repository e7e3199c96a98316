"""What moves numbers about keeps what is known of them; primitives that no rule names are found to be linear."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

import taylorkit as tk
from taylorkit import precision
from taylorkit.differentiation import series
from taylorkit.series import Run, monomials
from taylorkit.trace import trace
from tests.series import compare

POINT = np.array([[0.5, -2.0, 3.0]])


def entries(f: Callable[[Any], Any], order: int) -> np.ndarray:
    """The single numbers that f makes of three variables, as an array of series."""
    with precision.scope(np.dtype(float)):
        traced = trace(f, "vector", 3, np.dtype(float))
        run = Run(3, order, True, traced.dtype)
        (out,) = run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [series.seed(run, jnp.asarray(POINT[0]))])
    return out


@pytest.mark.parametrize(
    "move",
    [
        lambda v: v[::-1][:2],
        lambda v: jnp.pad(v, 1)[2:4][::-1],
        lambda v: jnp.stack([v, v**2])[0, ::-1][:2],
        lambda v: v[np.array([2, 1])],
        lambda v: jnp.zeros(4).at[np.array([0, 3])].set(v[1:])[::-3],
        lambda v: jnp.sum(jnp.diag(v), axis=0)[::-1][:2],
        lambda v: (jnp.eye(3)[::-1] @ v)[:2],
        lambda v: jnp.cumsum(jnp.array([0.0, 1.0]) * v[2])[::-1] + jnp.array([0.0, 1.0]) * (v[1] - v[2] * 0),
    ],
    ids="reversed padded stacked gathered scattered summed multiplied accumulated".split(),
)
def test_single_numbers_keep_their_own_variables(move: Callable[[Any], Any]) -> None:
    """The third variable, then the second, each of one monomial."""
    codes = [set(entry.part(1).terms) for entry in entries(move, 2)]
    assert codes[0] == {monomials.unit(2)}
    assert codes[1] == {monomials.unit(1)}


def primitive(name: str, compute: Callable[..., Any]) -> Primitive:
    """A primitive such as a later JAX might add: it is computed and mapped over batches."""
    made = Primitive(name)
    made.def_impl(compute)
    made.def_abstract_eval(lambda a, *_: a)
    mlir.register_lowering(made, mlir.lower_fun(compute, multiple_results=False))
    batching.primitive_batchers[made] = lambda arrays, axes: (jax.vmap(compute, tuple(axes))(*arrays), 0)
    return made


def moved(a: Any) -> Any:
    return jnp.roll(a, 1)


def crossed(a: Any, b: Any) -> Any:
    return jnp.roll(a, 1) * jnp.roll(b, 2)


LINEAR, BILINEAR = primitive("moved", moved), primitive("crossed", crossed)
STEP, OWN = primitive("stepped", jnp.floor), primitive("grown", jnp.exp)
ad.defjvp(LINEAR, lambda g, a: LINEAR.bind(g))
ad.defjvp(BILINEAR, lambda g, a, b: BILINEAR.bind(g, b), lambda g, a, b: BILINEAR.bind(a, g))
ad.defjvp(STEP, lambda g, a: jnp.zeros_like(a))
ad.defjvp(OWN, lambda g, a: g * OWN.bind(a))


@pytest.mark.parametrize("form", compare.FORMS)
@pytest.mark.parametrize(
    ("new", "known"),
    [
        (lambda v: LINEAR.bind(v**3), lambda v: moved(v**3)),
        (lambda v: BILINEAR.bind(v**2, v**3), lambda v: crossed(v**2, v**3)),
        (lambda v: BILINEAR.bind(v**2, jnp.ones(3)), lambda v: crossed(v**2, jnp.ones(3))),
        (lambda v: STEP.bind(v) * v**3, lambda v: jnp.floor(v) * v**3),
        (lambda v: BILINEAR.bind(STEP.bind(v), LINEAR.bind(v**2)), lambda v: crossed(jnp.floor(v), moved(v**2))),
        (lambda v: OWN.bind(v**2), lambda v: jnp.exp(v**2)),
    ],
    ids="linear bilinear one-sided step composed own".split(),
)
def test_primitives_of_tomorrow(new: Callable[[Any], Any], known: Callable[[Any], Any], form: str) -> None:
    actual = compare.in_form(form, {"f": new}, POINT, 3)["f"]
    expected = compare.in_form(form, {"f": known}, POINT, 3)["f"]
    np.testing.assert_allclose(actual, expected, rtol=compare.ROUNDING, atol=compare.ROUNDING)


def test_products_into_one_place_are_refused() -> None:
    with pytest.raises(tk.FunctionError, match="unique_indices=True"):
        tk.derivatives(lambda v: v.at[np.array([0, 0])].multiply(v[:2]), POINT, 3, "series")
