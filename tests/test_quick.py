"""Whole answers in one call."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import taylorkit as tk


def wave(x: Any) -> Any:
    return jnp.sin(x) + jnp.cos(x)


def curves(axes: Axes) -> list[np.ndarray]:
    """The lines that run over the whole interval, as (x, y)."""
    return [np.asarray(line.get_xydata()) for line in axes.lines if len(line.get_xdata()) > 100]


def taylor_wave(x: np.ndarray, degree: int, center: float = 0.0) -> np.ndarray:
    """T_k of sin + cos about c by hand: Σ sin(c + jπ/2) + cos(c + jπ/2) over j!, times δ^j."""
    total, term = np.zeros_like(x), np.ones_like(x)
    for j in range(degree + 1):
        total += (np.sin(center + j * np.pi / 2) + np.cos(center + j * np.pi / 2)) * term
        term = term * (x - center) / (j + 1)
    return total


@pytest.mark.parametrize(
    ("arguments", "degrees", "interval", "center"),
    [
        ({}, (0, 1, 5, 10), (-4.0, 4.0), 0.0),
        ({"num_coef": 3, "plot_coef": (2,)}, (2,), (-4.0, 4.0), 0.0),
        ({"approx_around": 1.5, "num_coef": 6, "plot_coef": (1, 5)}, (1, 5), (-2.5, 5.5), 1.5),
        ({"interval": (-7.0, 7.0), "plot_coef": (10,)}, (10,), (-7.0, 7.0), 0.0),
    ],
    ids=["as it comes", "one degree", "another centre", "wider"],
)
def test_u4_taylor_approx(
    arguments: dict[str, Any], degrees: tuple[int, ...], interval: tuple[float, float], center: float
) -> None:
    """U4: one call that draws f and the polynomials asked for, and returns the figure."""
    figure = tk.taylor_approx(wave, **arguments)
    assert isinstance(figure, Figure)
    drawn = curves(figure.axes[0])
    x = drawn[0][:, 0]
    assert (x[0], x[-1]) == interval
    wanted = [np.sin(x) + np.cos(x), *(taylor_wave(x, k, center) for k in degrees)]
    assert len(drawn) == len(wanted)
    for values in wanted:
        assert any(np.allclose(y[:, 1], values, rtol=1e-9, atol=1e-9) for y in drawn)


def test_taylor_approx_names_the_function_and_its_degrees() -> None:
    written = " ".join(text.get_text() for text in tk.taylor_approx(wave).findobj(Text))
    assert "wave" in written or "f(x)" in written
    assert all(f"T_{{{k}}}" in written or f"T_{k}" in written for k in (0, 1, 5, 10))


@pytest.mark.parametrize("plot_coef", [(0, 11), (-1,)])
def test_taylor_approx_of_a_degree_without_a_term(plot_coef: tuple[int, ...]) -> None:
    message = rf"plot_coef = .*: degree {plot_coef[-1]} needs num_coef > {plot_coef[-1]}, not 11"
    with pytest.raises(tk.SpecError, match=message):
        tk.taylor_approx(wave, plot_coef=plot_coef)


def test_taylor_approx_of_a_function_of_several_variables() -> None:
    with pytest.raises(tk.FunctionError, match="could not be traced with one scalar"):
        tk.taylor_approx(lambda x, y: x * y)


def cubic(x: Any, y: Any) -> Any:
    return x**2 + 2 * x * y + y**3


def quadratic(x: Any, y: Any) -> Any:
    return x**2 + 6 * y**2 - 12 * y + 2 * x * y + 8


@pytest.mark.parametrize("points", [[(1, 2), (2, 3), (4.2, 3.7)], np.array([[0.5, -1.0]])], ids=["list", "array"])
def test_quadratic_of_scalars(points: Any) -> None:
    values = tk.quadratic_taylor_approx(cubic, points, (1, 2))
    np.testing.assert_allclose(values, [quadratic(*p) for p in points], rtol=1e-14)


def test_quadratic_of_a_vector() -> None:
    points = np.array([[1.0, 2.0], [2.0, 3.0]])
    values = tk.quadratic_taylor_approx(lambda v: cubic(*v), points, np.array([1.0, 2.0]))
    np.testing.assert_allclose(values, [13.0, 42.0], rtol=1e-14)


def test_quadratic_of_one_variable_and_of_a_vector_output() -> None:
    np.testing.assert_allclose(tk.quadratic_taylor_approx(wave, [0.0, 1.0], 0.0), [1.0, 1.5], rtol=1e-15)
    both = tk.quadratic_taylor_approx(lambda x: jnp.stack([wave(x), x**2]), [0.0, 1.0, 2.0], 0.0)
    assert both.shape == (3, 2)
    np.testing.assert_allclose(both[:, 1], [0.0, 1.0, 4.0])
