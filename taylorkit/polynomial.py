"""Taylor polynomials: in NumPy, and in JAX where JAX traces their coefficients or their points.

    T_n(x) = Σ_{|α| ≤ n} c_α (x − x₀)^α,   c_α = ∂^α f(x₀) / α!,
           = Σ_{k ≤ n} (D^k f(x₀) / k!) δ^k,   δ = x − x₀, δ^k = δ ⊗ … ⊗ δ

(Deisenroth, Faisal & Ong, *Mathematics for Machine Learning*, definition 5.8), one implementation for every D and n.
The monomials of degree k are those of degree k−1 times a variable, so M points cost P·M multiplications and one matrix
product. JAX is not imported here: someone with an artifact and NumPy alone can evaluate it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import comb
from typing import Any

import numpy as np

from taylorkit import multi_index
from taylorkit.cores import on_all_cores
from taylorkit.errors import SpecError
from taylorkit.reals import real, tracers, unmasked

Array = Any  # a numpy.ndarray, or what JAX traces

# Numbers that stay in a core's second-level cache while NumPy passes over them again and again: 1 MiB of float64.
CACHE = 2**17


def taylor(f: Callable[..., Any], center: Any, order: int, method: str = "auto") -> "TaylorPolynomial":
    """The Taylor polynomial of f about one centre (what f takes, without a batch axis).

    Raises SpecError or FunctionError as `taylorkit.derivatives` does, and FunctionError where f works on each entry of
    `center` by itself: that is a batch, not a centre.

    >>> import taylorkit as tk, jax.numpy as jnp
    >>> T = tk.taylor(lambda x: jnp.sin(x) + jnp.cos(x), 0.0, 2)
    >>> T.coefficients.tolist()
    [1.0, 1.0, -0.5]
    """
    from taylorkit import calling, precision, trace
    from taylorkit.differentiation import at

    dtype = precision.floating(*(center if isinstance(center, tuple) else (center,)))
    points = calling.single(center, dtype)
    traced = trace.refuse_batch(f, points)
    return TaylorPolynomial(center, at(f, points, order, method, traced).coefficients[..., 0])


@dataclass(frozen=True, eq=False)
class TaylorPolynomial:
    """T(x) = Σ c_α (x − x₀)^α about `center`, with `coefficients` (P, *S) in graded order.

    `center` has the form of one point: a number, a vector (D,), or a tuple of D numbers; `T(x)` takes x in that
    form, or with further leading axes in it for a batch, and returns the batch's shape followed by S.
    Arrays are kept as NumPy's, whole coefficients as float64. Raises SpecError where P is no C(D+n, n).

    >>> import numpy as np, taylorkit as tk
    >>> T = tk.TaylorPolynomial((1.0, 2.0), np.array([13.0, 6.0, 14.0, 1.0, 2.0, 6.0]))  # x² + 2xy + y³ about (1, 2)
    >>> float(T((1.5, 2.0)))
    16.25
    >>> T(([1.0, 1.5], [2.0, 2.5])).tolist()
    [13.0, 25.25]
    """

    center: Any
    coefficients: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", eager(self.center))
        object.__setattr__(self, "coefficients", floating(self.coefficients))
        order_of(self.variables, len(self.coefficients))

    @cached_property
    def variables(self) -> int:
        """D, the number of variables."""
        return len(rows_of(self.center, self.center, what="center")[0])

    @property
    def order(self) -> int:
        """n, the highest degree."""
        return order_of(self.variables, len(self.coefficients))

    @property
    def multi_indices(self) -> np.ndarray:
        """The exponents α of each coefficient: (P, D) int."""
        return multi_index.multi_indices(self.variables, self.order)

    def __call__(self, x: Any) -> Array:
        """T(x), in the type of the coefficients: (*batch, *S). Where JAX traces x it is JAX's, in the type of x.

        Raises SpecError where x has another number of variables than the centre.
        """
        return self._of(x, lambda coefficients, basis: _product(coefficients, basis)[None])[0, ...]

    def partial_sums(self, x: Any) -> Array:
        """T_0(x), T_1(x), …, T_n(x) in one pass: (n+1, *batch, *S).

        >>> import jax.numpy as jnp, taylorkit as tk
        >>> tk.taylor(jnp.exp, 0.0, 3).partial_sums(1.0).round(4).tolist()
        [1.0, 2.0, 2.5, 2.6667]
        """
        return self._of(x, self._sums)

    def _sums(self, coefficients: Array, basis: Array) -> Array:
        """T_0, …, T_n from all monomials (P, M): (n+1, M, |S|)."""
        xp, _ = backend(basis)
        degrees = [terms_of(self.variables, k) for k in range(self.order + 1)]
        return xp.stack([_product(coefficients[k], basis[k]) for k in degrees]).cumsum(axis=0)

    def _of(self, x: Any, values: Callable[[Array, Array], Array]) -> Array:
        """`values` (r, M, |S|) of the coefficients and the monomials (P, M) at x: (r, *batch, *S)."""
        coefficients = _alongside(self.coefficients, x)
        xp, scope = backend(coefficients)
        with scope:
            delta, batch = self._displacement(x, xp, coefficients.dtype)
            if xp is np:
                found = self._in_parts(widened(delta), partial(values, widened(coefficients)))
            else:
                found = values(coefficients, xp.concatenate(list(monomials(delta, self.order))))
            return found.astype(coefficients.dtype, copy=False).reshape(len(found), *batch, *coefficients.shape[1:])

    def _in_parts(self, delta: np.ndarray, values: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """`values` (r, M, |S|) of the monomials of `delta` (D, M), on all cores.

        In parts whose monomials stay in cache, and in memory that each core keeps: fresh memory for each part would
        cost several times the part.
        """
        terms, many = len(self.coefficients), delta.shape[1]
        step = max(1, CACHE // terms)
        if many <= step:
            return values(fill_monomials(delta, self.order, np.empty((terms, many), delta.dtype)))
        none = values(np.empty((terms, 0), delta.dtype))
        out = np.empty((len(none), many, none.shape[-1]), none.dtype)

        def share(starts: range) -> None:
            room = np.empty(terms * step, delta.dtype)
            for start in starts:
                part = delta[:, start : start + step]
                basis = room[: terms * part.shape[1]].reshape(terms, -1)
                out[:, start : start + step] = values(fill_monomials(part, self.order, basis))

        on_all_cores(share, range(0, many, step))
        return out

    def truncate(self, order: int) -> "TaylorPolynomial":
        """T of a lower order: a prefix of the coefficients. Raises SpecError where it is not lower."""
        if multi_index.check_order(order) > self.order:
            raise SpecError(f"order = {order}: this polynomial only has order {self.order}")
        return TaylorPolynomial(self.center, self.coefficients[: multi_index.count(self.variables, order)])

    def derivative(self, alpha: Any) -> "TaylorPolynomial":
        """∂^α T about the same centre, of order n − |α|; `alpha` is a multi-index like (1, 0), a number if D = 1.

        Raises SpecError where it is none, or of a degree above n.

        >>> import taylorkit as tk
        >>> T = tk.taylor(lambda x, y: x**2 * y, (1.0, 2.0), 3)
        >>> float(T.derivative((1, 0))((1.0, 2.0))), float(T.derivative((2, 1))((0.0, 0.0)))
        (4.0, 2.0)
        """
        given = np.atleast_1d(alpha)
        whole = given.dtype.kind in "iu" and given.shape == (self.variables,)
        exponents = tuple(given.tolist())
        if not whole or min(exponents) < 0 or sum(exponents) > self.order:
            raise SpecError(
                f"alpha = {alpha!r}: must be {self.variables} exponents, whole numbers, 0 or more, "
                f"of total degree {self.order} or less"
            )
        source, factor = multi_index.derivative_map(self.variables, self.order, exponents)
        xp, scope = backend(self.coefficients)
        with scope:
            column = factor.reshape(-1, *[1] * (self.coefficients.ndim - 1))
            scaled = self.coefficients[source] * xp.asarray(column, dtype=self.coefficients.dtype)
        return TaylorPolynomial(self.center, scaled)

    def tensor(self, degree: int) -> Array:
        """D^k f(x₀), the full symmetric tensor: (*S, D, …, D), k trailing axes. Raises SpecError for a k above n.

        >>> import taylorkit as tk
        >>> tk.taylor(lambda x, y: x**2 * y, (1.0, 2.0), 2).tensor(2).tolist()
        [[4.0, 2.0], [2.0, 0.0]]
        """
        positions = multi_index.tensor_positions(self.variables, self.order, degree)
        factorials = multi_index.factorials(self.variables, self.order)[positions]
        xp, scope = backend(self.coefficients)
        with scope:
            column = factorials.reshape(-1, *[1] * (self.coefficients.ndim - 1))
            entries = self.coefficients[positions.reshape(-1)] * xp.asarray(column, dtype=self.coefficients.dtype)
            return xp.moveaxis(entries, 0, -1).reshape((*self.coefficients.shape[1:], *positions.shape))

    def _displacement(self, x: Any, xp: Any, dtype: Any) -> tuple[Array, tuple[int, ...]]:
        """x − x₀ as (D, M), and the shape of the batch."""
        rows, batch = rows_of(x, self.center, xp, dtype)
        origin, _ = rows_of(self.center, self.center, xp, dtype, "center")
        if len(rows) != len(origin):
            raise SpecError(f"x has {len(rows)} variables, the centre has {len(origin)}")
        # Each variable by itself in memory: it multiplies whole rows of monomials.
        return np.ascontiguousarray(rows - origin) if xp is np else rows - origin, batch


def from_dataset(dataset: Any, /, **center: float) -> TaylorPolynomial:
    """The polynomial of an opened artifact about one of its expansion points, named by its coordinates.

    With a single expansion point, none need be named. NumPy alone: `dataset` is what `taylorkit.open` or xarray gives.
    Raises SpecError where the coordinates name no expansion point, or several.

    >>> import xarray as xr
    >>> ds = xr.Dataset(  # of x² at 1 and at 2, as an artifact holds them
    ...     {
    ...         "derivatives": (("term", "x"), [[1.0, 4.0], [2.0, 4.0], [2.0, 2.0]]),
    ...         "exponent": (("term", "variable"), [[0], [1], [2]]),
    ...     },
    ...     {"x": [1.0, 2.0], "variable": ["x"]},
    ... )
    >>> float(from_dataset(ds, x=2.0)(3.0))
    9.0
    """
    names = [str(v) for v in dataset["variable"].values]
    if unknown := [name for name in center if name not in names]:
        raise SpecError(f"center: {unknown[0]} is no variable; they are {', '.join(names)}")
    chosen = dataset["derivatives"]
    for name in names:
        if name in chosen.dims:
            wanted = center.get(name, dataset[name].values[0] if dataset.sizes[name] == 1 else None)
            if wanted is None:
                raise SpecError(f"center: say {name}=…, one of {dataset[name].values[:5]}…")
            if wanted not in (points := dataset[name].values):
                nearest = points[np.argmin(np.abs(points - wanted))]
                raise SpecError(f"center: {name} = {wanted} is no expansion point; the nearest is {nearest}")
            chosen = chosen.sel({name: wanted})
        elif "point" in chosen.dims:
            chosen = chosen.isel(point=_row_of(dataset, names, center))
    exponents = dataset["exponent"].values
    values = np.asarray(chosen.values)
    factorials = multi_index.factorials(len(names), int(exponents.sum(axis=1).max()))
    origin = tuple(float(chosen[name]) for name in names)
    form = origin[0] if len(origin) == 1 else origin
    return TaylorPolynomial(form, values / factorials.reshape(-1, *[1] * (values.ndim - 1)))


def _row_of(dataset: Any, names: list[str], center: Mapping[str, float]) -> int:
    """Which scattered point has these coordinates."""
    same = np.ones(dataset.sizes["point"], bool)
    for name, value in center.items():
        same &= dataset[name].values == value
    if same.sum() != 1:
        raise SpecError(f"center: {dict(center)} names {int(same.sum())} points of {len(same)}; name one")
    return int(np.argmax(same))


def tensor_power(delta: Any, degree: int) -> np.ndarray:
    """δ^k = δ ⊗ … ⊗ δ of a vector (D,): (D, …, D), k axes. Raises SpecError for a negative k.

    >>> import taylorkit as tk
    >>> tk.tensor_power([1, 2], 2).tolist()
    [[1, 2], [2, 4]]
    """
    delta = real(delta, "delta")
    power = np.ones((), delta.dtype)
    for _ in range(multi_index.check_order(degree)):
        power = np.multiply.outer(power, delta)
    return power


def eager(x: Any) -> Any:
    """x, with NumPy's arrays for JAX's, which lose half of their 64 bits in the next operation; tracers are kept."""
    if isinstance(x, list | tuple):
        parts = [eager(part) for part in x]
        return tuple(parts) if isinstance(x, tuple) else parts
    jax = sys.modules.get("jax")
    return np.asarray(x) if jax and isinstance(x, jax.Array) and not tracers(x) else x


def floating(coefficients: Array) -> Array:
    """Coefficients as NumPy's, or as JAX traces them; whole numbers as floating point, as what is computed of them."""
    if not tracers(coefficients):
        unmasked(coefficients, "coefficients")
        coefficients = np.asarray(coefficients)
    return coefficients.astype(float) if coefficients.dtype.kind in "iub" else coefficients


def backend(array: Array) -> tuple[Any, AbstractContextManager]:
    """The array's own namespace, and the precision scope that it needs."""
    if isinstance(array, np.ndarray):
        return np, nullcontext()
    from taylorkit.precision import scope

    return array.__array_namespace__(), scope(array.dtype)


def widened(array: np.ndarray) -> np.ndarray:
    """Half precision as single: NumPy has no matrix products of all its kinds."""
    return array.astype(np.promote_types(array.dtype, np.float32), copy=False)


def monomials(delta: Array, order: int) -> Iterator[Array]:
    """δ^α by degree: for k = 0 … n an array (C(D+k−1, k), M), from `delta` (D, M)."""
    xp, _ = backend(delta)
    current = delta[:1] * 0 + 1
    yield current
    for degree in range(1, order + 1):
        current = xp.concatenate([current[low] * delta[i : i + 1] for i, _, low in families(len(delta), degree)])
        yield current


def fill_monomials(delta: np.ndarray, order: int, out: np.ndarray) -> np.ndarray:
    """All monomials of `delta` (D, M) in graded order, written into `out` (P, M)."""
    out[0] = 1
    for degree in range(1, order + 1):
        upper, lower = (out[terms_of(len(delta), k)] for k in (degree, degree - 1))
        for i, high, low in families(len(delta), degree):
            np.multiply(lower[low], delta[i : i + 1], out=upper[high])
    return out


def horner(coefficients: Array, delta: Array, order: int) -> Array:
    """Σ c_α δ^α by the graded Horner scheme: one product and one sum a term, and no monomials.

    From the highest degree down every term is multiplied by its first variable and added to the term that is left,
    c_β += δ_i c_{β + e_i}. `coefficients` (P, …) are overwritten; `delta` (D, …) broadcasts against one of them.
    """
    variables = len(delta)
    for degree in range(order, 0, -1):
        upper, lower = (coefficients[terms_of(variables, k)] for k in (degree, degree - 1))
        for i, high, low in families(variables, degree):
            upper[high] *= delta[i : i + 1]
            lower[low] += upper[high]
    return coefficients[0]


def terms_of(variables: int, degree: int) -> slice:
    """Where the terms of one degree lie among the packed ones."""
    return slice(comb(variables + degree - 1, variables), comb(variables + degree, variables))


@lru_cache(maxsize=256)
def families(variables: int, degree: int) -> tuple[tuple[int, slice, slice], ...]:
    """(i, where, parents): the terms of `degree` that begin with variable i, and those one degree lower times x_i.

    Sorted index tuples that begin with i go on with i or later: both are contiguous, and the parents are the last.
    """
    sizes = [comb(variables - i + degree - 2, degree - 1) for i in range(variables)]
    starts = [sum(sizes[:i]) for i in range(variables)]
    return tuple(
        (i, slice(start, start + size), slice(sizes[0] - size, sizes[0]))
        for i, (start, size) in enumerate(zip(starts, sizes, strict=True))
    )


def by_degree(delta: Array, variables: int, order: int) -> Iterator[tuple[slice, Array]]:
    """For each degree the slice of the packed terms that have it, and their monomials."""
    for degree, basis in enumerate(monomials(delta, order)):
        yield terms_of(variables, degree), basis


def _alongside(coefficients: Array, x: Any) -> Array:
    """The coefficients, in JAX and in the floating type of x where JAX is tracing x."""
    if not (traced := tracers(x)):
        return coefficients
    import jax.numpy as jnp

    # JAX transforms outside of our precision scope, so what it traces is computed in the type that it chose.
    return jnp.asarray(coefficients, jnp.result_type(*traced, 1.0))


def order_of(variables: int, terms: int) -> int:
    """The order n for which C(D+n, n) = `terms`. Raises SpecError if there is none."""
    order = 0
    while comb(variables + order, order) < terms:
        order += 1
    if comb(variables + order, order) != terms:
        raise SpecError(f"coefficients: {terms} terms are no full order in {variables} variables")
    return order


def _product(coefficients: Array, basis: Array) -> Array:
    """(P, *S) and (P, M) ↦ (M, |S|): one matrix product."""
    return basis.T @ coefficients.reshape(len(coefficients), -1)


def rows_of(x: Any, like: Any, xp: Any = np, dtype: Any = None, what: str = "x") -> tuple[Array, tuple[int, ...]]:
    """x, in the form of `like`, as (D, M) with its batch shape.

    Raises SpecError, beginning with `what`, where only one of them is a tuple, or x is no real numbers.
    """
    if isinstance(like, tuple) is not isinstance(x, tuple) and np.shape(like) != ():
        form = f"a tuple of {len(like)} arrays" if isinstance(like, tuple) else f"an array (…, {len(like)})"
        raise SpecError(
            f"{what} is of type {type(x).__name__}: the centre is of type {type(like).__name__}; give {form}"
        )
    if isinstance(like, tuple):
        parts = xp.broadcast_arrays(*(_numbers(part, xp, dtype, what) for part in x))
        return xp.stack([p.reshape(-1) for p in parts]), parts[0].shape
    array = _numbers(x, xp, dtype, what)
    if np.ndim(like) and not array.ndim:
        raise SpecError(f"{what} = {x}: the centre has {len(like)} variables; give an array (…, {len(like)})")
    if np.ndim(like) == 0:
        return array.reshape(1, -1), array.shape
    return xp.moveaxis(array, -1, 0).reshape(array.shape[-1], -1), array.shape[:-1]


def _numbers(x: Any, xp: Any, dtype: Any, what: str) -> Array:
    return xp.asarray(x if xp is not np and tracers(x) else real(x, what), dtype=dtype)
