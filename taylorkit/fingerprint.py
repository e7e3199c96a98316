"""What determines the numbers, as one hash.

A function is seen through its traced program, not its source text: renaming and formatting change nothing, a changed
constant does. Its canonical lowering (`jit(wrapper).lower().as_text()`, the wrapper's names being fixed) holds the
constants but not a custom derivative rule; that is seen by lowering the derivatives of low order too, and deeper rules
by what they compute: see `rule_hashes`. Code of the host no tracing sees: for it the spec has a `version`.
"""

from functools import lru_cache
from typing import Any

import jax
import numpy as np

from taylorkit import custom_rules, digest, rule_hashes
from taylorkit.canonical import derivatives, lowered
from taylorkit.differentiation.methods import Method
from taylorkit.grid import Grid
from taylorkit.lowering import machine
from taylorkit.settings import arithmetic
from taylorkit.trace import Traced
from taylorkit.versions import NUMERICS, Lows, mended


@lru_cache(maxsize=256)
def of_function(traced: Traced, order: int) -> dict[str, str]:
    """`program`: hash of f itself; `rules`: of its derivatives up to `order`, but 2 at most; `deeper rules`: of those
    that only higher derivatives see, where there are any."""
    found = {
        "program": digest.of_bytes(lowered(traced, traced.function).encode()),
        "rules": _low(traced, order),
    }
    return found | (
        {"deeper rules": rule_hashes.of(traced).hash(order)} if custom_rules.are_deep(traced, order) else {}
    )


def _low(traced: Traced, order: int) -> str:
    """Of derivatives as JAX takes them; where it cannot (a rule that has no forward mode), of the rules themselves."""
    if order and custom_rules.have_backward_rules(traced):
        return rule_hashes.of(traced).hash(order)
    try:
        text = lowered(traced, derivatives(traced, min(order, custom_rules.SHOWN)))
    except Exception:  # whatever JAX raises: another method may serve f
        return rule_hashes.of(traced).hash(order)
    return digest.of_bytes(text.encode())


def versions(method: Method | None = None) -> dict[str, str]:
    """What numbers depend on: taylorkit's numerics, JAX, and the libraries of a method's lowering."""
    own = {"taylorkit": NUMERICS, "jax": jax.__version__, "jaxlib": jax.lib.__version__}
    return own | (machine.versions() if method and method.lowering.startswith("llvm") else {})


def of_points(grid: Grid) -> dict[str, Any]:
    """The columns of a tensor grid and of scattered points may be alike; dimensions tell them apart."""
    return {
        "names": list(grid.names),
        "dims": list(grid.dims),
        "values": [digest.of_array(column) for column in grid.columns],
    }


def derivative_inputs(
    traced: Traced, domain: np.ndarray, grid: Grid, order: int, method: Method, version: str | None = None
) -> dict[str, Any]:
    """What determines derivatives and status, canonical and short: large parts are hashes.

    f's `domain` (D, 2) decides on status. Of what is as it mostly is, nothing is said.
    """
    settings = arithmetic(method.platform)
    return {
        "function": of_function(traced, order),
        "form": traced.form,
        "domain": digest.of_array(domain),
        "points": of_points(grid),
        "order": order,
        "dtype": str(traced.dtype),
        "method": {"name": method.name, "lowering": method.lowering, "tile": method.tile},
        "platform": method.platform,
        "versions": versions(method),
        **marks(traced, order, method, lows=lows_of(grid)),
        **({"settings": settings} if settings else {}),
        **({"version": version} if version else {}),
    }


def marks(
    traced: Traced, order: int, method: Method, part: str = "derivatives", lows: Lows = None
) -> dict[str, list[str]]:
    """The mended faults that affect a program, as an input; nothing where none does, so that fingerprints stay."""
    names = mended(traced, order, method, part, lows)
    return {"mended": names} if names else {}


def lows_of(grid: Grid) -> list[float]:
    """What each variable is not below, on a grid."""
    return [float(column.min()) for column in grid.columns]


def of_derivatives(inputs: dict[str, Any]) -> str:
    """The derivative fingerprint, which names an artifact."""
    return digest.fingerprint("derivatives", inputs)
