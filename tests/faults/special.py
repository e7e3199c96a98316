"""`python -m tests.faults.special [--count N] [names…]`: derivatives of special functions to order 6, against mpmath.

Every function at points where a formula changes, cancels or divides by 0. Prints what is wrong; what is in LIMITS is
known to be, by so much, and preflight says so.
"""

import argparse
import random
import sys
from collections.abc import Callable
from math import inf
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as sp
import jax.scipy.stats as stats
import mpmath as mp
import numpy as np

import taylorkit as tk

ORDER, DIGITS = 6, 50
# Of a derivative, or of a thousandth of the largest one of a lower order where it nearly vanishes itself.
TOLERANCE = 2e-9
Case = tuple[Callable[[Any], Any], Callable[[Any], Any], list[float]]


def ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def bessel_k(n: int) -> Callable[[Any], Any]:
    return lambda x: mp.besselj(n, x)


def lse(*terms: Any) -> Any:
    return mp.log(sum(mp.exp(t) for t in terms))


def owens_t(h: Any, a: Any) -> Any:
    return mp.quad(lambda t: mp.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * mp.pi)


def harmonic(theta: Any) -> Any:
    degree, order, azimuth = jnp.array([4]), jnp.array([2]), jnp.array([0.3])
    return sp.sph_harm_y(degree, order, jnp.stack([theta]), azimuth, n_max=4).real[0]


def power_over(logarithm: float) -> Callable[[Any], Any]:
    """λ ↦ (x^λ − 1)/λ by its power series."""
    return lambda x: sum(mp.mpf(logarithm) ** (k + 1) * x**k / mp.factorial(k + 1) for k in range(40))


CASES: dict[str, Case] = {
    "digamma": (sp.digamma, mp.digamma, [-16.5, -0.5, 1e-3, 1.2, 20.0]),
    "gammaln": (sp.gammaln, lambda x: mp.re(mp.loggamma(x)), [-16.5, -0.5, 1.0, 2.0, 30.0]),
    "gamma": (sp.gamma, mp.gamma, [-16.5, -0.5, 1e-3, 1.0, 10.0]),
    "loggamma": (lambda x: sp.loggamma(x).real, mp.loggamma, [0.5, 3.0]),
    "factorial": (sp.factorial, lambda x: mp.gamma(x + 1), [0.5, 3.0]),
    "poch": (lambda x: sp.poch(x, 2.5), lambda x: mp.rf(x, 2.5), [0.5, 2.0, 8.0]),
    "beta": (lambda x: sp.beta(x, 2.0), lambda x: mp.beta(x, 2), [0.5, 2.0]),
    "betaln": (lambda x: sp.betaln(x, 2.0), lambda x: mp.log(mp.beta(x, 2)), [0.5, 2.0, 2.0001, 3.0]),
    "betaln, equal": (lambda x: sp.betaln(x, x), lambda x: mp.log(mp.beta(x, x)), [0.5, 2.0, 30.0]),
    "multigammaln": (
        lambda x: sp.multigammaln(x, 3),
        lambda x: 3 * mp.log(mp.pi) / 2 + sum(mp.loggamma(x - mp.mpf(i) / 2) for i in range(3)),
        [2.0, 5.0],
    ),
    "polygamma 1": (lambda x: sp.polygamma(1, x), lambda x: mp.psi(1, x), [0.1, 1.0, 5.0]),
    "zeta": (lambda x: sp.zeta(3.0, x), lambda x: mp.zeta(3, x), [0.3, 5.0]),
    "i0": (sp.i0, lambda x: mp.besseli(0, x), [0.0, 1e-6, -1e-3, 1.0, -2.0, 9.0]),
    "i1": (sp.i1, lambda x: mp.besseli(1, x), [0.0, 1e-6, -1e-3, 1.0, -2.0, 9.0]),
    "i0e": (sp.i0e, lambda x: mp.exp(-x) * mp.besseli(0, x), [1e-3, 1.0, 9.0]),
    "i1e": (sp.i1e, lambda x: mp.exp(-x) * mp.besseli(1, x), [1e-3, 1.0, 9.0]),
    "bessel_jn": (lambda x: sp.bessel_jn(x, v=2)[2], bessel_k(2), [1e-3, 0.5, 2.0, 9.0]),
    "sinc": (jnp.sinc, mp.sincpi, [0.0, 1e-8, 1e-6, 1e-3, -0.1, 0.5, 2.5]),
    "fresnel, S": (lambda x: sp.fresnel(x)[0], mp.fresnels, [0.0, 1e-3, 1.55, 1.7, 3.0]),
    "fresnel, C": (lambda x: sp.fresnel(x)[1], mp.fresnelc, [0.0, 1e-3, 1.55, 1.7, 3.0]),
    "sici, Si": (lambda x: sp.sici(x)[0], mp.si, [0.0, 1e-3, 3.9, 4.1, 10.0]),
    "sici, Ci": (lambda x: sp.sici(x)[1], mp.ci, [1e-3, 0.5, 3.9, 4.1, 10.0]),
    "expi": (sp.expi, mp.ei, [-3.0, -0.1, 0.1, 1.5, 6.0, 20.0]),
    "exp1": (sp.exp1, mp.e1, [0.1, 1.0, 1.5, 20.0]),
    "expn": (lambda x: sp.expn(3, x), lambda x: mp.expint(3, x), [0.1, 1.0, 1.5, 20.0]),
    "ndtr": (sp.ndtr, ndtr, [-10.0, -1.0, 0.0, 1e-3, 2.0, 8.0]),
    "log_ndtr": (sp.log_ndtr, lambda x: mp.log(ndtr(x)), [-40.0, -10.0, -5.0, -1.5, -1e-3, 0.0, 1e-3, 1.0, 5.0]),
    "ndtri": (sp.ndtri, lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), [1e-5, 0.1, 0.1353352832366127, 0.5, 0.9]),
    "erf": (sp.erf, mp.erf, [0.0, 0.5, -5.0]),
    "erfc": (sp.erfc, mp.erfc, [0.0, 0.5, 8.0]),
    "erfinv": (sp.erfinv, mp.erfinv, [0.0, 0.5, -0.99]),
    "erfcx": (sp.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x), [-1.0, 0.0, 0.9, 1.1, 5.0, 20.0]),
    "dawsn": (sp.dawsn, lambda x: mp.exp(-x * x) * mp.erfi(x) * mp.sqrt(mp.pi) / 2, [0.0, 1e-3, 1.0, 5.0, 12.0]),
    "wofz": (
        lambda x: sp.wofz(x + 0.5j).real,
        lambda x: mp.re(mp.exp(-((x + 0.5j) ** 2)) * mp.erfc(-1j * (x + 0.5j))),
        [0.5, 2.0],
    ),
    "spence": (sp.spence, lambda x: mp.polylog(2, 1 - x), [1e-3, 0.3, 0.5, 0.61, 1.0, 1.1, 1.5, 3.0, 4.1]),
    "betainc": (
        lambda x: sp.betainc(2.0, 3.5, x),
        lambda x: mp.betainc(2, 3.5, 0, x, regularized=True),
        [1e-10, 0.01, 0.4, 0.9, 1 - 1e-9],
    ),
    "betainc, ½": (
        lambda x: sp.betainc(0.5, 0.5, x),
        lambda x: mp.betainc(0.5, 0.5, 0, x, regularized=True),
        [1e-10, 0.01, 0.9],
    ),
    "gammainc": (
        lambda x: sp.gammainc(2.5, x),
        lambda x: mp.gammainc(2.5, 0, x, regularized=True),
        [1e-10, 1e-2, 1.0, 8.0],
    ),
    "gammainc, 2": (
        lambda x: sp.gammainc(2.0, x),
        lambda x: mp.gammainc(2, 0, x, regularized=True),
        [1e-10, 1e-2, 1.0, 8.0],
    ),
    "gammaincc": (
        lambda x: sp.gammaincc(2.0, x),
        lambda x: mp.gammainc(2, x, mp.inf, regularized=True),
        [1e-10, 1e-2, 1.0, 8.0],
    ),
    "hyp2f1": (
        lambda x: sp.hyp2f1(0.5, 1.25, 2.25, x),
        lambda x: mp.hyp2f1(0.5, 1.25, 2.25, x),
        [-0.5, 0.0, 1e-3, 0.7],
    ),
    "hyp2f1, near 1": (lambda x: sp.hyp2f1(0.5, 1.25, 2.25, x), lambda x: mp.hyp2f1(0.5, 1.25, 2.25, x), [0.95]),
    "hyp1f1, below 0": (lambda x: sp.hyp1f1(0.5, 1.25, x), lambda x: mp.hyp1f1(0.5, 1.25, x), [-12.0]),
    "owens_t, h": (lambda x: sp.owens_t(x, 0.5), lambda x: owens_t(x, 0.5), [0.0, 1e-9, 2.0]),
    "owens_t, a": (lambda x: sp.owens_t(0.5, x), lambda x: owens_t(0.5, x), [0.0, 1.0, 2.0]),
    "comb": (lambda x: sp.comb(x, 3.0), lambda x: mp.binomial(x, 3), [3.5, 5.0, 10.0]),
    "comb, k": (lambda x: sp.comb(6.0, x), lambda x: mp.binomial(6, x), [1.5, 3.0]),
    "sph_harm_y": (harmonic, lambda x: mp.re(mp.spherharm(4, 2, x, 0.3)), [0.5, 1.2]),
    "sph_harm_y, near a pole": (harmonic, lambda x: mp.re(mp.spherharm(4, 2, x, 0.3)), [0.001]),
    "boxcox1p": (lambda x: sp.boxcox1p(x, 0.25), lambda x: ((1 + x) ** mp.mpf(0.25) - 1) * 4, [0.0, 1e-9, 2.0]),
    "boxcox, λ": (lambda x: sp.boxcox(1.5, x), power_over(mp.log(1.5)), [1.0, 2.0]),
    "boxcox, small λ": (lambda x: sp.boxcox(1.5, x), power_over(mp.log(1.5)), [0.0, 1e-9, 0.2]),
    "boxcox1p, small λ": (lambda x: sp.boxcox1p(0.5, x), power_over(mp.log(1.5)), [0.0, 1e-9, 0.2]),
    "gammasgn": (lambda x: x * sp.gammasgn(x), lambda x: x, [0.5, 2.0]),
    "bernoulli": (lambda x: x * sp.bernoulli(2)[1], lambda x: -x / 2, [0.5, 2.0]),
    "softmax": (
        lambda x: sp.softmax(jnp.stack([x, 2 * x]))[1],
        lambda x: 1 / (1 + mp.exp(-x)),
        [0.0, 3.0, -2.0],
    ),
    "log_softmax": (
        lambda x: sp.log_softmax(jnp.stack([x, 2 * x]))[1],
        lambda x: -mp.log(1 + mp.exp(-x)),
        [0.0, 3.0, -2.0],
    ),
    "jnp.i0": (jnp.i0, lambda x: mp.besseli(0, x), [0.0, 1e-6, -1e-3, 1.0, -2.0, 9.0]),
    "bessel_jn, 80 turns": (
        lambda x: sp.bessel_jn(x, v=1, n_iter=80)[1],
        lambda x: mp.besselj(1, x),
        [0.1, 30.0, 45.0, 50.0],
    ),
    "wofz, near the real axis": (
        lambda x: sp.wofz(x + 0.01j).real,
        lambda x: mp.re(mp.exp(-((x + mp.mpc(0, 0.01)) ** 2)) * mp.erfc(-1j * (x + mp.mpc(0, 0.01)))),
        [0.5, 8.0],
    ),
    "vonmises.logpdf": (
        lambda x: stats.vonmises.logpdf(0.5, x),
        lambda x: x * mp.cos(0.5) - mp.log(2 * mp.pi * mp.besseli(0, x)),
        [1e-3, 1.0, 9.0],
    ),
    "gamma.cdf": (
        lambda x: stats.gamma.cdf(x, 2.0),
        lambda x: mp.gammainc(2, 0, x, regularized=True),
        [1e-10, 1.0],
    ),
    "chi2.cdf": (
        lambda x: stats.chi2.cdf(x, 4.0),
        lambda x: mp.gammainc(2, 0, x / 2, regularized=True),
        [1e-10, 1.0],
    ),
    "beta.cdf": (
        lambda x: stats.beta.cdf(x, 2.0, 3.0),
        lambda x: mp.betainc(2, 3, 0, x, regularized=True),
        [1e-10, 0.5],
    ),
    "hyp1f1": (lambda x: sp.hyp1f1(1.0, 2.5, x), lambda x: mp.hyp1f1(1, 2.5, x), [0.5, 3.0]),
    "boxcox": (lambda x: sp.boxcox(x, 0.3), lambda x: (x ** mp.mpf(0.3) - 1) / mp.mpf(0.3), [0.5, 2.0]),
    "logit": (sp.logit, lambda x: mp.log(x / (1 - x)), [1e-5, 0.5, 0.999]),
    "expit": (sp.expit, lambda x: 1 / (1 + mp.exp(-x)), [-30.0, 0.0, 20.0]),
    "entr": (sp.entr, lambda x: -x * mp.log(x), [1e-5, 1.0, 3.0]),
    "kl_div": (lambda x: sp.kl_div(x, 2.0), lambda x: x * mp.log(x / 2) - x + 2, [0.1, 2.0]),
    "rel_entr": (lambda x: sp.rel_entr(x, 2.0), lambda x: x * mp.log(x / 2), [0.1, 2.0]),
    "xlogy": (lambda x: sp.xlogy(x, x + 1), lambda x: x * mp.log(x + 1), [0.0, 1e-3, 2.0]),
    "xlog1py": (lambda x: sp.xlog1py(x, x), lambda x: x * mp.log(x + 1), [0.0, 1e-3, 2.0]),
    "hypot": (lambda x: jnp.hypot(x, 1.0), lambda x: mp.sqrt(x * x + 1), [0.0, 1e-9, 1.0, -1.0, 3.0]),
    "norm": (
        lambda x: jnp.linalg.norm(jnp.stack([x, x + 1])),
        lambda x: mp.sqrt(x * x + (x + 1) ** 2),
        [0.0, -1.0],
    ),
    "logaddexp": (lambda x: jnp.logaddexp(x, 0.5), lambda x: lse(x, 0.5), [0.5, 2.0, -40.0]),
    "logsumexp": (lambda x: sp.logsumexp(jnp.stack([x, x, 2 * x])), lambda x: lse(x, x, 2 * x), [0.0, 1.0]),
    "logsumexp, b = 0": (
        lambda x: sp.logsumexp(jnp.stack([x, 2 * x, 3 * x]), b=jnp.array([1.0, 0.0, 2.0])),
        lambda x: mp.log(mp.exp(x) + 2 * mp.exp(3 * x)),
        [0.0, 1.0],
    ),
    "softplus": (jax.nn.softplus, lambda x: mp.log(1 + mp.exp(x)), [0.0, 30.0, -30.0]),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), lambda x: x * ndtr(x), [0.0, 3.0]),
}
# Known to lose digits, at most so many where a number says so; preflight warns of each.
LIMITS = {
    "dawsn": 1e-5,
    "hyp1f1, below 0": inf,
    "hyp2f1, near 1": inf,
    "sph_harm_y, near a pole": inf,
    "boxcox, small λ": inf,
    "boxcox1p, small λ": inf,
    "wofz, near the real axis": inf,
}


def wrong(names: list[str]) -> dict[str, str]:
    """The cases that are wrong beyond their tolerance, with the worst point and derivative of each."""
    found = {name: _worst(*CASES[name]) for name in names}
    return {name: words for name, (error, words) in found.items() if not error < LIMITS.get(name, TOLERANCE)}


def _worst(f: Callable[[Any], Any], exact: Callable[[Any], Any], points: list[float]) -> tuple[float, str]:
    packed = tk.derivatives(f, np.array(points), ORDER, "series").packed
    return max(_error(exact, x, packed[:, i]) for i, x in enumerate(points))


def _error(exact: Callable[[Any], Any], x: float, found: np.ndarray) -> tuple[float, str]:
    """Of the value only JAX can be right or wrong: it sets the scale."""
    with mp.workdps(DIGITS):
        expected = [mp.re(c) * mp.factorial(k) for k, c in enumerate(mp.taylor(exact, mp.mpf(x), ORDER))]
        errors, scale = [(0.0, "")], abs(expected[0])
        for k, (e, d) in enumerate(zip(expected, found.tolist(), strict=True)):
            scale = max(scale, abs(e))
            if k:
                error = (
                    float(abs(mp.mpf(d) - e) / max(abs(e), scale / 1000, mp.mpf("1e-300")))
                    if np.isfinite(d)
                    else np.inf
                )
                errors.append((error, f"derivative {k} at {x}: {d:.10g} for {mp.nstr(e, 10)}"))
    return max(errors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=sorted(CASES))
    parser.add_argument("--count", type=int, default=len(CASES))
    arguments = parser.parse_args()
    names = random.Random(0).sample(arguments.names, min(arguments.count, len(arguments.names)))
    bad = 0
    for name in names:
        for words in wrong([name]).values():
            bad += 1
            print(f"{name}: {words}", flush=True)
    print(f"{len(names)} functions to order {ORDER}: {bad} wrong; known to lose digits: {', '.join(LIMITS)}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
