"""What an artifact of kind "graph" keeps: the computations as columns."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from taylorkit.jaxpr.describe import describe_jaxpr
from taylorkit.jaxpr.graph import graph_of
from taylorkit.jaxpr.listing import Equation
from taylorkit.jaxpr.trace import derivative, scalars_for

Table = dict[str, tuple[tuple[str, ...], np.ndarray]]
"""Columns by name: their dims and values, as xarray.Dataset takes them."""


def graph_table(fun: Callable, example: Sequence[Any] = (), orders: Sequence[int] = (0, 1)) -> Table:
    """The computations of fun's derivatives of these orders, nested, as columns.

    graph      graph_order, graph_source, graph_text: the order, the source, the description
    equation   equation_graph, equation_number, equation_within (the number of the equation whose
               body holds it, 0: none), equation_output, equation_primitive,
               equation_parameters, equation_inputs
    node       node_graph, node_id, node_label, node_kind
    edge       edge_graph, edge_source, edge_target (ids of nodes of the same graph)

    On the left is the dim of the columns; each `…_graph` is the order of the derivative.
    `example` holds one value an input, () for scalars. Raises FunctionError where fun cannot be
    traced.
    """
    inputs = tuple(example) or scalars_for(fun)
    programs = [(k, describe_jaxpr(derivative(fun, k, *inputs), *inputs)) for k in orders]
    graphs = [(k, graph_of(program)) for k, program in programs]
    return {
        **_columns("graph", "order:i source text", ((k, p.source, str(p)) for k, p in programs)),
        **_columns(
            "equation",
            "graph:i number:i within:i output primitive parameters inputs",
            ((k, *_row(within, e)) for k, p in programs for within, e in p.walk()),
        ),
        **_columns(
            "node",
            "graph:i id:i label kind",
            ((k, n.id, n.label, n.kind) for k, graph in graphs for n in graph.nodes),
        ),
        **_columns(
            "edge",
            "graph:i source:i target:i",
            ((k, *edge) for k, graph in graphs for edge in graph.edges),
        ),
    }


def _row(within: int, e: Equation) -> tuple[int, int, str, str, str, str]:
    inputs = " ".join(e.inputs)
    return e.number, within, ", ".join(e.outputs), e.primitive, e.options, inputs


def _columns(dim: str, names: str, rows: Iterable[tuple]) -> Table:
    """`names` of the columns over one dim, those of integers marked `:i`; rows may be none."""
    columns = [name.partition(":") for name in names.split()]
    values = zip(*rows, strict=True) if (rows := list(rows)) else [()] * len(columns)
    return {
        f"{dim}_{name}": ((dim,), np.array(column, np.int64 if integer else np.str_))
        for (name, _, integer), column in zip(columns, values, strict=True)
    }
