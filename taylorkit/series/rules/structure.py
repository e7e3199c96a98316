"""Primitives that are linear: they act on each coefficient alone. Those that only move entries move symbols too."""

from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from taylorkit.series import kinds
from taylorkit.series.forms import Value, moves
from taylorkit.series.registry import Rule, linear, piecewise, whole


def _first(count: int) -> range:
    return range(1)


def _first_two(count: int) -> range:
    return range(2)


def _updates(count: int) -> tuple[int, int]:
    """Operand and updates of a scatter; the indices stand between."""
    return 0, 2


linear(
    "reshape squeeze expand_dims transpose broadcast_in_dim slice rev concatenate split stack unstack tile",
    kind="structural",
)
linear("gather dynamic_slice", _first, kind="structural")
linear("pad dynamic_update_slice", _first_two, kind="structural")
linear("scatter-add scatter_add scatter-sub scatter_sub", _updates)
linear("fft real imag complex conj reduce_precision convert_element_type")
linear("optimization_barrier device_put name copy_start tie_in sharding_constraint layout_constraint mesh_cast")
piecewise("scatter-min scatter-max approx_top_k")


@whole("scatter")
def scatter(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """Entries put in the place of others; `x.at[i].apply(f)`, the same primitive, has no derivative in JAX."""
    if equation.params.get("update_jaxpr") is not None:
        raise NotImplementedError("x.at[i].apply(f) has no derivative, in JAX as here; write x.at[i].set(f(x[i]))")
    return kinds.structural(run, equation, inputs, Rule("structural", None, _updates))


@whole("scatter-mul")
def scatter_mul(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """Linear in the operand; with updates that move, the operand times 1 with the updates put in."""
    if not moves(inputs[2]):
        return kinds.linear(run, equation, inputs, Rule("linear", None, _first))
    if not equation.params["unique_indices"]:
        raise NotImplementedError(
            "x.at[indices].multiply(y) has no derivative in y unless unique_indices=True is given, in JAX as here; "
            "give it where no index comes twice"
        )
    return kinds.rewritten(run, equation, inputs, Rule("rewritten", _put_and_multiply))


def _put_and_multiply(operand: Any, indices: Any, updates: Any, **parameters: Any) -> Any:
    parameters = {k: parameters[k] for k in ("dimension_numbers", "indices_are_sorted", "unique_indices", "mode")}
    return operand * lax.scatter(jnp.ones_like(operand), indices, updates, **parameters)
