"""Nothing that taylorkit needs has a licence that would bind whoever passes it on."""

import re
import tomllib
from importlib.metadata import metadata
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from taylorkit.plotting import ordering
from taylorkit.plotting.layered import layers

# The GNU licences, the European and the like, however they are written; exceptions for what a compiler adds are none.
BINDING = re.compile(r"\b(?:[AL]?GPL|EUPL|SSPL|CC-BY-(?:SA|NC)|OSL)|(?:general|european union) public licen[cs]e", re.I)


def hard() -> set[str]:
    """What is installed with taylorkit, what that asks for among it; extras are the user's choice."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    found = waiting = named(project["dependencies"])
    while waiting:
        waiting = set().union(*(named(metadata(name).get_all("Requires-Dist") or []) for name in waiting)) - found
        found = found | waiting
    return found


def named(needs: list[str]) -> set[str]:
    known = map(Requirement, needs)
    return {canonicalize_name(n.name) for n in known if n.marker is None or n.marker.evaluate({"extra": ""})}


def licence(name: str) -> str:
    """What a package's metadata say: the expression, or the classifiers; a text only where it is short, as some hold
    the licences of all that was compiled in."""
    told = metadata(name)
    classifiers = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or [] if c.startswith("License")]
    text = (told.get("License") or "").strip()
    return told.get("License-Expression") or "; ".join(classifiers) or text.partition("\n")[0][:80]


def test_fault_S9_no_hard_dependency_is_under_a_binding_licence() -> None:
    known = {name: licence(name) for name in hard()}
    assert {"numpy", "matplotlib", "jinja2"} <= known.keys()
    assert [name for name, text in known.items() if not text] == []
    assert {name: text for name, text in known.items() if BINDING.search(text)} == {}
    assert BINDING.search("GNU General Public License (GPL)"), "what igraph says of itself"


@pytest.mark.parametrize(
    ("text", "binds"),
    [
        ("GPL-2.0-or-later", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("GNU Lesser General Public License v3 or later (LGPLv3+)", True),
        ("AGPL-3.0-only", True),
        ("LGPL-2.1", True),
        ("MIT", False),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", False),
        ("Apache Software License", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("Python Software Foundation License", False),
    ],
)
def test_fault_S9_which_licences_bind(text: str, binds: bool) -> None:
    assert bool(BINDING.search(text)) is binds


def longest_paths(edges: list[tuple[int, int]], nodes: int) -> tuple[list[int], list[tuple[int, int]]]:
    """Layers, and the edges that lead to the next of them."""
    layer = layers(["input" if not any(b == n for _, b in edges) else "intermediate" for n in range(nodes)], edges)
    return layer, [(a, b) for a, b in edges if layer[b] == layer[a] + 1]


GRAPHS = {
    "crossed": ([(0, 3), (1, 2)], 4, 0),
    "ladder": ([(0, 5), (1, 4), (2, 3), (3, 6), (4, 7), (5, 8)], 9, 0),
    "tree": ([(0, 1), (0, 2), (1, 5), (1, 6), (2, 3), (2, 4)], 7, 0),
    "complete": ([(a, b) for a in (0, 1, 2) for b in (3, 4, 5)], 6, 9),  # K₃,₃ in two layers crosses nine times
    "alone": ([], 1, 0),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_fault_S9_layers_are_drawn_with_few_crossings_and_apart(name: str) -> None:
    edges, nodes, fewest = GRAPHS[name]
    layer, steps = longest_paths(edges, nodes)
    rows = ordering.order(layer, steps)
    assert sorted(node for row in rows for node in row) == list(range(nodes))
    # Counted pair by pair, as the eye does.
    at = {node: (layer[node], place) for row in rows for place, node in enumerate(row)}
    pairs = [(p, q) for i, p in enumerate(steps) for q in steps[:i] if layer[p[0]] == layer[q[0]]]
    seen = sum((at[p[0]][1] - at[q[0]][1]) * (at[p[1]][1] - at[q[1]][1]) < 0 for p, q in pairs)
    assert seen == ordering.crossings(rows, steps) == fewest
    across = ordering.place(rows, steps, nodes)
    assert all(across[lower] - across[upper] >= 1 - 1e-9 for row in rows for upper, lower in pairwise(row))


def test_fault_S9_a_long_edge_is_straight() -> None:
    """Through five invisible nodes, past a chain of five boxes."""
    layer = [0, 1, 2, 3, 4, 5, 6, *range(1, 6)]
    steps = [*pairwise(range(7)), (0, 7), *pairwise(range(7, 12)), (11, 6)]
    across = ordering.place(ordering.order(layer, steps), steps, 7)
    assert max(across[7:]) - min(across[7:]) < 1e-9
    assert max(across[1:6]) - min(across[1:6]) < 1e-9
