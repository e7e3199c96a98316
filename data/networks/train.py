"""Train the network that data/specs/neural_network.py expands, and write it beside this file.

    pip install -e '.[gallery]' && python data/networks/train.py

The data are scikit-learn's `load_diabetes` (Efron, Hastie, Johnstone & Tibshirani, Least Angle Regression, 2004): 442
patients, ten measurements each, and how far their diabetes had progressed a year later. The network is fitted by L-BFGS
with weight decay and stopped where the validation error is least. Everything is seeded: run again on one machine it
writes the same bytes.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from scipy.optimize import minimize
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
# As the paper calls them; scikit-learn has s1 to s6 for the last six, measured in blood serum.
VARIABLES = ("age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu")
WIDTHS = (10, 16, 16, 1)
DECAY = 0.02
# Iterations without a better validation error before it stops.
PATIENCE = 30
TEST, VALIDATION = 0.25, 0.2
# The network that is kept comes from this split; the others say how much a test score owes to chance.
SEED, SPLITS = 0, 20

Layers = list[tuple[np.ndarray, np.ndarray]]


def initial(seed: int) -> Layers:
    """Weights of variance 1 / inputs, and no biases."""
    random = np.random.default_rng(seed)
    return [(random.standard_normal((m, n)) / np.sqrt(n), np.zeros(m)) for n, m in pairwise(WIDTHS)]


def network(layers: Layers, x: jax.Array) -> jax.Array:
    """One sample (10,) to one number."""
    for weights, bias in layers[:-1]:
        x = jnp.tanh(weights @ x + bias)
    weights, bias = layers[-1]
    return (weights @ x + bias)[0]


def fit(x: np.ndarray, y: np.ndarray, seed: int) -> Layers:
    """The layers with the least validation error on the way down; x (N, 10) and y (N,) are standardised."""
    start, layered = ravel_pytree(initial(seed))
    x, held_x, y, held_y = train_test_split(x, y, test_size=VALIDATION, random_state=seed)

    def squares(flat: jax.Array, x: np.ndarray, y: np.ndarray) -> jax.Array:
        return jnp.mean((jax.vmap(lambda row: network(layered(flat), row))(x) - y) ** 2)

    def loss(flat: jax.Array) -> jax.Array:
        return squares(flat, x, y) + DECAY * sum(jnp.sum(weights**2) for weights, _ in layered(flat))

    seen: list[tuple[float, np.ndarray]] = []
    held = jax.jit(lambda flat: squares(flat, held_x, held_y))

    def watch(flat: np.ndarray) -> None:
        seen.append((float(held(flat)), flat.copy()))
        if len(seen) - np.argmin([error for error, _ in seen]) > PATIENCE:
            raise StopIteration

    minimize(jax.jit(jax.value_and_grad(loss)), start, jac=True, method="L-BFGS-B", callback=watch)
    best = min(seen, key=lambda pair: pair[0])[1]
    return jax.tree.map(np.asarray, layered(best))


def share_explained(predicted: np.ndarray, y: np.ndarray) -> float:
    """R²: 1 for a perfect prediction, 0 for the mean."""
    return 1 - float(np.sum((y - predicted) ** 2) / np.sum((y - y.mean()) ** 2))


def trial(seed: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Split, standardise by the training part, fit: what is kept of it, and the R² of each model on the test part."""
    data = load_diabetes(scaled=False)
    train, test, y, test_y = train_test_split(data.data, data.target, test_size=TEST, random_state=seed)
    mean, scale, target = train.mean(axis=0), train.std(axis=0), (y.mean(), y.std())
    # Four decimals can be read and copied into a spec, and are what the network is fitted to.
    train, test = (np.round((part - mean) / scale, 4) for part in (train, test))
    layers = fit(train, (y - target[0]) / target[1], seed)
    models: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "network": lambda x: target[0] + target[1] * jax.vmap(lambda row: network(layers, row))(x),
        "least squares": LinearRegression().fit(train, y).predict,
        "ridge": RidgeCV(np.logspace(-2, 3, 26)).fit(train, y).predict,
    }
    kept = {
        f"{name}_{i}": part
        for i, pair in enumerate(layers)
        for name, part in zip(("weights", "bias"), pair, strict=True)
    }
    kept |= {"mean": mean, "scale": scale, "target": np.array(target), "variables": np.array(VARIABLES)}
    kept |= {"train": train, "test": test, "train_target": y, "test_target": test_y}
    return kept, {name: share_explained(np.asarray(predict(test)), test_y) for name, predict in models.items()}


def write(kept: dict[str, np.ndarray]) -> None:
    """Weights and scales as numbers alone, without pickles; the samples as text, one row a point, for specs."""
    for part in ("train", "test"):
        names = ",".join(kept["variables"].tolist())
        np.savetxt(HERE / f"diabetes-{part}.csv", kept.pop(part), fmt="%.4f", delimiter=",", header=names)
    np.savez(HERE / "diabetes.npz", **kept)


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    kept, scores = trial(SEED)
    splits = [scores, *(trial(SEED + i)[1] for i in range(1, SPLITS))]
    for name, score in scores.items():
        each = np.array([split[name] for split in splits])
        print(f"{name:14} R² on the test part {score:.3f}; over {SPLITS} splits {each.mean():.3f} ± {each.std():.3f}")
    write(kept | {f"scores_{n.replace(' ', '_')}": np.array([s[n] for s in splits]) for n in scores})


if __name__ == "__main__":
    main()
