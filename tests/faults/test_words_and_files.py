"""Files that other programs read, names of any alphabet, and sentences that are true."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import multi_index, naming, pipeline
from taylorkit.cli import main
from taylorkit.errors import FunctionError, SpecError
from taylorkit.store.netcdf import PARTS
from tests.store.making import ATLAS, LINE, Made, made, write_spec

# 15 digits of numbers that are computed once, in double precision.
ROUNDING = {"rtol": 1e-13, "atol": 1e-15}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("atlas"), ATLAS + '\n[names]\ntwist = "x y"\n')


def test_fault_R27_to_netcdf(atlas: Made, tmp_path: Path) -> None:
    """The artifact, its evaluation and parts of them; what is read back answers as they do."""
    root, evaluation = tk.open(atlas.artifact), tk.open(atlas.artifact, "map")
    for ds in (root, evaluation, root.isel(x=slice(0, 3)), root.chunk(x=4), root[["derivatives", "exponent"]]):
        ds.to_netcdf(tmp_path / "copy.nc")
        with xr.open_dataset(tmp_path / "copy.nc") as back:
            assert all(isinstance(value, str | np.number) for value in back.attrs.values())
            for name, array in ds.load().variables.items():
                np.testing.assert_array_equal(back[name].values, array.values.astype(back[name].dtype))
            told = {name: value for name, value in back.taylor._dataset.attrs.items() if name != PARTS}
            assert told == dict(ds.attrs)
    root.to_netcdf(tmp_path / "copy.nc")
    with xr.open_dataset(tmp_path / "copy.nc") as back:
        xr.testing.assert_equal(back.taylor(x=0.3, y=[0.1, 0.2]), root.taylor(x=0.3, y=[0.1, 0.2]))
        np.testing.assert_array_equal(back.taylor.derivative("twist"), root.taylor.derivative("x y"))
        assert back.taylor(x=0.3, y=0.1).name == "two_variable"
        assert back.taylor.plot(kind="derivative_maps").axes


def test_fault_R27_to_netcdf_of_another_kind_and_with_options(tmp_path: Path) -> None:
    run = made(tmp_path, LINE)
    ds = tk.open(run.artifact, "near")
    ds.to_netcdf(tmp_path / "near.nc", format="NETCDF3_CLASSIC", encoding={"error": {"dtype": "float32"}})
    with xr.open_dataset(tmp_path / "near.nc") as back:
        assert back.error.dtype == np.float32 and back.attrs["evaluation"] == "near"
    again = xr.load_dataset(memoryview(ds.to_netcdf()))
    np.testing.assert_array_equal(again.truth, ds.truth)
    with pytest.raises(SpecError, match=r"α: SciPy, which writes netCDF 3, takes Latin letters alone in names"):
        ds.rename(x="α").to_netcdf(tmp_path / "greek.nc")


GREEK = """
title = "Names of variables in Greek"
function = "own.py:f"
variables = ["α", "σ"]
call = "scalars"
order = 3
[names]
"γ" = "α σ"
[grid]
"α" = { start = -1.0, stop = 1.0, num = 4 }
"σ" = { start = 0.5, stop = 1.0, num = 3 }
[evaluations.map]
"α" = { start = -1.0, stop = 1.0, num = 6 }
"σ" = { start = 0.5, stop = 1.0, num = 5 }
[trust]
samples = 4
[report]
figures = [{ kind = "error_map", evaluation = "map", degrees = [3] }]
"""


def test_fault_R27_greek_names(tmp_path: Path) -> None:
    """Through spec, run, artifact, accessor, page and command line."""
    (tmp_path / "own.py").write_text("import jax.numpy as jnp\n\ndef f(a, s):\n    return jnp.exp(a) * s**2\n")
    path = write_spec(tmp_path, GREEK)
    store = tmp_path / "store"
    assert main(["run", str(path), "--set", "grid.σ.num=4", "--store", str(store)]) == 0
    (artifact,) = store.glob("*.zarr")
    ds = tk.open(artifact)
    assert ds.sizes["σ"] == 4 and main(["list", str(store)]) == main(["verify", str(artifact)]) == 0
    alpha, sigma = ds.α.values[:, None], ds.σ.values
    for term in ("γ", "α σ", {"α": 1, "σ": 1}):
        np.testing.assert_allclose(ds.taylor.derivative(term), np.exp(alpha) * 2 * sigma, **ROUNDING)
    third = 0.1**4 * 20  # four factors of the spacing in the first term left out, and those about as large
    assert abs(float(ds.taylor(α=-0.9, σ=0.55)) - np.exp(-0.9) * 0.55**2) < third
    (page,) = store.glob("pages/*/index.html")
    written = page.read_text(encoding="utf-8")
    assert "α² σ" in written and "γ" in written


PLAIN = ["x", "spot_price", "σ", "λ1", "été", "длина", "変数", "_x", "μ", "β_max"]
MARKED = {"µ": "'μ'", "ϕ": "'φ'", "ｘ": "'x'", "𝕏": "'X'", "e\u0301": "'é'"}
NO_NAMES = ["a b", "../x", "1x", "x-y", "", "x₁", "x\u202e", "α/β", "α\n", "Ω" * 65, "𐍂" * 49, "lambda x"]


def test_fault_R27_what_is_a_plain_name(tmp_path: Path) -> None:
    for name in PLAIN:
        assert naming.is_plain(name)
        assert multi_index.powers(f"{name}^2") == {name: 2}
        pipeline.plan(write_spec(tmp_path, ATLAS), [f"names={{'{name}_'='x y'}}"], tmp_path / "store")
    for name, meant in MARKED.items():
        assert not naming.is_plain(name)
        with pytest.raises(SpecError, match=f"which Python reads as .*: write {meant}"):
            pipeline.plan(write_spec(tmp_path, ATLAS), [f"names={{'{name}'='x y'}}"], tmp_path / "store")
    for name in NO_NAMES:
        assert not naming.is_plain(name)
    with pytest.raises(SpecError, match="'a b' must be a plain name such as x, σ or spot_price"):
        pipeline.plan(write_spec(tmp_path, ATLAS), ["names={'a b'='x y'}"], tmp_path / "store")


@pytest.mark.parametrize("line", ["σ = 1", "[grid]\nσ = 1", "grid = { σ = 1 }", "[σ]", "grid.σ.num = 3"])
def test_fault_R27_greek_keys_stand_in_quotes(tmp_path: Path, line: str) -> None:
    with pytest.raises(SpecError, match=r"a name of other letters than a to z stands in quotes"):
        pipeline.plan(write_spec(tmp_path, line), store=tmp_path / "store")


@pytest.mark.parametrize("outputs", [(), (2,), (2, 3)], ids=str)
def test_fault_R27_names_of_outputs_are_those_of_the_page(tmp_path: Path, outputs: tuple[int, ...]) -> None:
    (tmp_path / "own.py").write_text(f"import jax.numpy as jnp\n\ndef f(x):\n    return jnp.full({outputs}, x)\n")
    run = made(tmp_path, LINE.replace('"runge"', '"own.py:f"'))
    names = [d for d in tk.open(run.artifact).derivatives.dims if str(d).startswith("output")]
    page = Path("docs/how-to/own-function.md").read_text(encoding="utf-8")
    assert len(names) == len(outputs) and all(f"`{name}`" in page for name in names) and "`output_0`" not in page


EMPTY = {
    "zeros": lambda x: jnp.zeros(0) * x,
    "two axes": lambda x: jnp.zeros((2, 0)) * x,
    "slice": lambda x: jnp.stack([x, x])[:0],
    "constant": lambda x: jnp.zeros((0,)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_fault_R27_empty_outputs(name: str) -> None:
    for method in ("auto", "nested", "series", "reverse"):
        with pytest.raises(FunctionError, match=r"returns an array of shape \(.*0.*\), without a number"):
            tk.derivatives(EMPTY[name], [1.0], 2, method)
    for call in (tk.taylor, tk.preflight):
        with pytest.raises(FunctionError, match=r"without a number"):
            call(EMPTY[name], 1.0, 2)


UNKNOWN = {
    "pure_callback": lambda x: jax.pure_callback(np.sin, jax.ShapeDtypeStruct((), x.dtype), x),
    "igamma": lambda x: jax.scipy.special.gammainc(x, 2.0),
    "a loop": lambda x: jax.lax.fori_loop(0, 2, lambda _, y: jax.scipy.special.gammainc(y, 2.0), x),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_fault_R27_preflight_names_the_line(name: str) -> None:
    """Of a rule that cannot itself be differentiated, too."""
    primitive = "igamma" if name == "a loop" else name
    for method in ("series", "nested"):
        found = tk.preflight(UNKNOWN[name], 1.0, 2, method).unsupported
        assert any(line.startswith(f"{primitive} at ") and Path(__file__).name in line for line in found), found
