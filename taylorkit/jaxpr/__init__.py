"""A function's computation, taken apart: as a text, as a number of equations, as a graph.

| module | gives |
|---|---|
| `trace` | the jaxpr of a function, and of its derivative of any order |
| `describe` | source, inputs, constants, one line an equation, outputs |
| `count` | how many equations |
| `graph` | nodes and edges |
| `table` | all of it as columns, for an artifact of kind "graph" |

One convention holds in all of them: a call that only names a piece of the program (`jit`,
`closed_call`) is replaced by its body, as if the function had been written out; an equation that
does something with its bodies (`scan`, `while`, `cond`, `custom_jvp_call`, …) stays one equation,
and the equations of its bodies stand below it and count too.
"""

from taylorkit.jaxpr.count import count_equations
from taylorkit.jaxpr.describe import describe_jaxpr
from taylorkit.jaxpr.graph import ComputationGraph, Node, computation_graph
from taylorkit.jaxpr.listing import Equation, JaxprDescription, Listing
from taylorkit.jaxpr.table import graph_table
from taylorkit.jaxpr.trace import derivative

__all__ = [
    "ComputationGraph",
    "Equation",
    "JaxprDescription",
    "Listing",
    "Node",
    "computation_graph",
    "count_equations",
    "derivative",
    "describe_jaxpr",
    "graph_table",
]
