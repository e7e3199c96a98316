"""Programs with derivative rules of their own: every method is right, or refuses by name.

The quick programs of the table; `python -m tests.faults.programs` runs all of them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.inspection import obstacles
from taylorkit.trace import trace
from tests.faults import trials
from tests.faults.program_case import Case
from tests.faults.program_table import CASES
from tests.faults.programs import METHODS, expected, is_bad, largest_error, verdict
from tests.faults.programs_forward import reads_only

NAMES = [c.name for c in CASES]
QUICK = [c for c in CASES if c.quick]


def named(name: str) -> Case:
    return CASES[NAMES.index(name)]


def assert_right(name: str, *methods: str) -> None:
    for method in methods or METHODS:
        assert verdict(named(name), method) == "right", (name, method)


def test_the_table_is_of_sixty_programs_and_more() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 60 and 8 <= len(QUICK) <= 20


@pytest.mark.parametrize("case", QUICK, ids=lambda c: c.name)
def test_right_or_refused(case: Case) -> None:
    found = {method: verdict(case, method) for method in METHODS}
    assert all(text == "right" or text.startswith("refused: ") for text in found.values()), found
    assert found["auto"] == "right", found


def test_what_is_bad() -> None:
    right = dict.fromkeys(METHODS, "right")
    late = trials.NotDone("LATE: not ended after 120 s")
    for method, text in {"nested": "refused: it says why", "reverse": late, "series": "refused: "}.items():
        assert not is_bad({**right, method: text})
    for method, text in {"series": "WRONG at degree 2", "nested": "CRASH: it breaks", "auto": late}.items():
        assert is_bad({**right, method: text})
    assert not is_bad(dict.fromkeys(METHODS, "refused: by all"))


def test_the_comparison_can_fail() -> None:
    case = named("a frozen body")
    wrong = expected(case).copy()
    wrong[3] *= 1 + 1e-7
    error, degree = largest_error(wrong, case)
    assert error > case.tolerance and degree == 3
    assert largest_error(np.full_like(wrong, np.nan), case)[0] == np.inf


# jaxopt's rule is a custom_vjp around a loop, as are those by hand.
def test_fault_R3_solvers_with_backward_rules() -> None:
    assert_right("cubic, jaxopt_bisection", "auto")
    for name in ("backward, a root", "backward, a table", "Lambert, implicit_vjp"):
        assert_right(name, "series", "reverse")


def test_fault_R5_adjoints_of_loops() -> None:
    """The backward rules are loops, which JAX cannot transpose."""
    assert_right("equinox, checkpoints", "auto")
    assert_right("backward, a loop", "nested", "series", "reverse", "auto")


def test_fault_R5_diffrax_by_its_default_adjoint() -> None:
    assert_right("diffrax, Tsit5", "auto")


@pytest.mark.parametrize("name", ["cubic, root", "Kepler, root", "Colebrook, root", "Lambert, root"])
def test_fault_R20_nothing_is_said_of_what_is_right(name: str) -> None:
    """An implicit function at order 2: the warnings are none, and so is the error."""
    case = named(name)
    report = tk.preflight(case.program, np.array(case.point), 2)
    assert report.warnings == [] and report.unsupported == []
    assert_right(name, "auto")


# A rule ẏ = a ẋ whose a moves; functions of one variable, and their first four derivatives.
ONE_VALUE: dict[str, tuple[Callable, float, list[float]]] = {
    "x ↦ g(x, sin x)": (
        lambda v: reads_only(v[0], jnp.sin(v[0])),
        3.0,
        [0, np.sin(3), np.cos(3), -np.sin(3), -np.cos(3)],
    ),
    "x ↦ g(x, x²)": (lambda v: reads_only(v[0], v[0] ** 2), 3.0, [0, 9, 6, 2, 0]),
    "x ↦ g(x², x)": (lambda v: reads_only(v[0] ** 2, v[0]), 3.0, [0, 18, 12, 4, 0]),
    "x ↦ g(g(x, x), x)": (
        lambda v: reads_only(reads_only(v[0], v[0]), v[0]),
        2.0,
        [0, 4, 4, 2, 0],
    ),
}


@pytest.mark.parametrize("name", ONE_VALUE)
def test_fault_R26_one_value_at_every_order_and_by_every_method(name: str) -> None:
    f, x, right = ONE_VALUE[name]
    for method in METHODS:
        for order in range(5):
            found = tk.derivatives(f, np.array([[x]]), order, method).packed[:, 0]
            np.testing.assert_allclose(found, right[: order + 1], rtol=1e-13, atol=1e-13, err_msg=f"{method} {order}")


def test_fault_R26_a_rule_that_is_no_gradient_has_one_order_of_differentiation() -> None:
    """Of g(x, y) with ġ = y ẋ: f_xy is that of f_x, first by the first variable of the term, by every method."""
    for method in METHODS:
        found = tk.derivatives(lambda v: reads_only(v[0], v[1]), np.array([[2.0, 5.0]]), 2, method)
        np.testing.assert_array_equal(found.packed[:, 0], [0, 5, 0, 0, 1, 0], err_msg=method)


@jax.custom_vjp
def halved(x: jax.Array) -> jax.Array:
    return jnp.floor(x * 8) / 8


halved.defvjp(lambda x: (halved(x), None), lambda _, g: (g / 2,))


def test_fault_R4_straight_through() -> None:
    """The body's derivative is 0, the rule's is ½, in every method and at every order."""
    for method in METHODS:
        found = tk.derivatives(lambda v: v[0] * halved(v[0]), np.array([[0.75]]), 3, method).packed[:, 0]
        np.testing.assert_allclose(found, [0.5625, 0.75 + 0.375, 1.0, 0.0], rtol=1e-15, err_msg=method)


def test_fault_R22_a_forward_rule_that_calls_the_function() -> None:
    """`nested`, by which fingerprints are made, serves it too."""
    case = named("backward, frozen")
    traced = trace(case.program, "vector", 1, np.dtype(float))
    for method in METHODS[:3]:
        resolved = tk.preflight(case.program, np.array(case.point), 3, method).method
        assert resolved is not None and obstacles(traced, 3, resolved) == ()


def forbidding(v: jax.Array) -> jax.Array:
    """y sin x, whose forward rule forbids directions of y, and whose residuals depend on which operands move."""

    @jax.custom_vjp
    def f(x: jax.Array, y: jax.Array) -> jax.Array:
        return y * jnp.sin(lax.stop_gradient(x))

    def forward(x: Any, y: Any) -> tuple[jax.Array, Any]:
        assert not y.perturbed, "y stays"
        return f(x.value, y.value), (x.value, y.value) if x.perturbed else ()

    def backward(kept: Any, cotangent: jax.Array) -> tuple[jax.Array, None]:
        x, y = kept
        return f(x + jnp.pi / 2, y) * cotangent, None

    f.defvjp(forward, backward, symbolic_zeros=True)
    return f(v[0], jnp.full((), 2.0, v.dtype)) * v[0]


def in_a_loop(v: jax.Array) -> jax.Array:
    """The same, called three times by one equation."""
    return lax.fori_loop(0, 3, lambda _, x: forbidding(x[None]) / 2, v[0])


def in_a_branch(v: jax.Array) -> jax.Array:
    return lax.cond(v[0] > 0, lambda x: forbidding(x), lambda x: x[0], v)


def through_jit(v: jax.Array) -> jax.Array:
    inner = jax.jit(forbidding)
    return inner(v) + inner(2 * v)


@pytest.mark.parametrize(
    "program, plain",
    [
        (forbidding, lambda x: 2 * x * jnp.sin(x)),
        (in_a_loop, lambda x: _thrice(lambda y: y * jnp.sin(y), x)),
        (in_a_branch, lambda x: 2 * x * jnp.sin(x)),
        (through_jit, lambda x: 2 * x * jnp.sin(x) + 4 * x * jnp.sin(2 * x)),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_fault_R5_a_rule_that_forbids_directions(program: Callable, plain: Callable, method: str) -> None:
    """A forward rule that raises for some choices of moving operands, asked several times, by each method."""
    try:
        found = tk.derivatives(program, np.array([[0.7]]), 2, method=method)
    except SpecError as error:
        assert method == "reverse" and "in a scan" in str(error)  # where JAX drops rules
        return
    right = tk.derivatives(plain, np.array([0.7]), 2, method="nested")
    np.testing.assert_allclose(found.packed.ravel(), right.packed.ravel(), rtol=1e-12)


def _thrice(g: Callable, x: jax.Array) -> jax.Array:
    return g(g(g(x)))


@jax.custom_vjp
def divided(a: jax.Array, b: jax.Array) -> jax.Array:
    """b / a, whose backward rule calls the function itself on the cotangent."""
    return b / lax.stop_gradient(a)


def divided_back(kept: Any, cotangent: jax.Array) -> tuple[jax.Array, jax.Array]:
    a, x = kept
    u = divided(a, cotangent)
    return -u * x, u


divided.defvjp(lambda a, b: (x := divided(a, b), (a, x)), divided_back)


@jax.custom_vjp
def solved(a: jax.Array, b: jax.Array) -> jax.Array:
    """The solution of a symmetric system."""
    return jnp.linalg.solve(lax.stop_gradient(a), b)


def solved_back(kept: Any, cotangent: jax.Array) -> tuple[jax.Array, jax.Array]:
    a, x = kept
    u = solved(a, cotangent)
    return -jnp.outer(u, x), u


solved.defvjp(lambda a, b: (x := solved(a, b), (a, x)), solved_back)


def matrix(x: jax.Array) -> jax.Array:
    return jnp.array([[2.0, 0.3], [0.3, 1.0]], x.dtype) + x * jnp.array([[0.5, 0.2], [0.2, 1.0]], x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def fixed_point(f: Callable, a: Any, guess: jax.Array) -> jax.Array:
    """x = f(a, x), as JAX's documentation of custom rules writes it."""

    def goes_on(carry: tuple) -> jax.Array:
        before, now = carry
        return jnp.abs(before - now) > 1e-15

    return lax.while_loop(goes_on, lambda carry: (carry[1], f(a, carry[1])), (guess, f(a, guess)))[1]


def fixed_forward(f: Callable, a: Any, guess: jax.Array) -> tuple[jax.Array, Any]:
    x = fixed_point(f, a, guess)
    return x, (a, x)


def fixed_back(f: Callable, kept: Any, cotangent: jax.Array) -> tuple[Any, jax.Array]:
    a, x = kept
    _, of_a = jax.vjp(lambda a: f(a, x), a)

    def step(packed: Any, u: jax.Array) -> jax.Array:
        a, x, cotangent = packed
        return cotangent + jax.vjp(lambda x: f(a, x), x)[1](u)[0]

    (a_bar,) = of_a(fixed_point(step, (a, x, cotangent), cotangent))
    return a_bar, jnp.zeros_like(x)


fixed_point.defvjp(fixed_forward, fixed_back)


@pytest.mark.parametrize(
    "program, plain",
    [
        (lambda x: divided(1 + x**2, jnp.sin(x)) * x, lambda x: jnp.sin(x) * x / (1 + x**2)),
        (lambda x: divided(x, divided(1 + x, x**3)), lambda x: x**2 / (1 + x)),
        (
            lambda x: solved(matrix(x), jnp.stack([x, jnp.sin(x)]))[0],
            lambda x: jnp.linalg.solve(matrix(x), jnp.stack([x, jnp.sin(x)]))[0],
        ),
        (lambda x: fixed_point(lambda a, y: jnp.cos(a * y) / 2, x, x), None),
    ],
    ids=["divided", "twice", "solved", "fixed point"],
)
def test_fault_R24_a_backward_rule_that_calls_its_function(program: Callable, plain: Callable | None) -> None:
    """What the rule says of the other operands counts at order 2: the function's body need not have their derivative.

    The oracle of the fixed point is Newton's iteration, whose derivatives come right with its value; its backward rule
    loops until the cotangents settle, which is not linear as it stands, and is refused from order 2."""

    def newton(x: jax.Array) -> jax.Array:
        y = jnp.full_like(x, 0.47)
        for _ in range(8):
            y = y - (y - jnp.cos(x * y) / 2) / (1 + x * jnp.sin(x * y) / 2)
        return y

    right = tk.derivatives(plain or newton, np.array([0.7]), 2, method="nested").packed.ravel()
    for method in ("auto", "nested", "series"):
        try:
            found = tk.derivatives(program, np.array([0.7]), 2, method=method).packed.ravel()
        except TaylorkitError as error:
            assert plain is None and "custom_vjp" in str(error), (method, error)
            continue
        np.testing.assert_allclose(found, right, rtol=1e-10, err_msg=method)
    first = tk.derivatives(program, np.array([0.7]), 1).packed.ravel()
    np.testing.assert_allclose(first, right[:2], rtol=1e-10)
