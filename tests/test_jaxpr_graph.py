"""The computation as nodes and edges, and as the columns that an artifact keeps."""

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from taylorkit.jaxpr import computation_graph, describe_jaxpr, graph_table

SCALE = np.array([2.0, 3.0], np.float32)


@pytest.fixture(autouse=True)
def single_precision() -> Iterator[None]:
    """Jaxprs name their dtypes: fix them, whatever the setting of the other tests."""
    with jax.enable_x64(False):
        yield


def f(x: jax.Array) -> jax.Array:
    return x**2 + jnp.exp(x)


def kinds(fun: Callable, *example: object) -> list[tuple[str, str]]:
    return [(n.label, n.kind) for n in computation_graph(fun, *example).nodes]


def test_the_smallest_graph_that_branches_and_joins() -> None:
    graph = computation_graph(f)
    assert [(n.id, n.label, n.kind) for n in graph.nodes] == [
        (0, "a", "input"),
        (1, "b = integer_pow[y=2] a", "intermediate"),
        (2, "c = exp a", "intermediate"),
        (3, "d = add b c", "output"),
    ]
    assert set(graph.edges) == {(0, 1), (0, 2), (1, 3), (2, 3)}


def test_the_derivatives_graph_is_larger() -> None:
    small, large = computation_graph(f), computation_graph(jax.grad(f))
    assert len(large.nodes) > len(small.nodes) and len(large.edges) > len(small.edges)


def test_edges_lead_forward_once_and_out_of_no_output() -> None:
    for fun in (f, jax.grad(f), lambda x: x * x, lambda x: (jnp.sin(x), jnp.sin(jnp.sin(x)))):
        graph = computation_graph(fun)
        outputs = {n.id for n in graph.nodes if n.kind == "output"}
        assert len(set(graph.edges)) == len(graph.edges)
        assert all(source < target for source, target in graph.edges)
        assert outputs.isdisjoint(source for source, _ in graph.edges)


def test_constants_and_arrays_show_their_type() -> None:
    labels = kinds(lambda v: SCALE * v, np.ones(2, np.float32))
    assert ("a: float32[2]", "constant") in labels and ("b: float32[2]", "input") in labels


def test_outputs_that_need_nodes_of_their_own() -> None:
    def every(x: jax.Array, y: jax.Array) -> tuple:
        s = jnp.sin(x)
        return y, s, jnp.cos(s), 3.0

    graph = computation_graph(every)
    assert [n.label for n in graph.nodes if n.kind == "output"] == [
        "d = cos c",
        "output b",
        "output c",
        "output 3.0",
    ]
    source = {n.label: [s for s, t in graph.edges if t == n.id] for n in graph.nodes}
    assert source["output b"] == [1] and len(source["output c"]) == 1 and not source["output 3.0"]


def test_a_value_returned_twice() -> None:
    def twice(x: jax.Array) -> tuple:
        s = jnp.sin(x)
        return s, s

    assert [label for label, kind in kinds(twice) if kind == "output"] == ["output b", "output b"]


def test_unused_values_are_dead_ends() -> None:
    graph = computation_graph(jax.grad(f))
    dead = [n for n in graph.nodes if n.label.startswith("_ = ")]
    assert all(n.kind == "intermediate" for n in dead)
    assert {n.id for n in dead}.isdisjoint(source for source, _ in graph.edges)


def test_a_loop_is_one_node_with_all_its_results() -> None:
    def scanned(x: jax.Array) -> tuple:
        return lax.scan(lambda c, _: (c * x, c), x, None, length=3)

    labels = kinds(scanned)
    assert [label for label, _ in labels if "scan" in label] == ["b, c = scan[…] a a"]
    assert labels[-1][1] == "output"


def test_the_table_holds_the_graphs_of_every_order() -> None:
    table = graph_table(f, orders=(0, 1))
    sizes = {dims: values.shape for dims, values in table.values()}
    assert set(sizes) == {("graph",), ("equation",), ("node",), ("edge",)}
    assert all(values.shape == sizes[dims] for dims, values in table.values())
    for order, fun in ((0, f), (1, jax.grad(f))):
        graph, text = computation_graph(fun), describe_jaxpr(fun)
        mine = table["node_graph"][1] == order
        assert table["node_label"][1][mine].tolist() == [n.label for n in graph.nodes]
        assert table["node_kind"][1][mine].tolist() == [n.kind for n in graph.nodes]
        edges = table["edge_graph"][1] == order
        pairs = zip(table["edge_source"][1][edges], table["edge_target"][1][edges], strict=True)
        assert tuple((int(s), int(t)) for s, t in pairs) == graph.edges
        assert table["graph_text"][1][order] == str(text)


def test_the_table_holds_one_row_an_equation() -> None:
    table = graph_table(f, orders=(0,))
    row = {
        name.removeprefix("equation_"): values.tolist()
        for name, (dims, values) in table.items()
        if dims == ("equation",)
    }
    assert row == {
        "graph": [0, 0, 0],
        "number": [1, 2, 3],
        "within": [0, 0, 0],
        "output": ["b", "c", "d"],
        "primitive": ["integer_pow", "exp", "add"],
        "parameters": ["y=2", "", ""],
        "inputs": ["a", "a", "b c"],
    }


def test_equations_of_bodies_name_their_holder() -> None:
    table = graph_table(lambda x: lax.fori_loop(0, 3, lambda i, c: c * 2.0, x), orders=(0,))
    assert table["equation_within"][1].tolist() == [0, 1, 1]


@pytest.mark.parametrize("column", ["equation_number", "equation_inputs", "edge_source"])
def test_a_table_without_rows_keeps_its_dtypes(column: str) -> None:
    table = graph_table(lambda x: 3.0, orders=(0,))
    full = graph_table(f, orders=(0,))
    assert table[column][1].shape == (0,)
    assert table[column][1].dtype.kind == full[column][1].dtype.kind


def test_vector_functions_and_several_inputs_have_derivatives_too() -> None:
    table = graph_table(lambda v, y: v * y, (np.ones(2, np.float32), 2.0), orders=(0, 1))
    assert table["graph_order"][1].tolist() == [0, 1]
