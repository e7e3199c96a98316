"""In which inputs the fingerprints of two runs differ: of artifacts, of specs, or of one of each.

An artifact stores what its fingerprints are made of, so it is compared as data: nothing that it names is imported. A
spec is planned, which imports its function as running it does. `differing` says how two values are told apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.differing import ABSENT, apart, same
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store.address import local
from taylorkit.store.belonging import marks
from taylorkit.store.tree import attributes, existing, groups, sections
from taylorkit.store.verify import metadata_problems, seal_problems
from taylorkit.versions import rows

Row = tuple[str, str, str]
"""A field, with A's value and B's."""

# The input that names mended faults.
MENDED = "mended"

# What a hash in the inputs stands for.
WORDS = {
    "function.program": "canonical lowering of f",
    "function.rules": "lowering of f's low derivatives (custom rules)",
    "function.deeper rules": "rules that high derivatives see",
    "domain": "domain",
    "truncated": "read from a higher order, cut at",
}


@dataclass(frozen=True)
class Part:
    """One fingerprint: its inputs, and of its group the coordinates and the variables that are `fixed`."""

    mark: str
    inputs: dict[str, Any]
    coordinates: Mapping[str, np.ndarray]
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """A run: its parts by name, what it says of f, and its words, which are in no part but in the artifact's path."""

    name: str
    parts: dict[str, Part]
    function: dict[str, Any]
    words: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What differs in one part; without rows it is the same in both."""

    part: str
    rows: list[Row]


def why(a: str | Path, b: str | Path, store: str | Path = "data/artifacts") -> list[Difference]:
    """Part by part, in which inputs `a` and `b` differ; a spec is planned for `store`.

    Raises IntegrityError where an artifact is damaged or stores no inputs, SpecError where there is neither.
    """
    one, other = (_side(local(path, "artifact"), local(store)) for path in (a, b))
    names = [*one.parts, *(name for name in other.parts if name not in one.parts)]
    found = [Difference(name, list(_rows(name, one, other))) for name in names]
    worded = [_row(name, a, b) for name, a in one.words.items() if not same(a, b := other.words.get(name, ABSENT))]
    return [*found, Difference("words", worded)] if worded else found


def _words(attrs: dict[str, Any]) -> dict[str, Any]:
    spec = _mapping(attrs.get("spec"))
    told = {name: spec.get(name, ABSENT) for name in ("title", "description", "names")}
    return told | {f"report.{name}": value for name, value in _mapping(spec.get("report")).items()}


def _side(path: Path, store: Path) -> Side:
    if (path / "commit").is_dir():
        return _of_artifact(existing(path))
    if path.suffix == ".toml":
        return _of_spec(path, store)
    raise SpecError(f"{path}: is neither an artifact nor a spec; name a folder NAME-….zarr or a file NAME.toml")


def _of_artifact(artifact: Path) -> Side:
    found = groups(artifact)
    told = {g.relative_to(artifact).as_posix().removeprefix("."): (attributes(g), _stored(g)) for g in found}
    return Side(artifact.stem, _parts(str(artifact), told), _mapping(told[""][0].get("function")), _words(told[""][0]))


def _stored(group: Path) -> dict[str, np.ndarray]:
    """The coordinates of a group. Raises IntegrityError where they are not what was written."""
    wrong = chain(seal_problems(group), *map(metadata_problems, sections(group)))
    if problem := next(wrong, None):
        raise IntegrityError(f"{problem}; run the spec again to repair it")
    return {name: section.whole(name) for section in sections(group) for name in section.record["coordinates"]}


def _of_spec(path: Path, store: Path) -> Side:
    from taylorkit import pipeline

    job = pipeline.plan(path, store=store)
    told = {g.path: (g.attributes, {n: v for n, (_, v) in g.coordinates.items()}) for g in job.groups}
    return Side(path.name, _parts(str(path), told), told[""][0]["function"], _words(told[""][0]))


def _parts(name: str, told: Mapping[str, tuple[dict[str, Any], Mapping[str, np.ndarray]]]) -> dict[str, Part]:
    """By the name of each fingerprint. Raises IntegrityError where inputs do not make the fingerprint that is named."""
    parts = {}
    for group, (attrs, coordinates) in told.items():
        stored = _mapping(attrs.get("inputs"))
        found = marks(stored)
        if attrs.get("fingerprint") not in found.values():
            raise IntegrityError(
                f"{name}: {'stores other inputs than its fingerprint has' if stored else 'stores no inputs'}; "
                "it was made before 0.4.0 or is damaged: run its spec again"
            )
        for tag, inputs in stored.items():
            # A group below the root has one fingerprint, the root one for each of its sections.
            parts[group.replace("/", " ") or tag] = Part(
                found[tag], _mapping(inputs), coordinates, _mapping(attrs.get("fixed"))
            )
    return parts


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(name: str, one: Side, other: Side) -> Iterator[Row]:
    a, b = one.parts.get(name), other.parts.get(name)
    if a is None or b is None:
        yield ("whole", *("there" if part else "not there" for part in (a, b)))  # type: ignore[misc]
    elif a.mark != b.mark:
        rows = [*_inputs(a, b, one.function, other.function), *_points(a, b)]
        # Whatever they differ in, that they do is said.
        yield from rows or [("what is not told apart here", *apart(a.mark, b.mark))]


def _inputs(a: Part, b: Part, f: Mapping[str, Any], g: Mapping[str, Any]) -> Iterator[Row]:
    flat_a, flat_b = (dict(_flat(part.inputs)) for part in (a, b))
    for name in [*flat_a, *(name for name in flat_b if name not in flat_a)]:
        x, y = flat_a.get(name, ABSENT), flat_b.get(name, ABSENT)
        if name == MENDED:
            yield from _mended(x, y)
        elif not same(x, y):
            yield _row(WORDS.get(name, name), x, y)
            if name == "function.program":
                yield from _programs(f, g)


def _mended(a: Any, b: Any) -> Iterator[Row]:
    """The faults that one side's numbers have and the other's no longer."""
    one, other = ([name for name in side if isinstance(name, str)] if isinstance(side, list) else [] for side in (a, b))
    for name in sorted(set(one) ^ set(other)):
        row = next(iter(rows([name])), None)
        told = (
            (f"computed anew since {row.release}", f"before {row.release}, wrong") if row else ("mended", "not mended")
        )
        yield (row.words if row else name), *(told if name in one else told[::-1])


def _row(name: str, a: Any, b: Any) -> Row:
    return name, *apart(a, b)


def _flat(inputs: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Inputs by dotted names, without the hashes of points, which `_points` looks at."""
    for name, value in inputs.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        elif f"{above}{name}" != "points.values":
            yield f"{above}{name}", value


def _programs(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Row]:
    """How two functions of other lowerings can be told apart by reading."""
    if a.get("latex") != b.get("latex"):
        yield _row("formula", a.get("latex") or ABSENT, b.get("latex") or ABSENT)
    lines = [str(side.get("program", "")).splitlines() for side in (a, b)]
    differing = ((n, x, y) for n, (x, y) in enumerate(zip_longest(*lines, fillvalue=ABSENT), 1) if x != y)
    if first := next(differing, None):
        yield _row(f"jaxpr, line {first[0]}", *first[1:])
    else:
        yield _row("jaxpr", "the same text", "other constants or inner programs")


def _points(a: Part, b: Part) -> Iterator[Row]:
    """Which points differ, of each variable that both have: those whose hashes do, and nothing that reads alike."""
    x, y = (_hashes(part) for part in (a, b))
    for name in x:
        if name in y and not same(x[name], y[name]):
            yield _of_variable(name, a, b) or _row(f"points {name}", x[name], y[name])


def _hashes(part: Part) -> dict[str, Any]:
    """The hash of each variable's points."""
    points = _mapping(part.inputs.get("points"))
    names, values = (v if isinstance(v := points.get(key), list) else [] for key in ("names", "values"))
    return dict(zip(map(str, names), values, strict=False))


def _of_variable(name: str, a: Part, b: Part) -> Row | None:
    """Where a variable is fixed, or how many of its values differ; None where these are the same or not there."""
    if name in a.fixed or name in b.fixed:
        places = [_place(name, part) for part in (a, b)]
        return _row(f"points {name}", *places) if places[0] != places[1] else None
    x, y = (np.ravel(part.coordinates.get(name, [])) for part in (a, b))
    if len(x) != len(y):
        return f"points {name}", f"{len(x)} values", f"{len(y)} values"
    wrong = np.flatnonzero((x != y) | (_signs(x) != _signs(y)))
    if not len(wrong):
        return None
    first = int(wrong[0])
    return _row(
        f"points {name}, {len(wrong)} of {len(x)} differ",
        f"number {first + 1}: {x[first]}",
        f"number {first + 1}: {y[first]}",
    )


def _place(name: str, part: Part) -> str:
    count = np.size(part.coordinates.get(name, []))
    return f"fixed at {part.fixed[name]}" if name in part.fixed else f"{count} values"


def _signs(values: np.ndarray) -> np.ndarray:
    """−0 is another number than 0 to a function and to a hash, not to a comparison."""
    return np.signbit(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
