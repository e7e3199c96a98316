"""Artifacts made with NumPy alone, in the store's schema: what the figures and pages are tested on."""

from collections.abc import Callable, Mapping
from math import factorial
from typing import Any

import numpy as np
import xarray as xr
from numpy.polynomial import Polynomial

from taylorkit.multi_index import factorials, labels, multi_indices
from taylorkit.plotting import Source

Derivative = Callable[..., np.ndarray]


def common(kind: str, name: str, variables: list[str], **more: Any) -> dict[str, Any]:
    """The attributes that every artifact carries."""
    return {
        "kind": kind,
        "name": name,
        "title": f"A run called {name}",
        "description": "Made for a test.",
        "variables": variables,
        "dtype": "float64",
        "fingerprint": "0123456789abcdef" * 4,
        "method": {"name": "nested", "lowering": "xla", "tile": 256},
        "platform": "cpu",
        "versions": {"taylorkit": "0.1.0", "jax": "0.10.2"},
        "spec": {"kind": kind, "name": name},
        "trust": {"tolerance": 1e-3, "relative": False},
        **more,
    }


def function(name: str, latex: str, signature: str) -> dict[str, str]:
    return {
        "reference": name,
        "name": name,
        "latex": latex,
        "signature_latex": signature,
        "domain": "all real numbers",
        "source": "calculus",
        "program": "{ lambda ; a:f64[]. let b:f64[] = sin a in (b,) }",
        "fingerprint": "ab" * 32,
    }


def grid(attrs: Mapping[str, Any], axes: Mapping[str, Any], order: int, of: Derivative) -> xr.Dataset:
    """A root over a tensor grid; `of(alpha, *points)` is ∂^α f."""
    names = tuple(axes)
    places = np.meshgrid(*axes.values(), indexing="ij")
    indices = multi_indices(len(names), order)
    packed = np.stack([np.broadcast_to(of(a, *places), places[0].shape) for a in indices.tolist()])
    sizes = places[0].shape
    radius = np.arange(1, order + 2).reshape(-1, *(1,) * len(sizes)) * (1 + 0.1 * places[0] ** 2)
    return xr.Dataset(
        {
            "derivatives": (("term", *names), packed),
            "exponent": (("term", "variable"), indices),
            "status": (names, np.zeros(sizes, np.uint8)),
            "trust_radius": (("degree", *names), radius),
            "convergence_radius": (names, np.full(sizes, 2.0 * order)),
        },
        {"term": labels(names, order), "variable": list(names), "degree": np.arange(order + 1), **axes},
        {**attrs, "variables": list(names), "order": order},
    )


def evaluate(
    root: xr.Dataset,
    name: str,
    points: Mapping[str, Any],
    center: Mapping[str, float],
    of: Derivative,
    *,
    scattered: bool = False,
    **attrs: Any,
) -> xr.Dataset:
    """An evaluation about one centre, of every degree."""
    variables, order = list(center), int(root.attrs["order"])
    dims = ("point",) if scattered else tuple(points)
    places = list(points.values()) if scattered else np.meshgrid(*points.values(), indexing="ij")
    at = dict(zip(points, map(np.asarray, places), strict=True))
    shape = next(iter(at.values())).shape
    fixed = {v: c for v, c in center.items() if v not in points}
    delta = [at.get(v, np.full(shape, c)) - c for v, c in center.items()]
    full = [at.get(v, np.full(shape, center[v])) for v in variables]
    indices = multi_indices(len(variables), order)
    scale = factorials(len(variables), order)
    terms = [
        of(a, *(np.float64(c) for c in center.values())) / s * np.prod([d**p for d, p in zip(delta, a, strict=True)], 0)
        for a, s in zip(indices.tolist(), scale, strict=True)
    ]
    by_degree = [sum(t for t, a in zip(terms, indices, strict=True) if a.sum() <= k) for k in range(order + 1)]
    approximation = np.stack([np.broadcast_to(a, shape) for a in by_degree])
    truth = np.broadcast_to(of([0] * len(variables), *full), shape)
    return assemble(
        root,
        name,
        points,
        dims,
        truth,
        approximation,
        source="center",
        center=dict(center),
        fixed=fixed,
        **attrs,
    )


def assemble(
    root: xr.Dataset,
    name: str,
    points: Mapping[str, Any],
    dims: tuple[str, ...],
    truth: np.ndarray,
    approximation: np.ndarray,
    **attrs: Any,
) -> xr.Dataset:
    """An evaluation from its two fields; its errors are worked out here."""
    error = np.abs(truth - approximation)
    over = tuple(range(1, error.ndim))
    finite = np.where(np.isfinite(error), error, np.nan)
    coordinates = {v: ("point" if "point" in dims else v, np.asarray(p)) for v, p in points.items()}
    return xr.Dataset(
        {
            "truth": (dims, truth),
            "approximation": (("degree", *dims), approximation),
            "error": (("degree", *dims), error),
            "max_error": ("degree", np.nanmax(finite, axis=over)),
            "rms_error": ("degree", np.sqrt(np.nanmean(finite**2, axis=over))),
            "samples": ("degree", np.isfinite(error).sum(axis=over)),
        },
        {"degree": np.arange(len(approximation)), **coordinates},
        {**root.attrs, "evaluation": name, **attrs},
    )


def waves(order: int = 10) -> Source:
    """sin x + cos x about 0: `near` on [−4, 4] with a closed form of T₂, `wide` on [−10, 10]."""

    def of(alpha: list[int], x: np.ndarray) -> np.ndarray:
        return np.sin(x + alpha[0] * np.pi / 2) + np.cos(x + alpha[0] * np.pi / 2)

    attrs = common("taylor", "waves", ["x"], function=function("waves", r"\sin x + \cos x", "f(x)"))
    root = grid(attrs, {"x": np.array([0.0])}, order, of)
    near, wide = np.linspace(-4, 4, 201), np.linspace(-10, 10, 201)
    first = evaluate(root, "near", {"x": near}, {"x": 0.0}, of, overlay_latex="1 + x - x^2/2")
    first["overlay"] = ("x", 1 + near - near**2 / 2)
    return Source(root, {"near": first, "wide": evaluate(root, "wide", {"x": wide}, {"x": 0.0}, of)})


def ramp(order: int = 10, count: int = 200) -> Source:
    """t = (1 − e⁻ˣ)/(1 + e⁻ˣ) over [−7, 7]: t' = (1 − t²)/2, so that every derivative is a polynomial in t."""
    powers = [Polynomial([0.0, 1.0])]
    for _ in range(order):
        powers.append(powers[-1].deriv() * Polynomial([0.5, 0.0, -0.5]))

    def of(alpha: list[int], x: np.ndarray) -> np.ndarray:
        return powers[alpha[0]](np.tanh(x / 2))

    latex = r"\frac{1 - e^{-x}}{1 + e^{-x}}"
    attrs = common("taylor", "ramp", ["x"], function=function("ramp", latex, "t(x)"))
    return Source(grid(attrs, {"x": np.linspace(-7, 7, count)}, order, of))


def cubic(shape: tuple[int, int] = (50, 40), grid_points: int = 1) -> Source:
    """g = x² + 2xy + y³ about (1, 2): `map` on [−5, 5]², `points` at three scattered places."""
    monomials = {(2, 0): 1.0, (1, 1): 2.0, (0, 3): 1.0}

    def of(alpha: list[int], x: np.ndarray, y: np.ndarray) -> np.ndarray:
        total = np.zeros(np.broadcast(x, y).shape)
        for (p, q), c in monomials.items():
            if p >= alpha[0] and q >= alpha[1]:
                rest = (p - alpha[0], q - alpha[1])
                c *= factorial(p) / factorial(rest[0]) * factorial(q) / factorial(rest[1])
                total = total + c * x ** rest[0] * y ** rest[1]
        return total

    attrs = common("taylor", "cubic", ["x", "y"], function=function("cubic", "x^2 + 2xy + y^3", "g(x, y)"))
    spots = (np.linspace(c - 1, c + 1, grid_points) if grid_points > 1 else np.array([c]) for c in (1.0, 2.0))
    root = grid(attrs, dict(zip("xy", spots, strict=True)), 3, of)
    center = {"x": 1.0, "y": 2.0}
    square = {v: np.linspace(-5, 5, n) for v, n in zip("xy", shape, strict=True)}
    places = {"x": [1, 2, 4.2, 2.8, 10.2, -5.1, -3.4], "y": [2, 3, 3.7, 1.3, 21, 2.3, -2.5]}
    return Source(
        root,
        {
            "map": evaluate(root, "map", square, center, of),
            "points": evaluate(root, "points", places, center, of, scattered=True),
        },
    )


def four(delta: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0)) -> Source:
    """A sum of squares in as many variables as `delta` has, about 0, at the one scattered point δ."""
    names = [f"x{i + 1}" for i in range(len(delta))]

    def of(alpha: list[int], *x: np.ndarray) -> np.ndarray:
        degree = sum(alpha)
        if degree == 0:
            return sum(v**2 for v in x)
        lone = max(alpha) == degree
        i = int(np.argmax(alpha))
        return np.asarray(0.0 if not lone or degree > 2 else 2 * x[i] if degree == 1 else 2.0)

    attrs = common("taylor", "four", names, function=function("four", r"\sum_i x_i^2", "s(x)"))
    root = grid(attrs, {v: np.zeros(1) for v in names}, 2, of)
    points = {v: [d] for v, d in zip(names, delta, strict=True)}
    return Source(
        root,
        {"delta": evaluate(root, "delta", points, dict.fromkeys(names, 0.0), of, scattered=True)},
    )


def plane(source: Source, name: str = "atlas") -> Source:
    """`source` of two variables with an atlas evaluation over its own grid's range: T₀ … of the nearest centre."""
    root = source.root
    x, y = (np.linspace(float(root[v].min()), float(root[v].max()), 21) for v in "xy")
    nearest = [np.abs(p[:, None] - root[v].values).argmin(1) for v, p in (("x", x), ("y", y))]
    index = nearest[0][:, None] * root.sizes["y"] + nearest[1][None, :]
    packed = root["derivatives"].values.reshape(len(root["term"]), -1)[:, index]
    dx = (x - root["x"].values[nearest[0]])[:, None]
    dy = (y - root["y"].values[nearest[1]])[None, :]
    indices, scale = root["exponent"].values, factorials(2, int(root.attrs["order"]))
    terms = [c / s * dx**p * dy**q for c, s, (p, q) in zip(packed, scale, indices, strict=True)]
    degrees = range(int(root.attrs["order"]) + 1)
    fields = np.stack([sum(t for t, a in zip(terms, indices, strict=True) if a.sum() <= k) for k in degrees])
    truth = x[:, None] ** 2 + 2 * x[:, None] * y + y**3
    made = assemble(root, name, {"x": x, "y": y}, ("x", "y"), truth, fields, source="atlas", fixed={})
    made["center_index"] = (("x", "y"), index)
    return Source(root, {**source.evaluations, name: made})


def vector() -> Source:
    """(sin x + cos x, twice that) about 0: two outputs."""
    source = waves(3)

    def doubled(dataset: xr.Dataset, names: list[str]) -> xr.Dataset:
        both = {
            n: xr.concat([dataset[n], 2 * dataset[n]], "output", coords="minimal", compat="override") for n in names
        }
        at = {
            n: both[n].transpose(*("degree" if "degree" in both[n].dims else "term",), "output", ...) for n in names[1:]
        }
        return dataset.assign(both | at)

    root = doubled(source.root, ["derivatives", "derivatives"])
    names = ["truth", "approximation", "error", "max_error", "rms_error", "samples"]
    return Source(root, {"near": doubled(source.evaluations["near"].drop_vars("overlay"), names)})


def other(kind: str = "timing") -> Source:
    """Another kind's artifact: only its small arrays matter to a page."""
    sizes = {"equations": ("order", np.array([3, 7, 15])), "seconds": ("order", np.array([0.5, 1.0, np.nan]))}
    return Source(xr.Dataset(sizes, {"order": [0, 1, 2]}, common(kind, "other", ["x"], order=2)))
