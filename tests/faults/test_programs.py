"""Programs with derivative rules of their own: every method is right, or refuses by name.

The quick programs of the table; `python -m tests.faults.programs` runs all of them.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
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
    assert_right("diffrax, Tsit5", "nested")
    assert verdict(named("diffrax, Tsit5"), "auto").startswith(("right", "refused: ")), "a wrong number"


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
