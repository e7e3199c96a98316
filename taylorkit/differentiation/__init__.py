"""f, points, order → all partial derivatives.

| method | how | cost with the order n | serves |
|---|---|---|---|
| `nested` | jacfwd^(n−1) ∘ grad | exponential | whatever JAX can differentiate |
| `series` | truncated Taylor arithmetic in D variables | C(D+n, n) coefficients, C(2D+n, n) products | the same |
| `reverse` | the same at order n − 1 over grad f | a few times `series` at n − 1 | what has a reverse mode |

`auto` takes the one that was measured fastest on the nearest problem of the committed table.
"""

from collections.abc import Callable
from typing import Any

import jax

from taylorkit import calling, precision
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import METHODS, Method, fallback, resolve
from taylorkit.differentiation.tensors import DerivativeTensors
from taylorkit.multi_index import check_order
from taylorkit.trace import Traced, trace

__all__ = ["METHODS", "DerivativeTensors", "Method", "at", "derivatives", "resolve"]


def derivatives(f: Callable[..., Any], points: Any, order: int, method: str = "auto") -> DerivativeTensors:
    """Every partial derivative of f up to `order` at N points.

    `points` is what f takes, with one leading axis of length N: (N,) where f takes one scalar, (N, D) where f takes
    one vector, a tuple of D arrays (N,) where f takes D scalars. Integers are promoted to float64. f returns a scalar
    or an array of shape S. The result's `packed` is (P, *S, N): a NumPy array in the points' dtype. An f that holds
    parameters which JAX is tracing (under grad, jit, vmap) gives a jax.Array in the precision that JAX is set to.

    f is traced at each call, so that it is what it computes then. A program that was compiled before is found again,
    also with other values in its arrays of more than 16 floating-point numbers.

    Raises SpecError for points, orders or methods that make no sense, FunctionError where f cannot be traced.

    >>> import taylorkit as tk
    >>> d = tk.derivatives(lambda x, y: x * y**2, ([1.0, 2.0], [3.0, 4.0]), order=2)
    >>> d.packed[:, 0].tolist()  # f, f_x, f_y, f_xx, f_xy, f_yy at (1, 3)
    [9.0, 9.0, 6.0, 0.0, 6.0, 2.0]
    """
    dtype = precision.floating(*(points if isinstance(points, tuple) else (points,)))
    return at(f, calling.batch(points, dtype), order, method)


def at(
    f: Callable[..., Any], points: calling.Points, order: int, method: str, traced: Traced | None = None
) -> DerivativeTensors:
    """`derivatives` for points that are already rows, and for an f that may be traced already."""
    order = check_order(order, precision.largest(points.array.dtype))
    traced = traced or trace(f, points.form, points.variables, points.array.dtype)
    resolved = resolve(method, traced, order, jax.default_backend())
    try:
        packed = kernel.evaluate(traced, order, resolved, points.array)
    except kernel.NotCompiled:
        if method != "auto" or (other := fallback(traced, order, resolved)) is None:
            raise
        packed, resolved = kernel.evaluate(traced, order, other, points.array), other
    return DerivativeTensors(packed, points.variables, order, resolved)
