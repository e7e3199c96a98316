"""A computation as a directed acyclic graph.

A node is an input, a constant or an equation (all variables that it defines); an edge leads from
where a value is made to where it is used. Calls are written out; a loop or a branch is one node.
Literals stand in the labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from taylorkit.jaxpr.describe import describe_jaxpr
from taylorkit.jaxpr.listing import Equation, Listing

Kind = Literal["input", "constant", "intermediate", "output"]

LABEL = 28
"""An equation whose parameters make its label longer than this shows … for them."""


@dataclass(frozen=True)
class Node:
    id: int
    label: str
    kind: Kind


@dataclass(frozen=True)
class ComputationGraph:
    """`edges` are pairs (source id, target id), each once; ids count from 0 along `nodes`."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]


def computation_graph(fun: Callable, *example: Any) -> ComputationGraph:
    """The graph of fun's computation; `example` and what is raised as in `describe_jaxpr`."""
    return graph_of(describe_jaxpr(fun, *example))


def graph_of(program: Listing) -> ComputationGraph:
    """The graph of a listing.

    An equation whose value is returned, and used no more, is an output. Any other value that is
    returned (an input, a literal, a value used further on or returned twice) gets an output node of
    its own, so that outputs have no edges out.
    """
    labels: list[tuple[str, Kind]] = []
    edges: dict[tuple[int, int], None] = {}
    home: dict[str, int] = {}

    def add(label: str, kind: Kind, inputs: Sequence[str], defines: Sequence[str]) -> None:
        edges.update(((home[name], len(labels)), None) for name in inputs if name in home)
        home.update((name, len(labels)) for name in defines)
        labels.append((label, kind))

    for name in program.inputs:
        add(_typed(program, name), "input", (), (name,))
    for name in program.constants:
        add(_typed(program, name), "constant", (), (name,))
    used = {name for equation in program.equations for name in equation.inputs}
    shown: set[str] = set()
    for equation in program.equations:
        final = _final(equation, used, program.outputs)
        shown.update(final)
        add(
            _label(equation),
            "output" if final else "intermediate",
            equation.inputs,
            equation.outputs,
        )
    for name in program.outputs:
        if name not in shown:
            add(f"output {name}", "output", (name,), ())
    nodes = tuple(Node(i, label, kind) for i, (label, kind) in enumerate(labels))
    return ComputationGraph(nodes, tuple(edges))


def _final(equation: Equation, used: set[str], returned: Sequence[str]) -> set[str]:
    """The values that go to one output each; none if any value of the equation goes elsewhere."""
    mine = [name for name in returned if name in equation.outputs]
    alone = used.isdisjoint(equation.outputs) and len(set(mine)) == len(mine)
    return set(mine) if alone else set()


def _typed(program: Listing, name: str) -> str:
    """`a`, or `a: float32[3]` where it is an array."""
    kind = program.types[name].partition(" ")[0]
    return name if kind.endswith("[]") else f"{name}: {kind}"


def _label(equation: Equation) -> str:
    text = str(equation)
    return text if len(text) <= LABEL else equation.line(equation.options and "…")
