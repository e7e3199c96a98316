"""Whole answers in one call, for a notebook or a lecture."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from taylorkit import calling
from taylorkit.errors import SpecError
from taylorkit.polynomial import TaylorPolynomial, eager, taylor
from taylorkit.reals import real, tracers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAMPLES = 401
# How far to each side of the centre is drawn.
REACH = 4.0
# The degrees of figure 5.4 of Mathematics for Machine Learning.
PLOTTED = (0, 1, 5, 10)


def quadratic_taylor_approx(fun: Callable[..., Any], approx: Any, around_to: Any) -> Any:
    """The second-order Taylor polynomial of `fun` about `around_to`, at a batch of points `approx`.

        T₂(x) = f(x₀) + ∇f(x₀)·δ + ½ δᵀ H(x₀) δ,   δ = x − x₀

    `fun` takes D scalars, or one vector (D,); `around_to` are D numbers, in an array, a list or a tuple. `approx` are
    points as the rows of an array (M, D) or of a list, or a tuple of D columns (M,); or one point. Returns (M, *S).
    Where `fun` takes either, a tuple `around_to` means D scalars. Raises SpecError for points of another width.

    >>> import jax.numpy as jnp, taylorkit as tk
    >>> g = lambda x, y: x**2 + 2 * x * y + y**3
    >>> tk.quadratic_taylor_approx(g, jnp.array([[1.0, 2.0], [2.0, 3.0]]), jnp.array([1.0, 2.0])).tolist()
    [13.0, 42.0]
    >>> tk.quadratic_taylor_approx(g, ([1.0, 2.0], [2.0, 3.0]), around_to=(1.0, 2.0)).tolist()
    [13.0, 42.0]
    """
    center = eager(around_to)
    if not np.ndim(center):
        return taylor(fun, center, 2)(approx)
    entries = tuple(center)
    polynomial = taylor(fun, entries if calling.takes_scalars(fun, center) else real(center, "around_to"), 2)
    return TaylorPolynomial(entries, polynomial.coefficients)(_columns(approx, len(entries)))


def _columns(points: Any, width: int) -> tuple[Any, ...]:
    """Points as a tuple of `width` columns: as they are, or from rows."""
    if isinstance(points, tuple) and len(points) == width:
        return points
    rows = jnp.asarray(points) if tracers(points) else real(points, "approx")
    if not rows.ndim or rows.shape[-1] != width:
        raise SpecError(
            f"approx: shape {rows.shape}; the centre has {width} numbers: give an array (M, {width}), or a tuple of "
            f"{width} columns"
        )
    return tuple(rows[..., i] for i in range(width))


def taylor_approx(
    fun: Callable[..., Any],
    approx_around: float = 0.0,
    num_coef: int = 11,
    plot_coef: Sequence[int] | int | None = None,
    interval: tuple[float, float] | None = None,
    *,
    PLOT_COEF: Sequence[int] | int | None = None,
) -> "Figure":
    """Draw a scalar function with its Taylor polynomials about one point; a notebook shows the figure once.

    `num_coef` counts terms: it is the order + 1. `plot_coef`, which may be written `PLOT_COEF`, are the degrees to
    draw, by default those of 0, 1, 5 and 10 that have a term; `interval` is where, by default 4 to each side. Raises
    SpecError for a degree that has no term, or a centre that is no number.

    >>> import jax.numpy as jnp, taylorkit as tk
    >>> figure = tk.taylor_approx(lambda x: jnp.sin(x) + jnp.cos(x), plot_coef=[1, 5])
    >>> len(figure.axes[0].lines) >= 3  # f, T₁ and T₅
    True
    """
    from taylorkit.plotting import Source, draw
    from taylorkit.plotting.notebook import show

    if (center := real(approx_around, "approx_around")).ndim:
        raise SpecError(f"approx_around = {approx_around!r}: must be one number, the centre")
    if plot_coef is not None and PLOT_COEF is not None:
        raise SpecError(f"plot_coef = {plot_coef!r}, PLOT_COEF = {PLOT_COEF!r}: two names of one thing; give one")
    degrees = _degrees(PLOT_COEF if plot_coef is None else plot_coef, _terms(num_coef))
    polynomial = taylor(fun, float(center), int(num_coef) - 1)
    ends = real((center - REACH, center + REACH) if interval is None else interval, "interval")
    if ends.shape != (2,):
        raise SpecError(f"interval = {interval!r}: must be two numbers, from where to where")
    source = Source(*_datasets(fun, polynomial, np.linspace(ends[0], ends[1], SAMPLES)))
    return show(draw(source, {"kind": "approximations", "evaluation": "here", "degrees": degrees}))


def _terms(num_coef: Any) -> int:
    if isinstance(num_coef, bool) or not isinstance(num_coef, int | np.integer) or num_coef < 1:
        raise SpecError(f"num_coef = {num_coef!r}: must be a whole number, 1 or more; it counts terms")
    return int(num_coef)


def _degrees(plot_coef: Any, terms: int) -> list[int]:
    """The degrees to draw. Raises SpecError for one that has no term."""
    if plot_coef is None:
        return [k for k in PLOTTED if k < terms]
    degrees = np.atleast_1d(np.asarray(plot_coef))
    if degrees.ndim != 1 or degrees.dtype.kind not in "iu" or not degrees.size:
        raise SpecError(f"plot_coef = {plot_coef!r}: must be whole numbers, the degrees to draw")
    if beyond := [k for k in degrees.tolist() if not 0 <= k < terms]:
        raise SpecError(
            f"plot_coef = {tuple(degrees.tolist())}: degree {beyond[0]} needs num_coef > {beyond[0]}, not {terms}"
        )
    return list(degrees.tolist())


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
