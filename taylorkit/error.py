"""How far Taylor polynomials can be trusted: errors, trust radius, radius of convergence.

What is sampled is called sampled: a maximum over samples is no bound. NumPy only; f itself comes in as values.
"""

from collections.abc import Callable, Iterable

import numpy as np

from taylorkit import multi_index
from taylorkit.polynomial import by_degree, order_of

# Degrees that a line must rest on before its slope is called an estimate.
USED = 3

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
    return np.concatenate([axes, more / np.linalg.norm(more, axis=1, keepdims=True)])[:number]


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
    total = np.zeros_like(values)
    errors = []
    with np.errstate(invalid="ignore", over="ignore"):
        for degree, (terms, basis) in enumerate(by_degree(along.T, along.shape[1], order)):
            along_rays = np.einsum("psn,pd->snd", coefficients[terms], basis)
            total = total + along_rays[..., None] * radii**degree
            errors.append(np.abs(values - total).max(axis=(0, 2)))
    # NaN compares as not within any tolerance, which is what it means.
    return np.stack(errors)


def convergence_radius(coefficients: np.ndarray, variables: int) -> np.ndarray:
    """An estimate of the radius of convergence from the coefficients (P, *S, N): (N,), the least over outputs.

    The size of degree k is the Bombieri norm ‖c‖_k² = Σ_{|α|=k} |c_α|² α!/k!, which does not depend on the choice of
    axes; a least-squares line through log ‖c‖_k over the upper half of the degrees has slope −log R (Cauchy–Hadamard).
    Degrees that vanish (odd functions) are left out. inf where all upper degrees vanish (a polynomial), NaN where fewer
    than three degrees can be used or coefficients are not finite.
    """
    flat = coefficients.reshape(len(coefficients), -1, coefficients.shape[-1])
    order = order_of(variables, len(flat))
    upper = np.arange(max(1, (order + 1) // 2), order + 1)
    if len(upper) < USED:
        return np.full(flat.shape[-1], np.nan)
    norms = np.stack([_bombieri(flat, variables, order, k) for k in upper.tolist()])
    return _slopes(upper.astype(float), norms).min(axis=0)


def _bombieri(flat: np.ndarray, variables: int, order: int, degree: int) -> np.ndarray:
    degrees = multi_index.degrees(variables, order)
    factorials = multi_index.factorials(variables, order)
    chosen = degrees == degree
    weights = factorials[chosen] / float(multi_index.factorials(1, degree)[-1])
    return np.sqrt(np.einsum("psn,p->sn", np.abs(flat[chosen]) ** 2, weights))


def _slopes(degrees: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """exp(−slope) of log norms (k, s, n) against degrees, vanishing ones left out."""
    used = norms > 0
    logs = np.log(np.where(used, norms, 1.0))
    number = used.sum(axis=0)
    k = degrees[:, None, None]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean_k = np.where(used, k, 0).sum(axis=0) / number
        mean_log = np.where(used, logs, 0).sum(axis=0) / number
        spread = np.where(used, (k - mean_k) ** 2, 0).sum(axis=0)
        slope = np.where(used, (k - mean_k) * (logs - mean_log), 0).sum(axis=0) / spread
        radius = np.where(number >= USED, np.exp(-slope), np.nan)
    radius = np.where(number == 0, np.inf, radius)
    return np.where(np.isfinite(norms).all(axis=0), radius, np.nan)
