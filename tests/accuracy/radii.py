"""How fast an error made at one degree may grow into the next: the r of the accuracy bound

    |error of degree k| ≤ c · u · max_{j≤k} |a_j| r^(j−k).

r is the smallest radius of convergence, about the point, of f and of what f computes on the way: a quotient's
recurrence divides by b₀ each time, and 1/b₀ has a radius of its own. Where nothing that is summed cancels (exp, sin,
sinh, polynomials) an error is relative to its own coefficient: r = ∞. Other entire functions do cancel (the Hermite
polynomials in erf, the differences in Bessel's functions), and no one radius tells how far: for them r depends on the
degree, and is the root test before its limit, r_k = A_k^(−1/k), A the coefficients of a majorant exp(g₁ z + g₂ z² + …)
of how f grows about the point.
"""

from collections.abc import Callable
from math import inf, pi, sqrt

# Point, degree ↦ r.
Radius = Callable[[float, int], float]


def no_cancellation(x: float, k: int) -> float:
    """Each coefficient comes of one term, or of terms of one sign: its error is relative to itself."""
    return inf


def singular_at(*singularities: complex) -> Radius:
    return lambda x, k: min(abs(x - s) for s in singularities)


def singular_every(period: float, singularity: complex) -> Radius:
    """The nearest of singularity + period · integer."""
    return lambda x, k: abs(complex((x - singularity.real + period / 2) % period - period / 2, singularity.imag))


def entire(*growth: Callable[[float], float]) -> Radius:
    """The root test before its limit, for exp(g₁(x) z + g₂(x) z² + …)."""

    def radius(x: float, k: int) -> float:
        return root_test([g(x) for g in growth], k)

    return radius


def root_test(growth: list[float], k: int) -> float:
    """A_k^(−1/k), with n A_n = Σ j g_j A_(n−j)."""
    majorant = [1.0]
    for n in range(1, k + 1):
        majorant.append(sum(j * g * majorant[n - j] for j, g in enumerate(growth, 1) if j <= n) / n)
    return majorant[k] ** (-1 / k) if k and majorant[k] else inf


def exponential_type(sigma: float) -> Radius:
    """f grows about any point as exp(σ z) does."""
    return entire(lambda x: sigma)


def smallest(*radii: Radius) -> Radius:
    return lambda x, k: min(r(x, k) for r in radii)


# exp(−(x + z)²): what erf and its kin are integrals of.
gaussian = entire(lambda x: 2 * abs(x), lambda x: 1.0)
zero = singular_at(0)
units = singular_at(1, -1)
imaginary_units = singular_at(1j)
# tanh and the logistic function.
half_pi_i, pi_i = singular_at(pi / 2 * 1j), singular_at(pi * 1j)
tangent = singular_every(pi, pi / 2)
# 2 + cos
cosine_is_minus_two = singular_every(2 * pi, complex(pi, 1.3169578969248166))


def gamma_poles(x: float, k: int) -> float:
    """0, −1, −2, …"""
    return abs(x - min(0, round(x)))


def through_polydisc(distance: float, *growth: float) -> float:
    """The r at which g₁ r + g₂ r² reaches `distance`: an inner polynomial's way to the outer function's singularity."""
    slope, curve = (*growth, 0.0)[:2]
    return distance / slope if curve == 0 else (sqrt(slope**2 + 4 * curve * distance) - slope) / (2 * curve)
