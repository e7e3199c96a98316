"""Which term is meant: by its label, its exponents, or a name of its own.

A spec may call ∂²f/∂spot² `gamma`; then `gamma` is as good as `spot^2` wherever a term is asked for, and whatever shows
terms says it. A name is of one term, a term may have several. Names are words: no number and no fingerprint depends on
them, so they may be changed afterwards. Without xarray, which is slow to import.
"""

import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import numpy as np

from taylorkit import multi_index, shown
from taylorkit.errors import SpecError

__all__ = ["by_term", "exponents_of", "is_plain", "labels", "of", "spelled"]

# Letters of a name, and bytes: it is a folder's, too.
LONGEST, LONGEST_BYTES = 64, 192

NOTHING: Mapping[str, str] = MappingProxyType({})


def is_plain(name: str) -> bool:
    """Whether this is a word of letters, digits and underscores, of any alphabet, spelled as Python has it."""
    short = len(name) <= LONGEST and len(name.encode()) <= LONGEST_BYTES
    return short and name.isidentifier() and name == spelled(name)


def spelled(name: str) -> str:
    """A name as Python reads it: unlike spellings of one letter, such as the micro sign and the Greek mu, are one."""
    return unicodedata.normalize("NFKC", name)


def labels(written: Mapping[str, str], variables: tuple[str, ...], order: int) -> dict[str, str]:
    """The label of the term that each name is of. Raises SpecError where there is none up to the order."""
    found = {}
    for name, term in written.items():
        try:
            alpha = exponents_of(term, variables)
        except SpecError as error:
            raise SpecError(f"names.{name}: {error}") from None
        if (degree := sum(alpha)) > order:
            raise SpecError(
                f"names.{name} = {shown.value(term)}: its degree is {degree}, the order is {order}; "
                "raise the order or leave the name out"
            )
        found[name] = multi_index.label(variables, np.array(alpha))
    return found


def of(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The names that an artifact's attributes give to labels; none where they are no such thing."""
    names = attributes.get("names")
    if not isinstance(names, Mapping):
        return {}
    return {n: label for n, label in names.items() if isinstance(n, str) and isinstance(label, str)}


def by_term(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The names of each label that has any: `volga, vomma`."""
    found: dict[str, list[str]] = {}
    for name, label in of(attributes).items():
        found.setdefault(label, []).append(name)
    return {label: ", ".join(names) for label, names in found.items()}


def exponents_of(term: Any, variables: tuple[str, ...], names: Mapping[str, str] = NOTHING) -> tuple[int, ...]:
    """The multi-index that `term` means: a label, one of `names`, exponents, or a mapping from variables to exponents.

    Raises SpecError where it means none.
    """
    if isinstance(term, str):
        powers = multi_index.powers(term if term in variables else names.get(term, term))
    elif isinstance(term, Mapping):
        powers = dict(term)
    else:
        given = np.atleast_1d(np.asarray(term, dtype=object))
        powers = dict(zip(variables, given.tolist(), strict=True)) if given.shape == (len(variables),) else None
    whole = powers is not None and all(_is_power(a) for a in powers.values())
    if powers is None or not whole:
        raise SpecError(f"term = {shown.value(term)}: {_how(variables)}")
    if unknown := [variable for variable in powers if variable not in variables]:
        raise SpecError(
            f"term = {shown.value(term)}: {shown.value(unknown[0])} is no variable; they are {', '.join(variables)}"
            + _meant(str(unknown[0]), names)
        )
    return tuple(int(powers.get(variable, 0)) for variable in variables)


def _is_power(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


def _how(variables: tuple[str, ...]) -> str:
    powers = {name: 2 if i == 0 else 1 for i, name in enumerate(variables[:2])}
    label = " ".join(name if a == 1 else f"{name}^{a}" for name, a in powers.items())
    exponents = tuple(powers.get(name, 0) for name in variables)
    return f"no term; write one as {label!r}, {exponents} or {powers}, with whole exponents, 0 or more"


def _meant(word: str, names: Mapping[str, str]) -> str:
    """The names that there are, for somebody who wrote none of them."""
    if not names:
        return ""
    close = get_close_matches(word, names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; terms with names are {', '.join(names)}"
