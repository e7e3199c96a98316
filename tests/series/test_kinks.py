"""On ties and kinks derivatives are those beside them, on one side: x₀ + t d as t → 0+, with one direction d.

Every function here is looked at where two of its branches meet. What says by itself where it switches (a comparison, a
custom rule) keeps its own side, as in JAX.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax, nn

from taylorkit.series import monomials
from tests.series import compare
from tests.series.compare import Table

# The first two entries are equal, and the third is 0: with floor, abs, relu and the bounds 0 and 1 all meet.
TIES = np.array([[1.0, 1.0, 0.0]])
ORDER = 2

MEETING: Table = {
    "abs": jnp.abs,
    "maximum": lambda v: jnp.maximum(v[0] ** 2, v[1]),
    "minimum": lambda v: jnp.minimum(v[0] ** 2, v[1]),
    "largest of two": lambda v: jnp.max(v**2),
    "least of three": lambda v: jnp.min(jnp.stack([v[0] ** 3, v[1], v[0] * v[1], v[2] + 4])),
    "running maximum": lambda v: lax.cummax(v**2),
    "running minimum": lambda v: lax.cummin(v**3),
    "window": lambda v: lax.reduce_window(v**2, -jnp.inf, lax.max, (2,), (1,), "VALID"),
    "scattered": lambda v: (v**2).at[jnp.array([0, 2])].max(v[1:]),
    "sort": lambda v: jnp.sort(jnp.stack([v[0] ** 3, v[1], v[2]])),
    "two largest": lambda v: lax.top_k(jnp.stack([v[0] ** 3, v[1], v[2]]), 2)[0],
    "argmax": lambda v: v * jnp.argmax(v),
    "clip": lambda v: jnp.clip(v**2, 0.0, 1.0),
    "clamp": lambda v: lax.clamp(0.0, v**2, 1.0),
    "clamp to moving bounds": lambda v: lax.clamp(0.9 * v[2:].repeat(3) ** 2, v**2, v[:1].repeat(3)),
    "relu": lambda v: nn.relu(v**3),
    "leaky relu": nn.leaky_relu,
    "hard tanh": nn.hard_tanh,
    "sign": lambda v: jnp.sign(v) * v**2,
    "floor": lambda v: jnp.floor(v) * v**2,
    "remainder": lambda v: lax.rem(v**2, v + 1),
    "mod": lambda v: jnp.mod(-(v**2), v + 1),
    "where": lambda v: jnp.where(v > 0, v**2, v),
    "median": lambda v: jnp.median(v**2),
}


OWN_SIDE = frozenset("relu,leaky relu,hard tanh,sign,floor,remainder,mod,where,scattered".split(","))
# Derivatives move as far with the point as the step that it is moved by, times some units.
STEP = 1e-7
NEAR = 1e-5


def test_ties_are_those_beside_them() -> None:
    one_side = {name: f for name, f in MEETING.items() if name not in OWN_SIDE}
    beside = TIES + STEP * np.array([monomials.direction(i) for i in range(TIES.shape[1])])
    expected = compare.by_name(one_side, beside, ORDER, compare.nested)
    for form in compare.QUICK:
        for name, found in compare.in_form(form, one_side, TIES, ORDER).items():
            np.testing.assert_allclose(found, expected[name], atol=NEAR, err_msg=f"{name}, {form}")


def test_ties_of_what_says_its_side_are_as_in_jax() -> None:
    found = compare.differences({name: MEETING[name] for name in OWN_SIDE}, TIES, ORDER)
    assert {which: d for which, d in found.items() if d > compare.ROUNDING} == {}


@pytest.mark.parametrize("form", compare.FORMS)
def test_what_is_not_chosen_may_be_nan(form: str) -> None:
    def f(v: jax.Array) -> jax.Array:
        return jnp.where(v > 2, jnp.log(v - 1) / v, jnp.where(v < 0, jnp.sqrt(v), v**2))

    found = compare.in_form(form, {"f": f}, TIES, 3)["f"]
    assert np.isfinite(found).all()
    assert found[4:10, 0, 0].tolist() == [2, 0, 0, 0, 0, 0]


def test_next_number_moves_with_its_first() -> None:
    """JAX has no derivative of it."""
    found = compare.by_name({"f": lambda v: jnp.nextafter(v**2, 7.0)}, TIES, 1, compare.series)["f"]
    assert found[0, 0, 0] == np.nextafter(1.0, 7.0)
    assert found[1:, 0, 0].tolist() == [2, 0, 0]
