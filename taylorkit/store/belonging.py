"""Does a group lie in the artifact that it was made for, and a section in its group?

Since format 2 seals and records name the artifact and the fingerprints that belong together. In format 1 (0.4) the
records of sections alone have fingerprints; the group's attributes, which its seal covers, hold the inputs that these
were made of, and an evaluation's inputs name the derivatives that it is of.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.store import names, seal
from taylorkit.store.seal import Seal
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import attributes, place

OTHERS = "was made for another artifact, or for other inputs; run the spec again to make it anew"


def of_another(group: Path, found: Seal) -> str | None:
    """What shows that a group belongs to another artifact than the one in which it lies."""
    try:
        if not found.group:
            return names.problem(group, found.fingerprint or _own(group), found.artifact)
        top = group.parent.parent
        root = seal.read(top)
        fits = (found.artifact, found.fingerprint) == (root.artifact, root.groups.get(found.group))
        if not found.artifact:
            fits = fits and _inputs(group).get("evaluation", {}).get("derivatives") in (None, _own(top))
    except IntegrityError:
        return None  # which the problems of the group, or of the root, say
    return None if fits else f"{group / 'commit'}: {found.group} {OTHERS}"


def is_of_its_group(section: SectionStore) -> bool:
    """Whether a section's record names the artifact and the fingerprint that its group does."""
    try:
        of = seal.read(section.folder)
        told = of.sections if of.artifact else marks(_inputs(section.folder))
    except IntegrityError:
        return True  # which the group's own problems say
    if of.group != place(section.folder):
        return True  # likewise
    record = section.record
    # In format 1 the sections of an evaluation, and a table, have their group's one fingerprint.
    fitting = [told[section.label]] if section.label in told else [] if of.artifact else told.values()
    unsaid = not of.artifact and not told
    return record.get("artifact", "") == of.artifact and (unsaid or record["fingerprint"] in fitting)


def marks(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The fingerprints that a group's inputs make, by what each is of; "" where they are nothing that has one."""
    return {tag: _mark(tag, value) for tag, value in inputs.items()}


def _mark(tag: str, inputs: Any) -> str:
    try:
        return digest.fingerprint(tag, inputs)
    except (ValueError, TypeError, RecursionError):
        return ""


def _own(group: Path) -> str:
    return str(attributes(group).get("fingerprint") or "")


def _inputs(group: Path) -> dict[str, Any]:
    found = attributes(group).get("inputs")
    return {tag: value for tag, value in found.items() if isinstance(value, dict)} if isinstance(found, dict) else {}
