"""A network that was trained on real data, as a function of one sample: data/networks/train.py made its weights."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jax import Array

with np.load(Path(__file__).parent.parent / "networks" / "diabetes.npz", allow_pickle=False) as stored:
    LAYERS = [(stored[f"weights_{i}"], stored[f"bias_{i}"]) for i in range(3)]
    MEAN, SPREAD = stored["target"]


def progression(v: Array) -> Array:
    """The disease progression (25 to 346) that the network predicts for ten standardised measurements v."""
    for weights, bias in LAYERS[:-1]:
        v = jnp.tanh(jnp.asarray(weights, v.dtype) @ v + jnp.asarray(bias, v.dtype))
    weights, bias = (jnp.asarray(part, v.dtype) for part in LAYERS[-1])
    return jnp.asarray(MEAN, v.dtype) + jnp.asarray(SPREAD, v.dtype) * (weights @ v + bias)[0]
