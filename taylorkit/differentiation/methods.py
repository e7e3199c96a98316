"""The methods, and which one `auto` means.

A method is a module with NAME, LOWERINGS (what can execute it, the best first), `unsupported(traced)`,
`working_values(traced, order)` and `packed(traced, order)`; for lowerings other than `xla` also `kind` and `straight`.
To add one: one file beside this, one line in METHODS. `series:xla` asks for a method by a lowering of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType

import jax

from taylorkit.differentiation import blocks, lines, nested, reverse, series
from taylorkit.differentiation.choice import TRIED_ORDER, choose, fails
from taylorkit.differentiation.program import Program, program
from taylorkit.errors import SpecError
from taylorkit.lowering import machine, pallas
from taylorkit.trace import Traced

METHODS: dict[str, ModuleType] = {m.NAME: m for m in (nested, series, reverse)}

# Which functions a lowering serves beside all, and how that is said; `xla` serves every one.
SERVES = {"llvm": lines.serves, "pallas": blocks.serves}
WHERE = {
    "llvm": "on Linux with glibc and an x86-64 CPU with AVX2 and FMA, with llvmlite (pip install 'taylorkit[llvm]')",
    "pallas": "in float32 or float64",
}

# Arrays of a tile's size that live at once in a compiled kernel, beside its output: a rough figure, on the high side.
TEMPORARIES = 4

# How many numbers a tile works on, and the least and most points in it. A tile is what stays in a core's cache on a
# CPU, with points enough that handing out its results costs little beside them; and what fills a GPU.
TILE_VALUES = {"cpu": (2**20, 16, 2**15), "gpu": (2**24, 256, 2**18)}

# Padding costs what points cost: where f loops, a tile is smaller by this.
DEAR = 32


@dataclass(frozen=True)
class Method:
    """A resolved method: everything about it that determines the last bits of its numbers."""

    name: str
    lowering: str
    tile: int
    platform: str

    @property
    def packed(self) -> Callable[[Traced, int], Callable[[jax.Array], jax.Array]]:
        return METHODS[self.name].packed


def resolve(method: str, traced: Traced, order: int, platform: str) -> Method:
    """The method that `method` names; `auto` is decided by the jaxpr, D, the order and the table of crossovers.

    Raises SpecError for an unknown name, or where the one asked for cannot serve f.
    """
    if not isinstance(method, str):
        raise SpecError(f"method = {method!r}: must be one of auto, {', '.join(_names())}")
    if traced.escapes:  # whose values no cache may keep
        return replace(_resolve(method, traced, order, platform), lowering="xla")
    return _resolved(method, program(traced, order), order, platform)


@lru_cache(maxsize=1024)
def _resolved(method: str, known: Program, order: int, platform: str) -> Method:
    return _resolve(method, known.origin() or known.traced, order, platform)


def _resolve(method: str, traced: Traced, order: int, platform: str) -> Method:
    asked = choose(traced, order, platform).name if method == "auto" else method
    name, _, lowering = asked.partition(":")
    if name not in METHODS or (lowering and lowering not in METHODS[name].LOWERINGS):
        raise SpecError(f"method = {method!r}: must be one of auto, {', '.join(_names())}")
    module = METHODS[name]
    if missing := module.unsupported(traced):
        if method == "auto":
            raise SpecError(f"no method serves {'; '.join(missing)}: give f another rule, or write that part otherwise")
        raise SpecError(f"method = {method!r} does not serve {'; '.join(missing)}; use method = 'auto'")
    wanted = [lowering] if lowering else module.LOWERINGS
    served = next((w for w in wanted if w == "xla" or SERVES[w](traced, module.kind(traced, order), platform)), None)
    if served is None:
        raise SpecError(
            f"method = {method!r}: serves functions of few numbers without loops, {WHERE[lowering]}; "
            f"use method = {name!r}"
        )
    numbers = module.working_values(traced, order) * (DEAR if traced.loops else 1)
    return Method(name, spelled(served, platform), tile(numbers, platform), platform)


def tried(method: str, traced: Traced, order: int, platform: str) -> Method:
    """`resolve` for what is decided before anything is compiled: what `auto` takes is tried at low order."""
    resolved = resolve(method, traced, order, platform)
    if method != "auto" or not fails(traced, min(order, TRIED_ORDER), METHODS[resolved.name]):
        return resolved
    return fallback(traced, min(order, TRIED_ORDER), resolved) or resolved


def fallback(traced: Traced, order: int, failed: Method) -> Method | None:
    """What serves f where `auto` took a method that fails all the same: `nested`, where JAX can differentiate f."""
    if failed.name == nested.NAME or fails(traced, order, nested):
        return None
    return resolve(nested.NAME, traced, order, failed.platform)


def _names() -> list[str]:
    return [n for name, m in METHODS.items() for n in (name, *(f"{name}:{w}" for w in m.LOWERINGS))]


def spelled(lowering: str, platform: str) -> str:
    """The lowering with what else determines its numbers: the width of the vectors, or that it is interpreted."""
    if lowering == "pallas":
        return lowering if pallas.compiles(platform) else f"{lowering}-interpreted"
    target = machine.target() if lowering == "llvm" else None
    return f"{lowering}-{target.name}" if target else lowering


def working_bytes(traced: Traced, order: int, method: Method) -> int:
    """About what a tile's temporaries take on the device."""
    values = METHODS[method.name].working_values(traced, order)
    return TEMPORARIES * method.tile * values * traced.dtype.itemsize


def reason(method: str, traced: Traced, order: int, platform: str) -> str:
    """Why `resolve` takes the method that it takes."""
    return choose(traced, order, platform).reason if method == "auto" else "it was asked for"


def tile(numbers: int, platform: str) -> int:
    """The fixed number of points that a kernel runs on: a power of two, from the numbers a point takes alone."""
    values, least, most = TILE_VALUES.get(platform, TILE_VALUES["gpu"])
    points = values // max(1, numbers)
    return min(most, max(least, 1 << max(0, points.bit_length() - 1)))
