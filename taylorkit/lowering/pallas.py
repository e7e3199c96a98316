"""A line as one kernel of Pallas: a GPU's threads take the points, one each, block by block.

Each point is read once and each result written once; what stands between is in registers, where XLA's own fusion may
compute shared work again for each output. Compiled by Triton on a GPU; elsewhere Pallas interprets the same kernel,
which is for tests.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax

from taylorkit.lowering.line import TRUTH, Instruction, Line

# Points of a block, one a thread: a point of a long line needs all the registers that a thread may have.
BLOCK, WARP = 128, 32

# What Triton calls of the GPU's mathematical library in both precisions; it has neither erf nor erfc.
FUNCTIONS = frozenset(
    "exp log sin cos tan tanh sinh cosh asin acos atan asinh acosh atanh exp2 expm1 log1p cbrt pow atan2".split()
)


def compiles(platform: str) -> bool:
    """Whether the kernel is compiled on this platform; elsewhere it is interpreted."""
    return platform == "gpu"


def kernel(line: Line, variables: int, dtype: np.dtype, interpret: bool) -> Callable[..., jax.Array]:
    """Points (N, D) and what is handed in (H, N), left out where H = 0 ↦ the line's results (R, N).

    N is one block or a multiple of it.
    """
    # What few ask for and takes a tenth of a second to import.
    from jax.experimental import pallas
    from jax.experimental.pallas import triton

    rows = len(line.results)

    def run(points: jax.Array, *handed: jax.Array) -> jax.Array:
        count = len(points)
        block = min(BLOCK, count)
        across = [pallas.BlockSpec((len(h), block), lambda i: (0, i)) for h in handed]
        call = pallas.pallas_call(
            partial(_body, line, variables, dtype, block),
            out_shape=jax.ShapeDtypeStruct((rows, count), dtype),
            grid=(count // block,),
            in_specs=[pallas.BlockSpec((block, variables), lambda i: (i, 0)), *across],
            out_specs=pallas.BlockSpec((rows, block), lambda i: (0, i)),
            interpret=interpret,
            # Named, because what is taken where nothing is named differs between versions of JAX.
            compiler_params=triton.CompilerParams(num_warps=max(1, block // WARP), num_stages=1),
        )
        return call(points, *handed)

    return run


def _body(line: Line, variables: int, dtype: np.dtype, block: int, *refs: Any) -> None:
    """The line on one block: points and what is handed in, then the results, as Pallas hands them over."""
    points, *handed, out = refs
    values: list[jax.Array] = []
    for instruction in line.instructions:
        operation, (first, *_) = instruction.operation, instruction.arguments
        if operation == "input":
            values.append(points[:, first] if first < variables else handed[0][first - variables, :])
        else:
            values.append(_value(instruction, values, dtype, block))
    for row, place in enumerate(line.results):
        out[row, :] = values[place].astype(dtype)


def _value(instruction: Instruction, values: Sequence[jax.Array], dtype: np.dtype, block: int) -> jax.Array:
    if instruction.operation == "constant":
        return lax.full((block,), float.fromhex(instruction.arguments[0]), dtype)
    if instruction.operation == TRUTH:
        return lax.full((block,), instruction.arguments[0], bool)
    operands = [values[place] for place in instruction.operands]
    composed = COMPOSED.get(instruction.operation)
    # An instruction bears the name of the primitive that it stands for.
    return composed(*operands) if composed else getattr(lax, instruction.operation)(*operands)


def _trunc(x: jax.Array) -> jax.Array:
    return lax.select(lax.lt(x, lax.full_like(x, 0)), lax.ceil(x), lax.floor(x))


def _round(x: jax.Array) -> jax.Array:
    """To the nearest whole number, halves away from 0."""
    size = lax.abs(x)
    below = lax.floor(size)
    up = lax.ge(size - below, lax.full_like(x, 0.5))
    return lax.sign(x) * lax.select(up, below + 1, below)


def _round_even(x: jax.Array) -> jax.Array:
    """To the nearest whole number, halves to the even one."""
    below = lax.floor(x)
    rest, half = x - below, lax.full_like(x, 0.5)
    odd = lax.ne(lax.floor(below * 0.5) * 2, below)
    up = lax.bitwise_or(lax.gt(rest, half), lax.bitwise_and(lax.eq(rest, half), odd))
    return lax.select(up, below + 1, below)


# What Triton has no instruction for, or `lax` another name.
COMPOSED: dict[str, Callable[..., jax.Array]] = {
    "select": lax.select,
    "and": lax.bitwise_and,
    "or": lax.bitwise_or,
    "xor": lax.bitwise_xor,
    "not": lax.bitwise_not,
    "trunc": _trunc,
    "round": _round,
    "roundeven": _round_even,
}
