"""How far Taylor polynomials can be trusted: errors, trust radius, radius of convergence.

What is sampled is called sampled: a maximum over samples is no bound. NumPy only; f itself comes in as values.
"""

from collections.abc import Callable, Iterable

import numpy as np

from taylorkit import multi_index
from taylorkit.polynomial import by_degree, order_of

# Below this there are too few degrees for an estimate of the radius of convergence.
LEAST_ORDER = 8
# A radius that grows by more than this from one third of the degrees to the next is that of an entire function, or of
# one whose singularity does not show yet: of exp it grows by 1.5 (order 4) to 2, of exp(−x²) by 1.2 and more.
GROWING = 1.15
# At a branch point the two radii are too large by k^(−s): the last third is as far again, times this, from the limit.
FURTHER = 1.4
# So many orders must agree, the last ones, within this factor.
ORDERS, AGREE = 4, 1.3
# What is left to do for functions whose singularity shows late: erf(log x) comes out by 1.34 too large, Γ(x) by 1.18.
SAFETY = 0.8

# Numbers held at once while sampling: 32 MiB of float64.
CHUNK = 2**22


def summary(parts: Iterable[np.ndarray], output_axes: int) -> dict[str, np.ndarray]:
    """The sampled maximum and root mean square of the error, and over how many samples: (degree, *S) each.

    `parts` are pieces (degree, *S, points…) of it. Samples where f or the polynomial is not finite are left out;
    without any, maximum and RMS are NaN.
    """
    largest, squares, samples = [], [], []
    for part in parts:
        flat = part.reshape(*part.shape[: 1 + output_axes], -1)
        finite = np.isfinite(flat)
        kept = np.where(finite, flat, 0.0).astype(np.float64)
        largest.append(kept.max(axis=-1, initial=0.0))
        squares.append((kept**2).sum(axis=-1))
        samples.append(finite.sum(axis=-1))
    number = np.sum(samples, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rms = np.sqrt(np.sum(squares, axis=0) / number)
    return {
        "max_error": np.where(number > 0, np.max(largest, axis=0), np.nan),
        "rms_error": rms,
        "samples": number.astype(np.int64),
    }


def directions(variables: int, number: int) -> np.ndarray:
    """Unit vectors along which the trust radius is sampled: (number, D).

    Both of them in one variable; evenly spaced angles in two; in more the axes, both ways, then fixed pseudo-random
    ones.
    """
    if variables == 1:
        return np.array([[1.0], [-1.0]])
    if variables == 2:
        angle = 2 * np.pi * np.arange(number) / number
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    axes = np.concatenate([np.eye(variables), -np.eye(variables)])
    more = np.random.default_rng(0).standard_normal((max(0, number - len(axes)), variables))
    return np.concatenate([axes, more / np.linalg.norm(more, axis=1, keepdims=True)])


def trust_radius(
    coefficients: np.ndarray,
    centers: np.ndarray,
    truth: Callable[[np.ndarray], np.ndarray],
    radii: np.ndarray,
    along: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """The largest sampled radius up to which every sampled |f − T_k| is within `tolerance`: (n+1, N).

    `coefficients` (P, *S, N) about `centers` (N, D); `truth` maps rows (M, D) to f (*S, M); `radii` (m,) ascending;
    `along` (d, D) unit vectors. 0 where already the first radius fails, NaN where the coefficients are not finite.
    """
    count = len(centers)
    flat = coefficients.reshape(len(coefficients), -1, count)
    order = order_of(centers.shape[1], len(flat))
    step = max(1, CHUNK // max(1, (order + 1) * flat.shape[1] * len(along) * max(1, len(radii))))
    out = np.zeros((order + 1, count))
    for start in range(0, count, step):
        part = slice(start, start + step)
        error = _sampled_error(flat[..., part], centers[part], truth, radii, along, order)
        within = np.logical_and.accumulate(error <= tolerance, axis=-1)
        reached = within.sum(axis=-1)
        out[:, part] = np.concatenate([[0.0], radii])[reached]
    out[:, ~np.isfinite(flat).all(axis=(0, 1))] = np.nan
    return out


def _sampled_error(
    coefficients: np.ndarray,
    centers: np.ndarray,
    truth: Callable[[np.ndarray], np.ndarray],
    radii: np.ndarray,
    along: np.ndarray,
    order: int,
) -> np.ndarray:
    """The largest error over outputs and directions at each radius: (n+1, points, m)."""
    offsets = along[:, None, :] * radii[:, None]
    rows = (centers[:, None, None, :] + offsets).reshape(-1, centers.shape[1])
    values = truth(rows).reshape(-1, len(centers), len(along), len(radii))
    left = np.moveaxis(values, 2, 0).astype(np.result_type(values, radii))  # (d, s, points, m), and ours to write in
    size = np.empty_like(left)
    errors = []
    with np.errstate(invalid="ignore", over="ignore"):
        # Along a ray a degree is one number times r^k: far fewer products than at all displacements.
        for degree, (terms, basis) in enumerate(by_degree(along.T, along.shape[1], order)):
            along_rays = np.tensordot(basis, coefficients[terms], axes=(0, 0))
            np.multiply(along_rays[..., None], radii**degree, out=size)
            left -= size
            errors.append(np.abs(left, out=size).max(axis=(0, 1)))
    # NaN compares as not within any tolerance, which is what it means.
    return np.stack(errors)


def convergence_radius(coefficients: np.ndarray, variables: int) -> np.ndarray:
    """A low estimate of the radius of convergence from the coefficients (P, *S, N): (N,), the least over outputs.

    The size of degree k is the Bombieri norm ‖c‖_k² = Σ_{|α|=k} |c_α|² α!/k!, which does not depend on the choice of
    axes. Degrees 1 to n are cut into thirds. R₁ is the radius at which the largest ‖c‖_k R^k of the first third equals
    that of the second, R₂ the same of the second and the last: Cauchy and Hadamard's formula on an envelope of the
    coefficients. One pole makes both equal; at a branch point both are too large. The estimate is
    SAFETY · min(R₁, R₂ (R₂ / R₁)^FURTHER), the least of the last ORDERS orders. It comes from the degrees that are
    known and bounds nothing: a singularity so weak that it shows at a higher degree only is not seen.

    inf where all higher degrees vanish (a polynomial of lower degree). NaN, not determined: below order 8; where R₂ is
    more than GROWING R₁, as for an entire function, whose radius grows with the degree; where the orders do not agree;
    where the lower degrees vanish but higher ones do not; and where coefficients are not finite.
    """
    flat = coefficients.reshape(len(coefficients), -1, coefficients.shape[-1])
    order = order_of(variables, len(flat))
    if order < LEAST_ORDER:
        return np.full(flat.shape[-1], np.nan)
    norms = np.stack([_bombieri(flat, variables, order, k) for k in range(1, order + 1)])
    found = np.stack([_log_radius(norms[:n]) for n in range(max(LEAST_ORDER - 1, order + 1 - ORDERS), order + 1)])
    estimate = np.where(np.ptp(found, axis=0) <= np.log(AGREE), found.min(axis=0) + np.log(SAFETY), np.nan)
    _, middle, last = _thirds(norms)
    vanished = (last == 0).all(axis=0) & np.isfinite(middle).all(axis=0)
    return np.exp(np.where(vanished, np.inf, estimate)).min(axis=0)


def _thirds(norms: np.ndarray) -> list[np.ndarray]:
    order = len(norms)
    return np.split(norms, [order // 3, order // 3 + (order + 1) // 3])


def _log_radius(norms: np.ndarray) -> np.ndarray:
    """The estimate of one order, from the norms of degrees 1 to n (n, s, points): (s, points)."""
    degrees, parts = _thirds(np.arange(1, len(norms) + 1)), _thirds(norms)
    early, late = (_balanced(degrees[i], parts[i], degrees[i + 1], parts[i + 1]) for i in (0, 1))
    with np.errstate(invalid="ignore"):
        estimate = np.minimum(early, late - FURTHER * (early - late))
        return np.where(late - early <= np.log(GROWING), estimate, np.nan)


def _bombieri(flat: np.ndarray, variables: int, order: int, degree: int) -> np.ndarray:
    degrees = multi_index.degrees(variables, order)
    factorials = multi_index.factorials(variables, order)
    chosen = degrees == degree
    weights = factorials[chosen] / float(multi_index.factorials(1, degree)[-1])
    return np.sqrt(np.einsum("psn,p->sn", np.abs(flat[chosen]) ** 2, weights))


def _balanced(j: np.ndarray, low: np.ndarray, k: np.ndarray, high: np.ndarray) -> np.ndarray:
    """log R of the R with max_j low_j R^j = max_k high_k R^k, for norms (degrees, s, n): (s, n). NaN without any.

    high_k R^k reaches low_j R^j at log R = (log low_j − log high_k) / (k − j), and all j at the largest of these.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(low)[:, None] - np.log(high)[None]
    radii = difference / (k[None, :] - j[:, None])[..., None, None]
    log_radius = np.where(low[:, None] > 0, radii, -np.inf).max(axis=0)
    log_radius = np.where(high > 0, log_radius, np.inf).min(axis=0)
    known = np.isfinite(low).all(axis=0) & np.isfinite(high).all(axis=0) & np.isfinite(log_radius)
    return np.where(known, log_radius, np.nan)
