"""The calls of the post, as it writes them."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from nbclient import NotebookClient

import taylorkit as tk

ROOT = Path(__file__).parents[2]

# REFERENCE, M5: points and values to the digits printed there.
POINTS = [(1.0, 2.0), (2.0, 3.0), (4.2, 3.7), (2.8, 1.3), (10.2, 21.0), (-5.1, 2.3), (-3.4, -2.5)]
VALUES = [13.0, 42.0, 94.46, 17.66, 2934.44, 14.69, 104.06]
# Half a unit of the last digit printed; in single precision, which JAX's arrays have here, rounding of 2934.44 besides.
PRINTED, SINGLE = 0.5e-2, 0.5e-2 + 3e-4


def g(x: Any, y: Any) -> Any:
    return x**2 + 2 * x * y + y**3


def of_vector(v: Any) -> Any:
    return g(v[0], v[1])


def with_defaults(x: Any, y: Any, scale: float = 1.0) -> Any:
    return scale * g(x, y)


def of_any(*v: Any) -> Any:
    return g(*(v if len(v) == 2 else v[0]))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "two scalars": g,
    "one vector": of_vector,
    "compiled": jax.jit(g),
    "partly given": partial(with_defaults, scale=1.0),
    "defaults": with_defaults,
    "any number": of_any,
}
COLUMNS = np.array(POINTS).T
FORMS: dict[str, Any] = {
    "JAX's array": jnp.array(POINTS),
    "array": np.array(POINTS),
    "list of points": POINTS,
    "columns": tuple(COLUMNS),
    "JAX's columns": tuple(map(jnp.asarray, COLUMNS)),
    "columns of lists": tuple(COLUMNS.tolist()),
}
CENTERS: dict[str, Any] = {
    "JAX's array": jnp.array([1.0, 2.0]),
    "array": np.array([1.0, 2.0]),
    "tuple": (1.0, 2.0),
    "list": [1.0, 2.0],
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_P1_P2_every_form_of_points_and_centre(function: str) -> None:
    """Rows and columns, about an array or a tuple, of a function of two scalars or of a vector: M5 each time."""
    for points in FORMS.values():
        for center in CENTERS.values():
            values = tk.quadratic_taylor_approx(FUNCTIONS[function], points, around_to=center)
            assert isinstance(values, np.ndarray) and values.shape == (7,)
            np.testing.assert_allclose(values, VALUES, rtol=0, atol=SINGLE if values.dtype == np.float32 else PRINTED)


def test_fault_P1_as_pasted() -> None:
    values = tk.quadratic_taylor_approx(g, jnp.array([[1.0, 2.0], [2.0, 3.0]]), jnp.array([1.0, 2.0]))
    assert values.tolist() == [13.0, 42.0]


def test_m10_as_pasted() -> None:
    points = jnp.array([[1.0, 1.0], [1.0, 2.0], [3.0, 4.0]])
    for center in ({"around_to": jnp.array([1.0, 2.0])}, {"around_to": (1.0, 2.0)}):
        assert tk.quadratic_taylor_approx(g, points, **center).tolist() == [5.0, 13.0, 89.0]
    assert list(inspect.signature(tk.quadratic_taylor_approx).parameters) == ["fun", "approx", "around_to"]


def test_fault_P2_as_pasted() -> None:
    xs, ys = jnp.array([1.0, 2.0]), jnp.array([2.0, 3.0])
    assert tk.quadratic_taylor_approx(g, (xs, ys), (1.0, 2.0)).tolist() == [13.0, 42.0]


def test_fault_P1_one_point_and_three_variables() -> None:
    assert tk.quadratic_taylor_approx(g, jnp.array([2.0, 3.0]), jnp.array([1.0, 2.0])).tolist() == 42.0
    assert tk.quadratic_taylor_approx(g, (2.0, 3.0), jnp.array([1.0, 2.0])).tolist() == 42.0

    def h(x: Any, y: Any, z: Any) -> Any:
        return x**2 + 3 * y + z**2

    rows = np.array([[1.0, 2.0, 2.0], [0.0, 1.0, 5.0]])
    for points in (rows, jnp.asarray(rows), tuple(rows.T)):
        assert tk.quadratic_taylor_approx(h, points, jnp.array([1.0, 2.0, 2.0])).tolist() == [11.0, 28.0]
    inside = jax.jit(lambda p: tk.quadratic_taylor_approx(g, p, (1.0, 2.0)))(jnp.array(POINTS))
    np.testing.assert_allclose(inside, VALUES, rtol=0, atol=SINGLE)
    listed = jax.jit(lambda x: tk.quadratic_taylor_approx(g, [[x, 3.0], [1.0, x]], (1.0, 2.0)))(2.0)
    assert listed.tolist() == [42.0, 13.0]


def test_fault_P1_points_of_another_width() -> None:
    with pytest.raises(tk.SpecError, match=r"approx: shape \(2, 3\); the centre has 2 numbers: give an array \(M, 2\)"):
        tk.quadratic_taylor_approx(g, np.ones((2, 3)), (1.0, 2.0))


def lines(figure: Figure) -> int:
    """Curves that run over the whole interval."""
    return sum(len(line.get_xdata()) > 100 for line in figure.axes[0].lines)


def test_fault_P3_plot_coef_as_the_post_spells_it() -> None:
    figure = tk.taylor_approx(jnp.sin, approx_around=0.0, num_coef=3, PLOT_COEF=(0, 1, 2))
    assert isinstance(figure, Figure) and lines(figure) == 1 + 3
    for degrees in ((0, 2), [0, 2], np.array([0, 2]), jnp.array([0, 2]), range(0, 3, 2)):
        assert lines(tk.taylor_approx(jnp.sin, num_coef=3, PLOT_COEF=degrees)) == 1 + 2
    assert lines(tk.taylor_approx(jnp.sin, jnp.array(0.5), np.int64(3), 1)) == 1 + 1
    with pytest.raises(tk.SpecError, match="two names of one thing"):
        tk.taylor_approx(jnp.sin, plot_coef=(0,), PLOT_COEF=(1,))


@pytest.mark.parametrize("wrong", ["1", [0.5], [], [[1]], True, None])
def test_fault_P3_what_are_no_degrees(wrong: Any) -> None:
    field = "num_coef" if wrong is None else "plot_coef"
    with pytest.raises(tk.SpecError, match=rf"^{field} = "):
        tk.taylor_approx(jnp.sin, **({"num_coef": 2.5} if wrong is None else {"PLOT_COEF": wrong}))


@pytest.mark.parametrize(
    "wrong", [{"approx_around": "0"}, {"approx_around": 1j}, {"interval": (1.0,)}, {"interval": 4.0}]
)
def test_fault_P3_what_is_no_centre_or_interval(wrong: dict[str, Any]) -> None:
    with pytest.raises(tk.SpecError, match=rf"^{next(iter(wrong))} "):
        tk.taylor_approx(jnp.sin, num_coef=2, **wrong)


START = "import jax.numpy as jnp, taylorkit as tk\ndef f(x): return jnp.sin(x)"
CELLS = {
    "last expression": "tk.taylor_approx(f, num_coef=2)",
    "not the last": "tk.taylor_approx(f, num_coef=2)\nx = 1",
    "followed by a value": "tk.taylor_approx(f, num_coef=2)\n'text'",
    "assigned": "figure = tk.taylor_approx(f, num_coef=2)",
    "assigned and last": "figure = tk.taylor_approx(f, num_coef=2)\nfigure",
    "quiet": "tk.taylor_approx(f, num_coef=2);",
    "asked for again": "figure",
    "displayed": "display(tk.taylor_approx(f, num_coef=2))",
    "saved": "tk.taylor_approx(f, num_coef=2).savefig('/dev/null', format='png')",
    "failed after": "tk.taylor_approx(f, num_coef=2)\nassert not hasattr(tk, '__name__')",
    "stored": "ds.taylor.plot(kind='derivatives')",
}
STORED = """
import numpy as np, xarray as xr, taylorkit.accessor
ds = xr.Dataset(
    {"derivatives": (("term", "x"), np.ones((3, 4))), "exponent": (("term", "variable"), [[0], [1], [2]])},
    {"x": np.arange(4.0), "variable": ["x"], "term": ["1", "x", "x^2"]},
    {"kind": "taylor", "variables": ["x"], "order": 2, "function": {"name": "f", "latex": "", "signature_latex": "f"}},
)"""


def test_fault_P4_a_notebook_shows_one_picture() -> None:
    """In a Jupyter kernel, whatever a cell does with the figure; two cells draw two, and inline changes nothing."""
    again = {what: CELLS[what] for what in ("last expression", "not the last", "assigned and last", "stored")}
    two = "tk.taylor_approx(f, num_coef=2)\ntk.taylor_approx(f, num_coef=3)"
    sources = [START + STORED, *CELLS.values(), two, "%matplotlib inline", *again.values(), two, "None"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(ROOT))
    outputs = [[o for o in cell.outputs if o.output_type != "error"] for cell in notebook.cells]
    for source, found in zip(sources, outputs, strict=True):
        pictures = [o for o in found if "image/png" in o.get("data", {})]
        expected = 2 if source == two else int(source in CELLS.values())
        assert len(pictures) == expected, (source, found)
        assert len(found) - len(pictures) == (source == CELLS["followed by a value"]), (source, found)
