"""taylorkit: every derivative of a JAX function up to order n, stored, with maps of where they can be trusted.

The public names, and only those. Each is imported when it is first used, so that reading an artifact needs no JAX, and
differentiating needs neither Zarr nor matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taylorkit.atlas import Atlas
    from taylorkit.batching import naive_vmap
    from taylorkit.differentiation import DerivativeTensors, derivatives
    from taylorkit.errors import FunctionError, IntegrityError, SpecError, TaylorkitError
    from taylorkit.inspection import Preflight, preflight
    from taylorkit.jaxpr import count_equations, describe_jaxpr
    from taylorkit.polynomial import TaylorPolynomial, taylor, tensor_power
    from taylorkit.quick import quadratic_taylor_approx, taylor_approx
    from taylorkit.store.read import open
    from taylorkit.store.verify import verify

__version__ = "0.5.0"

_HOME = {
    "Atlas": "taylorkit.atlas",
    "DerivativeTensors": "taylorkit.differentiation",
    "FunctionError": "taylorkit.errors",
    "IntegrityError": "taylorkit.errors",
    "Preflight": "taylorkit.inspection",
    "SpecError": "taylorkit.errors",
    "TaylorPolynomial": "taylorkit.polynomial",
    "TaylorkitError": "taylorkit.errors",
    "count_equations": "taylorkit.jaxpr",
    "derivatives": "taylorkit.differentiation",
    "describe_jaxpr": "taylorkit.jaxpr",
    "naive_vmap": "taylorkit.batching",
    "open": "taylorkit.store.read",
    "preflight": "taylorkit.inspection",
    "quadratic_taylor_approx": "taylorkit.quick",
    "taylor": "taylorkit.polynomial",
    "taylor_approx": "taylorkit.quick",
    "tensor_power": "taylorkit.polynomial",
    "verify": "taylorkit.store.verify",
}

__all__ = [
    "Atlas",
    "DerivativeTensors",
    "FunctionError",
    "IntegrityError",
    "Preflight",
    "SpecError",
    "TaylorPolynomial",
    "TaylorkitError",
    "__version__",
    "count_equations",
    "derivatives",
    "describe_jaxpr",
    "naive_vmap",
    "open",
    "preflight",
    "quadratic_taylor_approx",
    "taylor",
    "taylor_approx",
    "tensor_power",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'taylorkit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
