"""Where a planned run lies in its store: everything that it will hold determines the path.

An artifact of format 1 (0.4) is used where it lies, if its plan is this one. Others of the same derivatives are read:
see `siblings`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taylorkit.errors import IntegrityError
from taylorkit.spec import Spec
from taylorkit.store import names, seal
from taylorkit.store.files import require_plain_files
from taylorkit.store.layout import GroupPlan, of_plan
from taylorkit.store.tree import attributes, groups, place, sections
from taylorkit.store.verify import metadata_are_whole

# How a run is done, not what it holds: its artifact does not say it.
UNTOLD = {"storage", "reuse", "memory"}
# What the fingerprints of sections say, and the format, which may be an older one.
SAID_BY_FINGERPRINTS = {"inputs", "versions", "format", "spec"}


def placed(store: Path, spec: Spec, planned: Sequence[GroupPlan]) -> tuple[Path, str]:
    """The artifact's path, and the fingerprint of its plan; "" where one of format 1 is used as it is."""
    mark, told = planned[0].fingerprint, _of_spec(spec)
    before = store / names.of(spec.name, mark)
    if _is_of_plan(before, type(spec), told, planned):
        return before, ""
    plan = of_plan(planned, told)
    return store / names.of(spec.name, mark, plan), plan


def told(spec: Spec) -> dict[str, Any]:
    """What an artifact says of its spec."""
    return spec.model_dump(mode="json", exclude=UNTOLD)


def _of_spec(spec: Spec) -> dict[str, Any]:
    """What a spec asks for that is no default: a field that a later release adds changes no plan of before."""
    return spec.model_dump(mode="json", exclude=UNTOLD, exclude_defaults=True)


def _is_of_plan(artifact: Path, kind: type[Spec], told: dict[str, Any], planned: Sequence[GroupPlan]) -> bool:
    """Whether a whole artifact of format 1 is there that holds what is planned."""
    if not (artifact / "commit").is_dir() or artifact.is_symlink():
        return False
    try:
        require_plain_files(artifact)
        found = {place(group): group for group in groups(artifact)}
        return (
            not seal.read(artifact).artifact
            and found.keys() == {group.path for group in planned}
            and all(_is_of_group(found[group.path], group) for group in planned)
            and _of_spec(kind.model_validate(attributes(artifact)["spec"])) == told
        )
    except (IntegrityError, OSError, KeyError, ValidationError):
        return False


def _is_of_group(folder: Path, planned: GroupPlan) -> bool:
    wanted = {section.label: section.fingerprint for section in planned.sections}
    if {section.label: section.record["fingerprint"] for section in sections(folder)} != wanted:
        return False
    there = {name: value for name, value in attributes(folder).items() if name not in SAID_BY_FINGERPRINTS}
    return metadata_are_whole(folder) and all(
        _agree(value, planned.attributes.get(name)) for name, value in there.items()
    )


def _agree(there: Any, planned: Any) -> bool:
    """Whether two attributes are one, where both say something: of f more may be told than was."""
    if isinstance(there, dict) and isinstance(planned, dict):
        return all(_agree(value, planned[name]) for name, value in there.items() if name in planned)
    return bool(there == planned)
