"""Every method on every function it serves, against nested jacfwd and against exact power series."""

from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.differentiation import METHODS
from taylorkit.functions import TABLE
from taylorkit.trace import trace
from tests.cases import CASES, IDS, Case
from tests.derivatives import oracles

SERVED = [
    pytest.param(case, method, id=f"{case.name}-{method}")
    for case in CASES
    for method in METHODS
    if not METHODS[method].unsupported(trace(case.function, case.form, case.variables, np.dtype(float)))
]


@cache
def computed(case: Case, method: str) -> tk.DerivativeTensors:
    return tk.derivatives(case.function, case.points, case.order, method)


@cache
def exact(case: Case) -> np.ndarray:
    return oracles.exact_derivatives(case)


def test_table_has_every_named_function_once() -> None:
    assert len(set(IDS)) == len(IDS)
    assert set(TABLE) <= set(IDS)
    assert all(case.function is TABLE[case.name].function for case in CASES if case.name in TABLE)


def test_table_covers_forms_variables_and_outputs() -> None:
    shapes = {trace(c.function, c.form, c.variables, np.dtype(float)).shape for c in CASES}
    assert {len(s) for s in shapes} == {0, 1, 2}
    assert {c.form for c in CASES} == {"scalar", "scalars", "vector"}
    assert {c.variables for c in CASES} == {1, 2, 3, 4, 5}


def test_every_method_serves_some_case() -> None:
    assert {p.values[1] for p in SERVED} == set(METHODS)


@pytest.mark.parametrize(("case", "method"), SERVED)
def test_equals_nested_jacfwd(case: Case, method: str) -> None:
    tensors = oracles.nested_jacfwd(case)
    expected = np.concatenate([_packed(t, case.variables, k) for k, t in enumerate(tensors)])
    packed = oracles.flat(computed(case, method).packed)[: len(expected)]
    oracles.assert_close(packed, expected, case.variables, len(tensors) - 1, oracles.AGAINST_JACFWD)


@pytest.mark.parametrize("name", ["curve", "two_variable", "frame", "cubed_sum"])
def test_tensors_are_those_of_nested_jacfwd(name: str) -> None:
    """In shape and in values, for every degree."""
    case = CASES[IDS.index(name)]
    for k, expected in enumerate(oracles.nested_jacfwd(case)):
        tensor = computed(case, "nested").tensor(k)
        assert tensor.shape == expected.shape
        # jacfwd computes f_xy and f_yx apart: what is one number here are two there.
        np.testing.assert_allclose(tensor, expected, rtol=1e-12, atol=1e-13 * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize(("case", "method"), SERVED)
def test_equals_exact_series(case: Case, method: str) -> None:
    packed = oracles.flat(computed(case, method).packed)
    oracles.assert_close(packed, exact(case), case.variables, case.order, oracles.AGAINST_EXACT)


def test_the_comparison_can_fail() -> None:
    case = CASES[IDS.index("two_variable")]
    wrong = exact(case).copy()
    wrong[4, 0, 1] *= 1 + 1e-10
    with pytest.raises(AssertionError, match="degree 2"):
        oracles.assert_close(wrong, exact(case), case.variables, case.order, oracles.AGAINST_EXACT)


@pytest.mark.parametrize("name", ["sin_plus_cos", "two_variable", "frame"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_lower_order_is_a_prefix(name: str, order: int) -> None:
    case = CASES[IDS.index(name)]
    low = tk.derivatives(case.function, case.points, order)
    terms = multi_index.count(case.variables, order)
    assert low.packed.shape[0] == terms == len(low.multi_indices)
    oracles.assert_close(oracles.flat(low.packed), exact(case)[:terms], case.variables, order, oracles.AGAINST_EXACT)


@pytest.mark.parametrize("name", ["mml_5_15", "squares_and_line", "cubed_sum", "wave_of_five", "frame"])
def test_one_vector_gives_what_scalars_give(name: str) -> None:
    """f(v) equals f(x, y, …)."""
    case = CASES[IDS.index(name)]
    forms = {
        "scalars": (lambda *scalars: case.function(jnp.stack(scalars)), tuple(case.rows.T)),
        "vector": (lambda v: case.function(*v), case.rows),
    }
    other, points = forms["scalars" if case.form == "vector" else "vector"]
    order = min(case.order, 2)
    terms = multi_index.count(case.variables, order)
    packed = oracles.flat(tk.derivatives(other, points, order).packed)
    oracles.assert_close(packed, exact(case)[:terms], case.variables, order, oracles.AGAINST_EXACT)


def _packed(tensor: np.ndarray, variables: int, degree: int) -> np.ndarray:
    """(N, *S, D, …, D) ↦ (C(D+k−1, k), |S|, N), reading each monomial's entry by its sorted indices."""
    n = len(tensor)
    inner = tensor.reshape(n, -1, *[variables] * degree)
    entries = [
        inner[(slice(None), slice(None), *index)] for index in multi_index.sorted_tuples(variables, degree).tolist()
    ]
    return np.stack(entries).swapaxes(1, 2)
