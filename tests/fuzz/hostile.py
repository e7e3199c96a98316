"""Values that somebody who means harm, or whose hand slips, could write; and trees of plain values with some put in."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from math import inf, nan
from typing import Any

from hypothesis import strategies as st

SCRIPT = "<script>alert(1)</script>"
# What no folder of this project has; both say so when they are run.
CANARY_FILE, CANARY_MODULE = "canary_of_fuzz.py", "canary_module_of_fuzz"

NUMBERS = [
    *(0, 1, -1, 2, 3, 2**31, 10**9, 10**12, 2**53 + 1, 2**60, 2**63, 2**64, 10**30, -(10**9), 16**3000),
    *(0.0, -0.0, 0.5, 1.5, 5e-324, 1e308, -1e308, nan, inf, -inf),
]
NAMES = [
    *("../x", "../../..", "/etc/x", "/etc/passwd", "/dev/zero", "con", "a\0b", "C:\\x", "~/x", ".", "..", "", " ", "-"),
    *("x/y", "x\ny", "x y", "term", "status", "commit", "evaluation", "c", "zarr", "zarr.json", "__class__", "lambda"),
    *("x" * 300, "x" * 5000, "Ω", "ｘ", "x\u202e", "𝕏", "é", "\x1b[2J", "\x7f", "output_1", "None", "nan"),
]
TEXTS = [
    *(SCRIPT, '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "</pre></title><svg onload=alert(1)>"),
    *("{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "%s%n", "$x$", "$\\frac{", "\\input{/etc/passwd}", "{" * 3000),
    *("__import__('os').system('true')", "&#x3c;b&#x3e;", "]]>", "-->", "\ufffe", "\u2028", "2 GiB", "-5", "0"),
    *("1e400 GB", "9" * 400, "9" * 5000, "inf", "0x10", "auto", "nested", "series:pallas", "atlas", "center", "log"),
]
REFERENCES = [
    *(
        "runge",
        "two_variable",
        "cubed_sum",
        "log",
        "kinked",
        "own.py:f",
        "own.py:big",
        "own.py:leaves",
        "own.py:missing",
    ),
    *("own.py:", ":f", ":", "::", "..:f", "a..b:c", "own.py:f.__code__", "own.py:jnp.sin", "os:system", "os:environ.x"),
    *("builtins:print", "builtins:exit", "sys:exit", "a\0b.py:f", "a\0b:f", "x" * 5000 + ".py:f", "/dev/zero.py:f"),
    *("../own.py:f", "/etc/passwd:f", f"{CANARY_FILE}:f", f"{CANARY_MODULE}:f"),
]


def deep(depth: int, kind: type = list) -> Any:
    made: Any = 1
    for _ in range(depth):
        made = [made] if kind is list else {"a": made}
    return made


STRUCTURES = [
    *([], {}, [[]], [{}], [1, 2], ["x"], ["x", "x"], [0.5, nan], {"x": 1.0}, True, False, date(2026, 1, 1)),
    *({"start": 0.0, "stop": 1.0, "num": 10**12}, {"start": 1.0, "stop": 0.0, "num": 3, "spacing": "log"}),
    *([{"kind": "surface", "degrees": 5}], [{"kind": []}], [{"kind": "convergence", "evaluation": ["near"]}]),
    *(deep(50), deep(50, dict), [1.0] * 3000, [[0.25]], {"points": "/dev/zero"}, {"points": "own.py"}),
]

VALUES = st.one_of(
    *(st.sampled_from(pool) for pool in (NUMBERS, NAMES, TEXTS, REFERENCES, STRUCTURES)),
    st.integers(),
    st.floats(),
    st.text(max_size=20).filter(lambda text: text.isprintable()),
)
KEYS = st.sampled_from([*NAMES, *TEXTS[:5], "order", "grid", "points", "num", "kind", "shape", "codecs", "report"])


def paths(tree: Any, here: tuple = ()) -> Iterator[tuple]:
    """Where every value of a tree of plain values lies, the tree itself left out."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in entries:
        yield (*here, key)
        yield from paths(value, (*here, key))


@st.composite
def mutated(draw: st.DrawFn, tree: Any, most: int = 3, values: st.SearchStrategy = VALUES) -> Any:
    """`tree` with up to `most` values replaced, dropped, renamed or added."""
    tree = deepcopy(tree)
    for _ in range(draw(st.integers(1, most))):
        places = list(paths(tree))
        if not places:
            return tree
        *above, last = draw(st.sampled_from(places))
        holder = tree
        for key in above:
            holder = holder[key]
        _change(draw, holder, last, values)
    return tree


def _like(value: Any) -> st.SearchStrategy:
    """Values of the same kind, most of which will do: what lies behind the first check must be reached too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return st.just(value)
    if isinstance(value, str):
        return st.one_of(st.just(value), st.sampled_from(TEXTS), st.text(max_size=8))
    return st.integers(0, 4) if isinstance(value, int) else st.floats(-4, 4)


def _change(draw: st.DrawFn, holder: Any, key: Any, values: st.SearchStrategy) -> None:
    how = draw(st.sampled_from(["nudge", "nudge", "nudge", "replace", "replace", "replace", "drop", "rename", "add"]))
    if how == "nudge":
        holder[key] = draw(_like(holder[key]))
    elif how == "replace":
        holder[key] = deepcopy(draw(values))
    elif how == "drop":
        del holder[key]
    elif isinstance(holder, list):
        holder.append(deepcopy(draw(values)))
    elif how == "rename":
        holder[draw(KEYS)] = holder.pop(key)
    else:
        holder[draw(KEYS)] = deepcopy(draw(values))
