"""Whole answers in one call, for a notebook or a lecture."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from taylorkit.errors import SpecError
from taylorkit.polynomial import TaylorPolynomial, taylor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAMPLES = 401
# The degrees of figure 5.4 of Mathematics for Machine Learning.
PLOTTED = (0, 1, 5, 10)


def quadratic_taylor_approx(fun: Callable[..., Any], approx: Any, around_to: Any) -> Any:
    """The second-order Taylor polynomial of `fun` about `around_to`, at a batch of points `approx`.

        T₂(x) = f(x₀) + ∇f(x₀)·δ + ½ δᵀ H(x₀) δ,   δ = x − x₀

    `around_to` is what `fun` takes: a tuple of D numbers for D scalars, an array (D,) for one vector. `approx` is a
    list of points or an array (M, D). Returns (M, *S).

    >>> import taylorkit as tk
    >>> tk.quadratic_taylor_approx(lambda x, y: x**2 + 2 * x * y + y**3, [(1, 2), (2, 3)], (1, 2)).tolist()
    [13.0, 42.0]
    """
    rows = np.asarray(approx, np.float64)
    polynomial = taylor(fun, around_to, 2)
    return polynomial(tuple(np.moveaxis(rows, -1, 0)) if isinstance(around_to, tuple) else rows)


def taylor_approx(
    fun: Callable[..., Any],
    approx_around: float = 0.0,
    num_coef: int = 11,
    plot_coef: Sequence[int] = PLOTTED,
    interval: tuple[float, float] | None = None,
) -> "Figure":
    """Draw a scalar function with its Taylor polynomials about one point.

    `num_coef` counts terms: it is the order + 1. `plot_coef` are the degrees to draw, by default
    those of the four that have a term; `interval` is where, by default 4 to each side. Raises SpecError for a degree
    that has no term, or a centre that is no number.

    >>> import jax.numpy as jnp, taylorkit as tk
    >>> figure = tk.taylor_approx(lambda x: jnp.sin(x) + jnp.cos(x), plot_coef=[1, 5])
    >>> len(figure.axes[0].lines) >= 3  # f, T₁ and T₅
    True
    """
    from taylorkit.plotting import Source, draw

    if np.ndim(approx_around):
        raise SpecError(f"approx_around = {approx_around!r}: must be one number, the centre")
    if plot_coef is PLOTTED:
        plot_coef = [k for k in PLOTTED if k < num_coef]
    beyond = [k for k in plot_coef if not 0 <= k < num_coef]
    if beyond:
        raise SpecError(
            f"plot_coef = {tuple(plot_coef)}: degree {beyond[0]} needs num_coef > {beyond[0]}, not {num_coef}"
        )
    polynomial = taylor(fun, float(approx_around), num_coef - 1)
    low, high = interval or (approx_around - 4.0, approx_around + 4.0)
    source = Source(*_datasets(fun, polynomial, np.linspace(low, high, SAMPLES)))
    return draw(source, {"kind": "approximations", "evaluation": "here", "degrees": list(plot_coef)})


def _datasets(fun: Callable[..., Any], polynomial: TaylorPolynomial, x: np.ndarray) -> tuple[Any, dict[str, Any]]:
    """What an artifact of this would hold, in memory."""
    import xarray as xr

    from taylorkit.differentiation import derivatives
    from taylorkit.trace import name_of

    truth = np.asarray(derivatives(fun, x, 0).packed[0])
    sums = np.asarray(polynomial.partial_sums(x))
    name = name_of(fun)
    attrs = {
        "kind": "taylor",
        "variables": ["x"],
        "order": polynomial.order,
        "source": "center",
        "center": {"x": float(polynomial.center)},
        "function": {"name": name, "latex": "", "signature_latex": "f(x)"},
    }
    degree = np.arange(polynomial.order + 1)
    data = {
        "truth": (("x",), truth),
        "approximation": (("degree", "x"), sums),
        "error": (("degree", "x"), np.abs(sums - truth)),
    }
    here = xr.Dataset(data, {"x": x, "degree": degree}, attrs)
    return xr.Dataset(coords={"x": [float(polynomial.center)]}, attrs=attrs), {"here": here}
