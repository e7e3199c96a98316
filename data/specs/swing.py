import jax.numpy as jnp


def f(x):
    return jnp.exp(x / 4) * jnp.sin(x + 0.5)
