"""From a request, as a spec's `[[report.figures]]` writes it, and an artifact to a Figure. No function is needed."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from taylorkit import shown
from taylorkit.errors import SpecError, UndrawableError
from taylorkit.plotting import style

__all__ = ["FIGURES", "Source", "UnknownYetError", "caption", "check", "draw"]

# One line a kind: the function that draws it, which lies in the file of that name. Its keywords are
# the request's fields.
FIGURES = {
    "approximations": "f and its Taylor polynomials",
    "derivatives": "f and its derivatives",
    "derivative_maps": "Derivatives over two variables",
    "explain": "A change of f, term by term",
    "surface": "f as a surface, with a Taylor polynomial laid over it",
    "contours": "Contours of f and of its Taylor polynomials",
    "error_map": "The error |f − Tₖ|, degree by degree",
    "error_against_distance": "The error |f − Tₖ| against the distance from the centre",
    "cloud": "Two outputs of f and of its Taylor polynomials, point by point",
    "convergence": "The sampled error against the degree",
    "trust_radius": "How far the Taylor polynomials can be trusted",
    "trust_share": "The share of expansion points whose polynomials hold out to a radius",
    "terms": "The largest terms, with their spread over the expansion points",
    "tensor_powers": "Tensor powers of a displacement",
    "graph": "The computation as a directed acyclic graph",
    "growth": "The size of the computation against the order",
    "timing": "Time against size",
}


# What draws the kinds of artifact that are one table; all else draws those of kind `taylor`.
TABLES = frozenset(["graph", "growth", "timing"])
# What a keyword of a plain type must be, in words.
PLAIN: dict[Any, str] = {bool: "true or false", str | None: "a text"}


class UnknownYetError(Exception):
    """A value was asked for of an artifact that is only planned."""


@dataclass(frozen=True)
class Source:
    """An opened artifact: its root, its evaluations by name, and what its log says (host, device, seconds, …)."""

    root: xr.Dataset
    evaluations: dict[str, xr.Dataset] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)


def draw(source: Source, options: Mapping[str, Any]) -> Figure:
    """Draw one figure: `options["kind"]` names it, the rest are that kind's keywords.

    Raises SpecError for an unknown kind or keyword, and for a request that the artifact cannot answer; UndrawableError,
    which is one, where it cannot for its values alone.
    """
    with style.context():
        figure = _made(source, options)
        style.plain_ticks(figure)
        return figure


def check(source: Source, options: Mapping[str, Any]) -> None:
    """Raise SpecError for what `draw` would refuse of a planned `source`, which raises UnknownYetError for its values.

    This is `draw` up to the first value: a figure looks at all of its request before it reads any.
    """
    with suppress(UnknownYetError):
        _made(source, options)


def _made(source: Source, options: Mapping[str, Any]) -> Figure:
    kind, function, request = checked(options)
    try:
        _require_kind(source, kind)
        return function(source, **request)
    except UndrawableError:
        raise
    except SpecError as error:
        raise SpecError(f"figure {kind!r}: {error}") from None


def _require_kind(source: Source, kind: str) -> None:
    needed, found = kind if kind in TABLES else "taylor", source.root.attrs.get("kind")
    if found != needed:
        raise SpecError(f"draws artifacts of kind {needed!r}, this one is of kind {shown.value(found)}; leave it out")


def checked(options: Mapping[str, Any]) -> tuple[str, Callable[..., Figure], dict[str, Any]]:
    """A request's kind, the function that draws it, and its keywords. Raises SpecError where one is unknown."""
    request = dict(options)
    kind = request.pop("kind", None)
    request.pop("words", None)  # the page's, beside the figure
    function = _function(kind)
    known = dict(list(inspect.signature(function).parameters.items())[1:])
    if unknown := sorted(request.keys() - set(known)):
        raise SpecError(
            f"figure {kind!r}: {unknown[0]} = {shown.value(request[unknown[0]])}: unknown field; "
            f"write one of {', '.join(known)}"
        )
    for name, value in request.items():
        if (plain := known[name].annotation) in PLAIN and not isinstance(value, plain):
            raise SpecError(f"figure {kind!r}: {name} = {shown.value(value)}: write {PLAIN[plain]}")
    return kind, function, request


def caption(options: Mapping[str, Any]) -> str:
    """A line of plain words for a figure that was asked for with `options`."""
    details = {k: v for k, v in options.items() if k not in ("kind", "title", "limits", "names", "words")}
    words = ", ".join(_words(k, v) for k, v in details.items() if v is not None and v is not False)
    return FIGURES[options["kind"]] + (f" ({words})" if words else "")


def _words(name: str, value: Any) -> str:
    if value is True:
        return name
    return f"{name} {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"


def _function(kind: Any) -> Callable[..., Figure]:
    if not isinstance(kind, str) or kind not in FIGURES:
        raise SpecError(f"figure kind = {shown.value(kind)}: unknown; write one of {', '.join(FIGURES)}")
    function: Callable[..., Figure] = getattr(import_module(f"taylorkit.plotting.{kind}"), kind)
    return function
