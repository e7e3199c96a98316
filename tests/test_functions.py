"""The named functions: what an entry says agrees with what its function does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.functions import EVERYWHERE, TABLE, Function
from tests.cases import CASES, Case

ENTRIES = [pytest.param(entry, id=name) for name, entry in TABLE.items()]
BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize("entry", ENTRIES)
def test_takes_its_variables_and_gives_a_scalar(entry: Function) -> None:
    case: Case = BY_NAME[entry.name]
    assert case.variables == len(entry.variables)
    with jax.enable_x64(True):
        values = jax.jit(jax.vmap(entry.function))(*((case.points,) if case.form != "scalars" else case.points))
    assert values.shape == (len(case.rows),) and np.isfinite(values).all()


@pytest.mark.parametrize("entry", ENTRIES)
def test_says_what_it_is(entry: Function) -> None:
    assert entry.latex and entry.source and entry.call in ("scalars", "vector")
    assert all(name in entry.signature for name in entry.variables)
    assert len(entry.domain) in (0, len(entry.variables))


@pytest.mark.parametrize("entry", ENTRIES)
def test_cases_lie_in_the_domain(entry: Function) -> None:
    domain = np.array(entry.domain or [EVERYWHERE] * len(entry.variables))
    rows = BY_NAME[entry.name].rows
    assert ((domain[:, 0] < rows) & (rows < domain[:, 1])).all()


def test_domains_in_words() -> None:
    assert TABLE["log"].domain_text == "x in (0, inf)"
    assert TABLE["two_variable"].domain_text == "all real numbers"
    both = Function("f", jnp.add, "", "", ("x", "y"), "", domain=(EVERYWHERE, (-1.0, 1.0)))
    assert both.domain_text == "y in (-1, 1)"


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_formula_can_be_typeset(entry: Function) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0, 0, f"${entry.signature} = {entry.latex}$")
    figure.canvas.draw()
