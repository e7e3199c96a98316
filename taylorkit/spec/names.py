"""Names of runs, variables and terms: none that the artifact or Python takes for something else."""

import re
from typing import Annotated

from pydantic import AfterValidator

from taylorkit import naming, shown

# Names that the artifact uses for its own dimensions and arrays, or a point set for its own options.
RESERVED = frozenset(
    "term degree point variable output status points source center overlay cloud exponent derivatives trust_radius "
    "convergence_radius truth approximation error max_error rms_error samples center_index evaluation commit "
    "log extrapolate".split()
)
# More names than these no reader keeps apart.
MOST_NAMES = 256


def spelled(pattern: str, words: str) -> AfterValidator:
    """A name that can be a folder's: it matches `pattern`, in words 64 or fewer `words`."""

    def check(name: str) -> str:
        if not re.fullmatch(pattern, name):
            raise ValueError(f"must be at most 64 {words}")
        return name

    return AfterValidator(check)


def own_name(name: str) -> str:
    """A name that neither the artifact nor an expression takes for something else."""
    if name in RESERVED or re.fullmatch(r"output_\d+", name):
        raise ValueError(f"{name!r} is a name that the artifact uses itself; choose another")
    if len(name) > naming.LONGEST:
        raise ValueError(f"{name[:20]!r}… has {len(name)} characters; give it {naming.LONGEST} at most")
    if naming.is_plain(name):
        return name
    if naming.is_plain(plain := naming.spelled(name)):
        raise ValueError(f"{name!r} is {name!a}, which Python reads as {plain!a}: write {plain!r}")
    raise ValueError(f"{shown.value(name)} must be a plain name such as x, σ or spot_price")


def variable_names(names: list[str]) -> list[str]:
    for name in names:
        own_name(name)
    if len(set(names)) < len(names):
        raise ValueError("each variable must have a name of its own")
    return names


TermName = Annotated[str, AfterValidator(own_name)]
