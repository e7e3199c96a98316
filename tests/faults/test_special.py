"""Special functions of JAX where its own derivatives are wrong, and masked infinities."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as sp
import jax.scipy.stats as stats
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.inspection import limits
from taylorkit.trace import trace
from tests.faults.special import CASES, LIMITS, wrong

ROUNDING = 1e-13


def test_fault_R18_where_jax_is_wrong() -> None:
    assert wrong(["i0", "sinc", "gammaln", "hypot", "logsumexp, b = 0"]) == {}


def test_fault_R18_wrappers_of_special_functions() -> None:
    """`jnp.i0` is another program than that of jax.scipy.special; distributions hold their functions."""
    assert wrong(["jnp.i0", "gamma.cdf"]) == {}
    found = tk.derivatives(lambda x: jnp.i0(jnp.stack([x, x])).sum(), np.zeros(1), 2).packed  # auto takes series
    assert found[2, 0] == 1.0


def test_fault_R18_other_methods_are_warned_of() -> None:
    for f in (jnp.i0, jnp.sinc, lambda x: sp.gammainc(2.0, x), lambda x: stats.vonmises.logpdf(0.5, x)):
        assert any("series is right" in words for words in tk.preflight(f, 0.5, 2, "nested").warnings)
        assert tk.preflight(f, 0.5, 2).warnings == []


def test_fault_R10_turns_of_bessel_jn() -> None:
    assert wrong(["bessel_jn, 80 turns"]) == {}


def test_fault_R10_incomplete_integrals() -> None:
    assert wrong(["gammainc, 2", "betainc"]) == {}
    at_zero = {
        "whole": (lambda x: sp.gammainc(3.0, x), [0, 0, 0, 1, -3]),
        "one": (lambda x: sp.gammaincc(1.0, x), [1, -1, 1, -1, 1]),
        "beta": (lambda x: sp.betainc(2.0, 3.0, x), [0, 0, 12, -48, 72]),
        "its other end": (lambda x: sp.betainc(2.0, 3.0, 1 - x), [1, 0, 0, -24, 72]),
        "no derivative": (lambda x: sp.gammainc(2.5, x), [0, 0, 0, np.inf, -np.inf]),
    }
    for name, (f, exact) in at_zero.items():
        np.testing.assert_allclose(tk.derivatives(f, np.zeros(1), 4).packed[:, 0], exact, rtol=ROUNDING, err_msg=name)


def test_fault_R10_every_special_function_of_jax_is_in_the_table() -> None:
    """A function that JAX adds needs a case; what is known to lose digits is warned of."""
    public = {name for name in dir(sp) if not name.startswith("_") and callable(getattr(sp, name))}
    covered = {name.split(",")[0].split(" ")[0] for name in CASES}
    assert public - covered == set()
    for name in LIMITS:
        traced = trace(CASES[name][0], "scalars", 1, np.dtype(np.float64))
        assert any(limits.warnings(traced)), name


def test_fault_R10_pieces_and_recurrences() -> None:
    assert wrong(["log_ndtr", "bessel_jn", "fresnel, C"]) == {}


def test_fault_R10_spence() -> None:
    assert wrong(["spence"]) == {}
    found = tk.derivatives(lambda v: sp.spence(v * v).sum(), np.array([[0.9, 1.2]]), 2, "series").packed
    single = tk.derivatives(lambda x: sp.spence(x * x), np.array([0.9, 1.2]), 2, "series").packed
    np.testing.assert_allclose(found[[3, 5], 0], single[2], rtol=ROUNDING)


def test_fault_R10_a_users_own_pieces_are_his() -> None:
    """With the constants of spence and the name of JAX's program for it."""

    def mine(x: Any) -> Any:
        return jnp.piecewise(x, [x < 0, x == 1, x == 0], [np.nan, 0, np.pi**2 / 6, lambda x: jnp.sin(x) * x])

    found = tk.derivatives(mine, np.array([0.5]), 2, "series").packed[:, 0]
    np.testing.assert_allclose(found[1], np.sin(0.5) + 0.5 * np.cos(0.5), rtol=ROUNDING)


# Derivatives that f takes itself: whether those of the result are wrong somewhere, which preflight must say then.
WITHIN: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "grad of sinc": (jax.grad(jnp.sinc), True),
    "jacfwd of sinc": (jax.jacfwd(jnp.sinc), True),
    "grad of i0": (jax.grad(sp.i0), True),
    "jacfwd of i1": (jax.jacfwd(sp.i1), True),
    "grad of i0e": (jax.grad(sp.i0e), True),
    "grad of digamma": (jax.grad(sp.digamma), True),
    "grad of bessel_jn": (jax.grad(lambda x: sp.bessel_jn(x, v=2)[2]), True),
    "grad of sici": (jax.grad(lambda x: sp.sici(x)[0]), True),
    "grad of hypot": (jax.grad(lambda x: jnp.hypot(x, 1.0)), False),
    "grad of spence": (jax.grad(sp.spence), True),
    "spence, mapped": (lambda x: jax.vmap(sp.spence)(jnp.stack([x, 2 * x])).sum(), True),
    "grad of log_ndtr": (jax.grad(sp.log_ndtr), False),
    "grad of gammaln": (jax.grad(sp.gammaln), False),
    "grad of logsumexp": (jax.grad(lambda x: sp.logsumexp(jnp.stack([x, 2 * x]))), False),
    "grad of norm": (jax.grad(lambda x: jnp.linalg.norm(jnp.stack([x, x + 1]))), False),
    "no derivative": (lambda x: jnp.hypot(x, 1.0) + sp.i0(x) + sp.i1e(x) * jnp.sinc(x) + sp.spence(x), False),
}


def test_fault_R18_derivatives_within_f_are_flagged() -> None:
    programs = {name: trace(f, "scalars", 1, np.dtype(np.float64)) for name, (f, _) in WITHIN.items()}
    said = {name: any(limits.warnings(traced)) for name, traced in programs.items()}
    assert said == {name: flagged for name, (_, flagged) in WITHIN.items()}


def test_fault_R18_poles_of_digamma() -> None:
    """ψ' is +∞ from both sides, ψ'' has no limit, and nothing there is a number."""
    for f, first in ((sp.digamma, 1), (sp.gammaln, 2)):
        found = tk.derivatives(f, np.array([0.0, -1.0, -2.0, -30.0]), 4, "series").packed
        assert not np.isfinite(found).any()
        assert (found[first] == np.inf).all()
    near = tk.derivatives(sp.digamma, np.array([-1 + 1e-3]), 2, "series").packed[:, 0]
    np.testing.assert_allclose(near[1:], [1e6, -2e9], rtol=1e-4)  # 1/ε² and −2/ε³, and what is regular


def test_fault_R9_exponential_integrals() -> None:
    assert wrong(["exp1"]) == {}


def test_fault_R18_jax_itself_is_wrong_there() -> None:
    """Else the table of rules has one too many."""
    third = jax.grad(jax.grad(jax.grad(jnp.sinc)))(1e-6)
    assert abs(third - 1.9e-5) > 1
    assert set(CASES) >= {"i0", "sinc", "log_ndtr"}


def sinc(x: Any) -> Any:
    """No function of JAX's, although it has the name of one."""
    return jnp.sin(3 * x) * x


def test_fault_R18_a_users_function_of_the_same_name_is_his() -> None:
    found = tk.derivatives(jax.jit(sinc), np.array([0.5]), 1, "series").packed[:, 0]
    np.testing.assert_allclose(found, [np.sin(1.5) * 0.5, np.sin(1.5) + 1.5 * np.cos(1.5)], rtol=ROUNDING)


# Functions with an infinity that is masked, each with the same without it.
MASKED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "logsumexp with −inf": (
        lambda v: sp.logsumexp(jnp.stack([v[0], v[1], -jnp.inf])),
        lambda v: jnp.log(jnp.exp(v[0]) + jnp.exp(v[1])),
    ),
    "logsumexp of weights": (
        lambda v: sp.logsumexp(v, b=jnp.array([1.0, 0.0])),
        lambda v: v[0],
    ),
    "softmax under a mask": (
        lambda v: jax.nn.softmax(
            jnp.where(jnp.array([True, False, True]), jnp.stack([v[0], v[1], v[0] * v[1]]), -jnp.inf)
        ),
        lambda v: jnp.stack([1 / (1 + jnp.exp(v[0] * v[1] - v[0])), 0.0 * v[0], 1 / (1 + jnp.exp(v[0] - v[0] * v[1]))]),
    ),
    "a row of −inf": (
        lambda v: sp.logsumexp(jnp.stack([jnp.stack([v[0], v[1]]), jnp.full(2, -jnp.inf)]), axis=1)[0],
        lambda v: jnp.log(jnp.exp(v[0]) + jnp.exp(v[1])),
    ),
    "log of a masked sum": (
        lambda v: jnp.where(v[0] > 0, jnp.log(v[0]) * v[1], -jnp.inf),
        lambda v: jnp.log(v[0]) * v[1],
    ),
}


@pytest.mark.parametrize("name", MASKED)
def test_fault_E5_masked_infinities(name: str) -> None:
    f, plain = MASKED[name]
    point = np.array([[0.3, 0.9]])
    found, expected = (tk.derivatives(g, point, 2, "series").packed for g in (f, plain))
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)


def test_fault_E5_all_of_a_row_masked() -> None:
    """log Σ of nothing is −inf, and does not move."""
    rows = {
        "added": lambda v: sp.logsumexp(v + jnp.full(2, -jnp.inf)),
        "chosen": lambda v: sp.logsumexp(jnp.where(jnp.array([False, False]), v, -jnp.inf)),
        "weights": lambda v: sp.logsumexp(v, b=jnp.zeros(2)),
    }
    for name, f in rows.items():
        found = tk.derivatives(f, np.array([[0.3, 0.9]]), 2, "series").packed[:, 0]
        assert found.tolist() == [-np.inf, 0, 0, 0, 0, 0], name


def padded_sum(g: Any) -> Any:
    """2 g: XLA makes 3 g of it where it is compiled for many points."""
    return jax.lax.cumsum(jax.lax.pad(g[None], 0.0, [(1, 1, 0)])).sum()


@jax.custom_vjp
def doubled(x: Any) -> Any:
    return jnp.sin(x)


doubled.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (padded_sum(g) * jnp.cos(x),))


def test_fault_R5_a_sum_that_xla_gets_wrong_is_named() -> None:
    """Else the table of primitives has a warning too many."""
    compiled = jax.jit(lambda v: jax.lax.cumsum(jax.lax.pad(v, 0.0, [(0, 0, 0), (1, 1, 0)]), 1))(jnp.ones((1, 1)))
    assert compiled.tolist() == [[1, 1, 1]]

    def twice(g: Any) -> Any:
        return jax.lax.cumsum(jax.lax.pad(g[None], 0.0, [(2, 2, 0)]))[1] * g

    def other(g: Any) -> Any:
        return jax.lax.cumsum(jax.lax.pad(g[None], 0.0, [(2, 1, 0)])).sum()

    said = [
        [w for w in limits.warnings(trace(f, "scalars", 1, np.dtype(np.float64))) if w.startswith("XLA")]
        for f in (padded_sum, twice, lambda x: x * doubled(x), other, lambda x: jnp.cumsum(x[None])[0])
    ]
    assert [len(words) for words in said] == [1, 1, 1, 0, 0]
