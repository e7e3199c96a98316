"""The function a spec names, found, traced and looked over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import numpy as np

from taylorkit import calling, custom_rules, fingerprint, smoothness
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import Method, resolve
from taylorkit.differentiation.tiles import Tiles
from taylorkit.errors import FunctionError, SpecError
from taylorkit.functions import Function
from taylorkit.guard import guarded
from taylorkit.inspection import narrow
from taylorkit.loading import find_function
from taylorkit.smoothness.bounded import bounded
from taylorkit.trace import Traced, trace

# Longer jaxprs are cut in attributes: they are there to be read.
PROGRAM_CHARACTERS = 50_000


@dataclass(frozen=True, eq=False)
class Subject:
    """A function, its trace, and what a reader should know of it."""

    reference: str
    function: Function
    formula: str
    traced: Traced

    def values(self, rows: np.ndarray, platform: str) -> np.ndarray:
        """f at rows (M, D): (*S, M). The order-0 kernel, so that f is always computed in the same tiles."""
        method = resolve("nested", self.traced, 0, platform)
        return kernel.evaluate(self.traced, 0, method, rows)[0]

    def sampled(self, rows: np.ndarray, centers: np.ndarray, platform: str) -> np.ndarray:
        """f at rows that nobody named: NaN where it would not come to an end, if it does at the centers."""
        ending = bounded(self.traced)
        if ending is None:
            return self.values(rows, platform)
        method = resolve("nested", self.traced, 0, platform)
        never = np.isnan(kernel.evaluate(ending, 0, method, centers)[0])
        if (never & ~np.isnan(self.values(centers, platform))).any():  # its loops are long
            return self.values(rows, platform)
        return kernel.evaluate(ending, 0, method, rows)[0]

    def kinks(self, rows: np.ndarray, platform: str) -> np.ndarray:
        """Which rows (M, D) lie on a kink of f: (M,) bool."""
        if not smoothness.non_smooth(self.traced):
            return np.zeros(len(rows), bool)
        found = np.empty((1, len(rows)), bool)
        kernel = self.traced.remembered(("kinks", platform), lambda: _kink_kernel(self.traced, platform))
        kernel.fill(found, rows)
        return found[0]

    @property
    def domain(self) -> np.ndarray:
        """The open interval of each variable in which f is meant to be expanded: (D, 2)."""
        return np.array(self.function.domain or ((-np.inf, np.inf),) * self.traced.variables, np.float64)

    def outside(self, rows: np.ndarray) -> np.ndarray:
        """Which rows lie outside of f's domain: (M,) bool."""
        low, high = self.domain.T
        return ((rows <= low) | (rows >= high)).any(axis=1)

    @cached_property
    def warnings(self) -> list[str]:
        """What of f has fewer digits than the run."""
        return narrow.warnings(self.traced, self.function.function)

    def attributes(self, variables: list[str]) -> dict[str, Any]:
        name = self.function.name
        return {
            "reference": self.reference,
            "name": name,
            "latex": self.formula or self.function.latex,
            "signature_latex": self.function.signature or f"{_latex_name(name)}({', '.join(variables)})",
            "domain": self.function.domain_text,
            "source": self.function.source,
            # At a terminal, and in a notebook, JAX would colour it by control characters.
            "program": self.traced.jaxpr.pretty_print(use_color=False)[:PROGRAM_CHARACTERS],
            "fingerprint": fingerprint.of_function(self.traced, 0)["program"],
        }


def _kink_kernel(traced: Traced, platform: str) -> Tiles:
    """In the tiles in which f is computed: whatever these are good for, its kinks need as well."""
    at_kink = smoothness.at_kink(traced)
    return Tiles(lambda v: [at_kink(v)[None]], traced, resolve("nested", traced, 0, platform).tile, platform)


def _latex_name(name: str) -> str:
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', ' ')}}}"


def subject(
    reference: str,
    call: str,
    variables: list[str],
    dtype: str,
    folder: Path,
    formula: str = "",
    trusted: Sequence[Path] | None = None,
) -> Subject:
    """Find and trace the function. Raises FunctionError or SpecError."""
    function = find_function(reference, folder, trusted, dtype)
    if function.variables and (function.call != call or len(function.variables) != len(variables)):
        raise SpecError(
            f"function = {reference!r} takes {len(function.variables)} variables as {function.call}; the spec has "
            f"variables = {variables}, call = {call!r}"
        )
    form = calling.form_of(call, variables)
    with guarded(trusted):  # f may import as it is traced
        traced = trace(function.function, form, len(variables), np.dtype(dtype))
    return Subject(reference, function, formula, replace(traced, fixed=True))


def require_seen(f: Subject, order: int, version: str | None) -> None:
    """Raise FunctionError where f or a rule of it calls code that no fingerprint sees and no `version` stands for."""
    if version is not None:
        return
    if calls := custom_rules.outside(f.traced, order):
        raise FunctionError(
            f"{f.reference}: {', '.join(calls)} calls code outside of JAX: a stored run would not see that it was "
            'changed. Give the spec a version = "…" of your own, and another one whenever that code or its data change'
        )


def platform_of(device: str) -> str:
    """The platform that `device` (auto, cpu, gpu) means here. Raises SpecError where there is none."""
    if device == "auto":
        return jax.default_backend()
    try:
        return jax.devices(device)[0].platform
    except RuntimeError as error:
        raise SpecError(
            f"device = {device!r}: JAX sees only {jax.default_backend()}; "
            "for a GPU install taylorkit[cuda], or use device = 'auto'"
        ) from error


def device_bytes(platform: str) -> int | None:
    """How much memory a device of the platform has for arrays; None where it shares the host's."""
    stats = None if platform == "cpu" else jax.devices(platform)[0].memory_stats()
    return int(stats["bytes_limit"]) if stats and "bytes_limit" in stats else None


def method_attributes(method: Method) -> dict[str, Any]:
    return {"name": method.name, "lowering": method.lowering, "tile": method.tile}
