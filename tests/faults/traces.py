"""`python -m tests.faults.traces --count 50`: whether the person's own JAX code is as if we had not been there.

Programs that hold NumPy tables in every way that a program can, run by the person's own `jax.jit` before, between and
after our calls, in both precisions and both orders. Each value is compared with NumPy's of the same table.
"""

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import taylorkit as tk

AT = 0.37
# The precision of a dtype, times what sums over a table of a few numbers lose.
TOLERANCE = {np.dtype(np.float32): 2e-5, np.dtype(np.float64): 1e-12}


class Held(NamedTuple):
    """f, and what f(x) and f'(x) are by NumPy."""

    f: Callable[[Any], Any]
    value: float
    slope: float


def _table(seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).normal(size=7)) + 0.1


def direct(t: np.ndarray) -> Held:
    return Held(lambda x: (x * t).sum(), AT * t.sum(), t.sum())


def interpolated(t: np.ndarray) -> Held:
    grid = np.linspace(0, 1, len(t))
    cell = int(np.searchsorted(grid, AT)) - 1
    slope = (t[cell + 1] - t[cell]) / (grid[cell + 1] - grid[cell])
    return Held(lambda x: jnp.interp(x, grid, t), np.interp(AT, grid, t), slope)


def taken(t: np.ndarray) -> Held:
    return Held(lambda x: jnp.take(t, 3) * x, t[3] * AT, t[3])


def searched(t: np.ndarray) -> Held:
    place = int(np.searchsorted(t, AT))
    return Held(lambda x: jnp.searchsorted(t, x) * x, place * AT, place)


def scanned(t: np.ndarray) -> Held:
    return Held(lambda x: lax.scan(lambda c, s: (c + s * x, None), x, t)[0], AT * (1 + t.sum()), 1 + t.sum())


def in_a_body(t: np.ndarray) -> Held:
    def body(i: int, c: Any) -> Any:
        return c + t.sum() * 0.0 + (t * c).sum() / 7

    growth = 1 + t.sum() / 7
    return Held(lambda x: lax.fori_loop(0, 3, body, x), AT * growth**3, growth**3)


def jitted(t: np.ndarray) -> Held:
    inner = jax.jit(lambda x: (x * t).sum())
    return Held(lambda x: inner(x) * x, AT**2 * t.sum(), 2 * AT * t.sum())


def branched(t: np.ndarray) -> Held:
    def there(x: Any) -> Any:
        return (t * x).sum()

    return Held(lambda x: lax.cond(x > 0, there, jnp.negative, x), AT * t.sum(), t.sum())


def ruled(t: np.ndarray) -> Held:
    @jax.custom_jvp
    def g(x: Any) -> Any:
        return (t * x).sum()

    g.defjvp(lambda p, d: (g(*p), t.sum() * d[0]))
    return Held(lambda x: g(x) * x, AT**2 * t.sum(), 2 * AT * t.sum())


def converted(t: np.ndarray) -> Held:
    return Held(lambda x: jnp.asarray(t)[2] * x, t[2] * AT, t[2])


def whole_numbers(t: np.ndarray) -> Held:
    order = np.argsort(-t)
    return Held(lambda x: jnp.take(jnp.arange(7.0) * x, order)[1], order[1] * AT, order[1])


def one_number(t: np.ndarray) -> Held:
    number = np.array(t[4])
    return Held(lambda x: x * number, AT * t[4], t[4])


def of_an_object(t: np.ndarray) -> Held:
    class Model:
        bias = t[:2].copy()

        def __init__(self) -> None:
            self.layers = [{"weights": t}, {"weights": t * 2}]

        def __call__(self, x: Any) -> Any:
            return sum((layer["weights"] * x).sum() for layer in self.layers) + self.bias.sum() * x

    slope = 3 * t.sum() + t[:2].sum()
    return Held(Model(), AT * slope, slope)


def of_a_method(t: np.ndarray) -> Held:
    class Curve:
        __slots__ = ("table",)

        def at(self, x: Any) -> Any:
            return (self.table * x).sum()

    curve = Curve()
    curve.table = t
    return Held(curve.at, AT * t.sum(), t.sum())


def given(t: np.ndarray) -> Held:
    return Held(partial(lambda t, x: (t * x).sum(), t), AT * t.sum(), t.sum())


def in_a_tuple(t: np.ndarray) -> Held:
    tables = (t, {"other": (t[:3], t[3:])})
    slope = t.sum() + (t[:3].sum() - t[3:].sum())
    return Held(
        lambda x: (tables[0] * x).sum() + (tables[1]["other"][0] * x).sum() - (tables[1]["other"][1] * x).sum(),
        AT * slope,
        slope,
    )


def by_default(t: np.ndarray) -> Held:
    def f(x: Any, table: Any = t, *, other: Any = t) -> Any:
        return (table * x).sum() + (other * x).sum()

    return Held(f, 2 * AT * t.sum(), 2 * t.sum())


def of_a_namespace(t: np.ndarray) -> Held:
    space = SimpleNamespace(inner=SimpleNamespace(table=t))
    return Held(lambda x: (space.inner.table * x).sum(), AT * t.sum(), t.sum())


TABLES: list[np.ndarray] = []


def _last(x: Any) -> Any:
    return (TABLES[-1] * x).sum()


def of_the_module(t: np.ndarray) -> Held:
    TABLES.append(t)
    place = len(TABLES) - 1
    return Held(lambda x: (TABLES[place] * x).sum() + 0 * _last(x), AT * t.sum(), t.sum())


KINDS = (
    direct,
    interpolated,
    taken,
    searched,
    scanned,
    in_a_body,
    jitted,
    branched,
    ruled,
    converted,
    whole_numbers,
    one_number,
    of_an_object,
    of_a_method,
    given,
    in_a_tuple,
    by_default,
    of_a_namespace,
    of_the_module,
)


def right(held: Held, what: str, found: Any, dtype: Any) -> list[str]:
    """Complaints about f(x), f'(x) as they were found, in a precision."""
    tolerance = TOLERANCE[np.dtype(dtype)]
    scale = 1 + abs(held.value) + abs(held.slope)
    pairs = zip(found, (held.value, held.slope), strict=False)
    off = [f"{what}: {float(a)!r} for {b!r}" for a, b in pairs if not abs(float(a) - b) <= tolerance * scale]
    return off + [f"{what}: {a.dtype}" for a in found if a.dtype != dtype]


def theirs(held: Held, x64: bool) -> list[str]:
    """The person's own code, kept and called again as one does."""
    dtype = np.float64 if x64 else np.float32
    with jax.enable_x64(x64):
        # A function of the person's lives on, and with it what JAX keeps of it.
        kept = KEPT.setdefault((id(held.f), x64), (jax.jit(held.f), jax.jit(jax.grad(lambda x: held.f(x) * 1.0))))
        return right(held, f"theirs, x64 {x64}", [f(AT) for f in kept], dtype)


def ours(held: Held, dtype: Any) -> list[str]:
    found = tk.derivatives(held.f, np.array([AT], dtype), 1).packed[:, 0]
    return right(held, f"ours, {np.dtype(dtype)}", np.asarray(found), dtype)


KEPT: dict[tuple[int, bool], Any] = {}
STEPS: dict[str, Callable[[Held], list[str]]] = {
    "j": lambda held: theirs(held, False),
    "J": lambda held: theirs(held, True),
    "t": lambda held: ours(held, np.float32),
    "T": lambda held: ours(held, np.float64),
}
# Before, between and after, in both orders. What the person does in both precisions on one table fails in JAX alone:
# so each person keeps to one.
PLANS = [
    plan.format(own=own, a=a, b=b)
    for plan in ("{own}{a}{own}{b}{own}", "{a}{b}{own}{a}{b}")
    for own in "jJ"
    for a, b in ("tT", "Tt")
]


def failures(count: int) -> Iterator[str]:
    """What goes wrong in `count` programs, a line each."""
    before = jax.config.jax_enable_x64
    for number, (kind, plan) in enumerate(itertools.islice(_cases(), count)):
        held = kind(_table(number))
        for place, step in enumerate(plan):
            try:
                wrong = STEPS[step](held)
            except Exception as error:
                wrong = [f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"]
            yield from (f"{kind.__name__}, {plan} at {place}: {line}" for line in wrong)
    if jax.config.jax_enable_x64 != before:
        yield "jax_enable_x64 was left changed"


def _cases() -> Iterator[tuple[Callable[[np.ndarray], Held], str]]:
    """Every kind with one plan after the other, so that few cases have all of both."""
    for turn in itertools.count():
        for place, kind in enumerate(KINDS):
            yield kind, PLANS[(turn + place) % len(PLANS)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    wanted = parser.parse_args().count
    wrong = list(failures(wanted))
    print("\n".join(wrong))
    print(f"{wanted} programs, each before, between and after calls in both precisions: {len(wrong)} faults")
    sys.exit(bool(wrong))
