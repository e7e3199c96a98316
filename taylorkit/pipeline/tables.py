"""The jobs of the kinds whose artifact is one table, computed at once: graphs, growth, timings."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit import digest, fingerprint
from taylorkit.growth import PROGRAMS, growth_table
from taylorkit.jaxpr import graph_table
from taylorkit.jaxpr.table import Table
from taylorkit.pipeline.job import Job, Step, sections_of
from taylorkit.pipeline.place import placed, told
from taylorkit.pipeline.subject import Subject, platform_of, subject
from taylorkit.spec import GraphSpec, GrowthSpec, TimingSpec
from taylorkit.store.layout import ArrayPlan, GroupPlan, Section
from taylorkit.timing import jacobians_table, orders_table
from taylorkit.versions import ARTIFACT_FORMAT

Planned = GraphSpec | GrowthSpec | TimingSpec
Outline = dict[str, tuple[tuple[str, ...], tuple[int, ...], Any]]


def plan(spec: Planned, folder: Path, store: Path, trusted: Sequence[Path] | None = None) -> Job:
    """Everything that running `spec` will do; nothing is written. Raises SpecError or FunctionError."""
    f = subject(spec.function, spec.call, spec.variables, "float64", folder, spec.formula, trusted)
    determines = spec.model_dump(mode="json", exclude={"name", "title", "description", "report", "formula"})
    inputs = {
        "spec": determines,
        "function": fingerprint.of_function(f.traced, 0),
        "versions": fingerprint.versions(),
    }
    mark = digest.fingerprint(spec.kind, inputs)
    outline, compute = TABLES[spec.kind if spec.kind != "timing" else spec.suite](spec, f)
    arrays = tuple(ArrayPlan(name, *plan, _fill(plan[-1])) for name, plan in outline.items())
    section = Section("table", mark, arrays, measured=spec.kind == "timing")
    step = Step(spec.kind, "", section, lambda *_: {name: values for name, (_, values) in compute().items()})
    root = GroupPlan("", _attributes(spec, f, mark, inputs), {}, sections_of([step], ""))
    return Job(spec, *placed(store, spec, [root]), (root,), (step,), summary=f"{spec.kind} of {spec.function}")


def _graph(spec: GraphSpec, f: Subject) -> tuple[Outline, Callable[[], Table]]:
    """Traced when it is planned: only then is it known how many equations there are."""
    example = (np.ones(len(spec.variables)),) if spec.call == "vector" else (1.0,) * len(spec.variables)
    table = graph_table(f.function.function, example, spec.orders)
    return {name: (dims, values.shape, values.dtype) for name, (dims, values) in table.items()}, lambda: table


def _growth(spec: GrowthSpec, f: Subject) -> tuple[Outline, Callable[[], Table]]:
    orders = range(spec.order + 1)
    outline = {
        **_against_order(len(orders)),
        "equations": (("mode", "order"), (len(PROGRAMS), len(orders)), np.dtype(np.int64)),
    }
    return outline, lambda: growth_table(f.function.function, orders=orders)


def _orders(spec: TimingSpec, f: Subject) -> tuple[Outline, Callable[[], Table]]:
    orders = range(spec.order + 1)
    columns = ("compile_seconds", "run_seconds")
    outline = {
        **_against_order(len(orders)),
        **{c: (("mode", "order"), (len(PROGRAMS), len(orders)), np.dtype(np.float64)) for c in columns},
        "points": ((), (), np.dtype(np.int64)),
        "repetitions": ((), (), np.dtype(np.int64)),
        "limit_seconds": ((), (), np.dtype(np.float64)),
    }
    points = np.linspace(-7.0, 7.0, spec.points)
    return outline, lambda: orders_table(f.function.function, points, orders, spec.repetitions, spec.limit_seconds)


def _jacobians(spec: TimingSpec, f: Subject) -> tuple[Outline, Callable[[], Table]]:
    shapes = len(spec.shapes)
    measured = ("run_seconds", "floating_operations")
    outline = {
        "mode": (("mode",), (2,), np.dtype(np.str_)),
        **{name: (("shape",), (shapes,), np.dtype(np.int64)) for name in ("inputs", "outputs")},
        **{name: (("mode", "shape"), (2, shapes), np.dtype(np.float64)) for name in measured},
        "max_difference": (("shape",), (shapes,), np.dtype(np.float64)),
        "hidden": ((), (), np.dtype(np.int64)),
        "repetitions": ((), (), np.dtype(np.int64)),
    }
    return outline, lambda: jacobians_table(spec.shapes, spec.repetitions)


TABLES: dict[str, Callable[[Any, Subject], tuple[Outline, Callable[[], Table]]]] = {
    "graph": _graph,
    "growth": _growth,
    "orders": _orders,
    "jacobians": _jacobians,
}


def _against_order(orders: int) -> Outline:
    return {
        "mode": (("mode",), (len(PROGRAMS),), np.dtype(np.str_)),
        "order": (("order",), (orders,), np.dtype(np.int64)),
    }


def _fill(dtype: np.dtype) -> Any:
    return {"U": "", "i": -1}.get(dtype.kind, np.nan)


def _attributes(spec: Planned, f: Subject, mark: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": ARTIFACT_FORMAT,
        "kind": spec.kind,
        "name": spec.name,
        "title": spec.title or spec.name,
        "description": spec.description,
        "variables": spec.variables,
        "fingerprint": mark,
        "function": f.attributes(spec.variables),
        "platform": platform_of("auto"),
        "versions": fingerprint.versions(),
        "inputs": {spec.kind: inputs},
        "spec": told(spec),
    }
