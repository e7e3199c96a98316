"""What can be imported, and used, without what it does not need."""

import subprocess
import sys

BLOCK = """
import sys
from importlib.abc import MetaPathFinder

class Blocked(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in NAMES:
            raise ImportError(f"{name} is blocked")

NAMES = set({names!r})
sys.meta_path.insert(0, Blocked())
"""

CORE = """
import numpy as np
import jax.numpy as jnp
import taylorkit as tk

d = tk.derivatives(lambda x, y: jnp.sin(x) * y, (np.linspace(0, 1, 5), np.ones(5)), 2)
assert d.packed.shape == (6, 5)
T = tk.taylor(jnp.sin, 0.0, 4)
assert abs(float(T(0.1)) - np.sin(0.1)) < 1e-7
centers = np.linspace(-3, 3, 13)
A = tk.Atlas(centers, np.asarray(tk.derivatives(jnp.sin, centers, 4).coefficients))
assert abs(np.asarray(A(centers + 0.1)) - np.sin(centers + 0.1)).max() < 1e-6
assert tk.preflight(jnp.sin, 0.5, 3, "series").method.name == "series"
assert tk.tensor_power([1, 2], 2).tolist() == [[1, 2], [2, 4]]
"""

READING = """
import numpy as np
from taylorkit.polynomial import TaylorPolynomial, from_dataset
import taylorkit as tk
import taylorkit.plotting, taylorkit.report
from taylorkit.store.read import open
from taylorkit.atlas import Atlas
from taylorkit import error

T = TaylorPolynomial((1.0, 2.0), np.array([13.0, 6.0, 14.0, 1.0, 2.0, 6.0]))
assert T((2.0, 3.0)) == 42.0 and T.derivative((1, 0))((1.0, 2.0)) == 6.0
assert T.tensor(2).tolist() == [[2.0, 2.0], [2.0, 12.0]]
A = Atlas(np.array([0.0, 1.0]), np.array([[1.0, 2.0], [1.0, 1.0]]))
assert A(np.array([0.1, 0.9])).tolist() == [1.1, 1.9]
assert abs(error.convergence_radius(np.ones((9, 1)), 1) - error.SAFETY) < 1e-12
assert tk.open is open and tk.TaylorPolynomial is TaylorPolynomial
"""

OFTEN = (
    "zarr",
    "xarray",
    "matplotlib",
    "prefect",
    "pydantic",
    "blake3",
    "jinja2",
    "rfc8785",
    "flint",
    "pandas",
)


def run(code: str, *blocked: str) -> None:
    """In a fresh process, where these raise ImportError; and they must not be there at the end either."""
    block = BLOCK.replace("{names!r}", repr(blocked))
    check = f"\nassert not [m for m in sys.modules if m.split('.')[0] in {set(blocked)!r}]"
    done = subprocess.run([sys.executable, "-c", block + code + check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_core_needs_jax_and_numpy_alone() -> None:
    run(CORE, *OFTEN)


def test_reading_and_drawing_need_no_jax() -> None:
    run(READING, "jax", "jaxlib", "prefect")


def test_the_blockade_holds() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK.replace("{names!r}", "('zarr',)") + "import zarr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ImportError: zarr is blocked" in done.stderr


def test_importing_the_package_loads_nothing() -> None:
    run(
        "import taylorkit; assert taylorkit.__version__; assert 'derivatives' in dir(taylorkit)", "jax", "numpy", *OFTEN
    )


def test_no_submodule_has_the_name_of_something_public() -> None:
    """Importing it would hide the function: `taylorkit.derivatives` would become a module."""
    run(
        """
import pkgutil, taylorkit as tk
assert not {m.name for m in pkgutil.iter_modules(tk.__path__)} & set(tk.__all__)
try:
    tk.no_such_name
except AttributeError as error:
    assert "no attribute 'no_such_name'" in str(error)
else:
    raise SystemExit("it has every name")
"""
    )


def test_every_public_name_is_there() -> None:
    run("import taylorkit as tk; [getattr(tk, name) for name in tk.__all__]")
