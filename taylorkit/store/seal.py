"""A group's seal: what is in the group, and which artifact it belongs to.

Format 1 (0.4) names sections and groups. Format 2 names the fingerprint of each, too, and in every group the plan of
the artifact: so what was exchanged between two artifacts is found, whole as it may be in itself.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from taylorkit.errors import IntegrityError
from taylorkit.store import records
from taylorkit.store.attributes import Loose, Words, problem

# They lead nowhere else.
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Below = Annotated[str, Field(pattern=r"^evaluation/[a-z][a-z0-9_]{0,63}$")]


class Format1(Loose):
    group: Words
    attributes: Words
    sections: list[Label]
    groups: list[Below]


class Format2(Loose):
    group: Words
    attributes: Words
    sections: dict[Label, Words]
    groups: dict[Below, Words]
    fingerprint: Words
    artifact: Words


@dataclass(frozen=True)
class Seal:
    """`group` is the group's path, `attributes` a digest; `sections` and `groups` have fingerprints by name.

    `fingerprint` is the group's own, `artifact` that of the plan that the whole artifact was made by. In format 1 all
    fingerprints are "".
    """

    group: str
    attributes: str
    sections: dict[str, str]
    groups: dict[str, str]
    fingerprint: str = ""
    artifact: str = ""


def read(group: Path) -> Seal:
    """The seal of a group. Raises IntegrityError where there is none."""
    place = group / "commit"
    found = records.read(place) or {}
    model = Format2 if "artifact" in found else Format1
    if found.keys() != model.model_fields.keys() or problem(found, model):
        raise IntegrityError(f"{place}: is no seal of this version; run the spec again to make it")
    if model is Format1:
        found |= {key: dict.fromkeys(found[key], "") for key in ("sections", "groups")}
    return Seal(**found)


def write(folder: Path, seal: Seal) -> None:
    records.write(folder / "commit", asdict(seal))
