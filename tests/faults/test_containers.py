"""f finds its NumPy tables wherever it keeps them, in either precision; after a call they lie where they lay."""

import dataclasses
from collections import ChainMap, UserDict, UserList, defaultdict, deque
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.interpolate
import scipy.sparse
import xarray as xr

import taylorkit as tk

AT = 0.37


class OwnArray(np.ndarray):
    pass


class OwnTuple(tuple):
    pass


class Holder:
    def __init__(self, table: Any):
        self.table = table


@dataclasses.dataclass(frozen=True)
class Frozen:
    table: Any


def objects(table: np.ndarray) -> np.ndarray:
    array = np.empty((1, 2), object)
    array[0, 1] = table
    return array


def memmap(table: np.ndarray) -> np.memmap:
    mapped = np.memmap(PLACE[0] / "table", table.dtype, "w+", shape=table.shape)
    mapped[:] = table
    return mapped


PLACE: list[Path] = []
# What holds a table, and how f takes it from there.
KINDS: dict[str, tuple[Callable[[np.ndarray], Any], Callable[[Any], Any]]] = {
    "deque": (lambda t: deque([t]), lambda held: held[0]),
    "proxy": (lambda t: MappingProxyType({"t": t}), lambda held: held["t"]),
    "proxy in an object": (lambda t: Holder(MappingProxyType({"t": (t,)})), lambda held: held.table["t"][0]),
    "deque in a dict": (lambda t: {"a": deque([[t]])}, lambda held: held["a"][0][0]),
    "memmap": (memmap, lambda held: held),
    "subclass": (lambda t: t.view(OwnArray), lambda held: held),
    "recarray": (lambda t: t.view(np.recarray), lambda held: held),
    "array of objects": (objects, lambda held: held[0, 1]),
    "UserDict": (lambda t: UserDict(t=t), lambda held: held["t"]),
    "UserList": (lambda t: UserList([t]), lambda held: held[0]),
    "defaultdict": (lambda t: defaultdict(int, t=t), lambda held: held["t"]),
    "ChainMap": (lambda t: ChainMap({}, {"t": t}), lambda held: held["t"]),
    "set": (lambda t: {Holder(t)}, lambda held: next(iter(held)).table),
    "frozenset": (lambda t: frozenset({Holder(t)}), lambda held: next(iter(held)).table),
    "tuple of one's own": (lambda t: OwnTuple((t,)), lambda held: held[0]),
    "frozen dataclass": (Frozen, lambda held: held.table),
    "spline": (lambda t: scipy.interpolate.CubicSpline(t, t), lambda held: held.x),
    "sparse matrix": (lambda t: scipy.sparse.csr_matrix(np.diag(t)), lambda held: held.data),
    "xarray": (lambda t: xr.DataArray(t), lambda held: held.values),
    "xarray's dataset": (lambda t: xr.Dataset({"a": ("x", t)}), lambda held: held.a.data),
    "key by identity": (lambda t: (t, {id(t): 2.0}), lambda held: held[0] * (held[1][id(held[0])] / 2)),
    "one number by identity": (
        lambda t: (t, number := np.array(2.0), {id(number): number}),
        lambda held: held[0] * (held[2][id(held[1])] / 2),
    ),
}
# f was called by the person in default precision; or by us in single, then in double precision.
PLANS = ("jTj", "tTt")


def table() -> np.ndarray:
    return np.linspace(0.1, 2.1, 7) ** 2


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("kind", KINDS)
def test_fault_R7_tables_in_containers(kind: str, plan: str, tmp_path: Path) -> None:
    PLACE[:] = [tmp_path]
    hold, take = KINDS[kind]
    held = hold(table())
    before = take(held)

    def f(x: Any) -> Any:
        return jnp.take(take(held), 3) * x

    kept = jax.jit(f)
    steps: dict[str, Callable[[], Any]] = {
        "j": lambda: kept(AT),
        "t": lambda: tk.derivatives(f, np.array([AT], np.float32), 1).packed[:, 0],
        "T": lambda: tk.derivatives(f, np.array([AT]), 1).packed[:, 0],
    }
    right = table()[3] * np.array([AT, 1.0])
    for step in plan:
        found = np.atleast_1d(np.asarray(steps[step]()))
        double = step == "T"
        assert found.dtype == (np.float64 if double else np.float32)
        # The precision of a product.
        np.testing.assert_allclose(found, right[: len(found)], rtol=4e-16 if double else 3e-7)
    assert take(held) is before or "identity" in kind


HIDDEN: dict[str, Callable[[np.ndarray], Callable[[], Any]]] = {
    "lru_cache": lambda t: lru_cache(lambda: t),
    "view of a dict": lambda t: partial(lambda values: next(iter(values)), {"t": t}.values()),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_fault_R7_what_is_not_found_is_refused_in_a_sentence(kind: str) -> None:
    take = HIDDEN[kind](table())

    def f(x: Any) -> Any:
        return jnp.take(take(), 3) * x

    jax.jit(f)(AT)
    with pytest.raises(tk.FunctionError, match=r"behind functools.lru_cache or an iterator"):
        tk.derivatives(f, np.array([AT]), 1)
