"""What cannot be answered is refused in words that say what there is instead."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from tests.store.making import Made

REFUSED: dict[str, tuple[Callable[[xr.Dataset], Any], str]] = {
    "degree": (lambda ds: ds.taylor.derivative("x^2 y"), r"is 3, and the order .* is 2; near it are 'x\^2', 'x y'"),
    "taken out": (lambda ds: ds.isel(term=[0, 1]).taylor.derivative("y"), "'y': not here; near it are '1', 'x'"),
    "variable": (lambda ds: ds.taylor.derivative("x z"), "'z' is no variable; they are x, y"),
    "sum": (lambda ds: ds.taylor.derivative("x + y"), r"no term; write one as 'x\^2 y', \(2, 1\) or \{'x': 2, 'y': 1"),
    "empty": (lambda ds: ds.taylor.derivative(""), "no term"),
    "short": (lambda ds: ds.taylor.derivative((1,)), "no term"),
    "negative": (lambda ds: ds.taylor.derivative({"x": -1}), "no term"),
    "fraction": (lambda ds: ds.taylor.derivative((0.5, 1)), "no term"),
    "tensor": (lambda ds: ds.taylor.tensor(3), "degree = 3: the order is 2"),
    "no tensor": (lambda ds: ds.taylor.tensor("x"), "order = 'x': must be a whole number"),
    "missing": (lambda ds: ds.taylor(x=1.0), "y: not given; write x=…, y=…"),
    "unknown": (lambda ds: ds.taylor(x=1.0, z=1.0), "z is no variable; they are x, y"),
    "text": (lambda ds: ds.taylor(x="1", y=1.0), "x = '1': must be numbers"),
    "nan": (lambda ds: ds.taylor(x=np.nan, y=1.0), "is not finite; it has no nearest centre"),
    "pair": (lambda ds: ds.taylor(x=("p", "q", 1, 2, 3), y=1.0), r"no pair \(dimensions, values\)"),
    "shapes": (lambda ds: ds.taylor(x=np.ones((2, 3)), y=np.ones(4)), r"do not fit together: x \(2, 3\), y \(4,\)"),
    "order": (lambda ds: ds.taylor(x=1.0, y=1.0, degree=3), "degree = 3: write a whole number from 0 to the order, 2"),
    "terms": (lambda ds: ds.isel(term=[0, 2, 1]).taylor(x=1.0, y=1.0), "which are not all up to some degree"),
    "no centres": (lambda ds: ds.isel(x=[]).taylor(x=1.0, y=1.0), "centres: none are left"),
    "no grid": (lambda ds: ds.drop_vars("y").taylor(x=1.0, y=1.0), "y: this dataset does not say where"),
    "evaluation": (lambda ds: ds.taylor.error("no"), r"evaluation = 'no': .* has map"),
    "error degree": (lambda ds: ds.taylor.error(degree=5), "degree = 5: write a whole number from 0 to the order, 2"),
    "no source": (lambda ds: ds.drop_encoding().taylor.error(), "does not say where its artifact lies .*use taylorkit"),
    "figure": (lambda ds: ds.taylor.plot(kind="no"), "figure kind = 'no': unknown; write one of approximations"),
    "foreign": (lambda ds: xr.Dataset().taylor.gradient(), "this dataset has no 'derivatives'"),
    "no artifact": (lambda ds: xr.Dataset().taylor.plot(), "is of no artifact"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(ds: xr.Dataset, name: str) -> None:
    ask, message = REFUSED[name]
    with pytest.raises(tk.SpecError, match=message):
        ask(ds)


def test_an_evaluation_holds_no_derivatives(run: Made) -> None:
    with pytest.raises(tk.SpecError, match=r"the evaluation 'map' has no 'derivatives': ask the root"):
        tk.open(run.artifact, "map").taylor(x=1.0, y=1.0)
