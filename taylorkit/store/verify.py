"""Is an artifact what was written? Every byte that carries meaning is compared with a record."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from taylorkit import digest
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store import belonging, records, seal
from taylorkit.store.files import contents, document
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import evaluations, existing, groups, place, sections

# A record may say that there are more blocks than can be counted; where most are missing, one knows enough.
MOST = 1000

# What the metadata of a folder of groups say: that it is one.
PLAIN_GROUP = {"attributes": {}, "zarr_format": 3, "node_type": "group"}


def verify(artifact: str | Path) -> list[str]:
    """What is wrong with the artifact, one line each; empty where every array is what was written.

    Raises IntegrityError where there is no artifact.

    >>> import tempfile
    >>> import taylorkit as tk
    >>> from taylorkit import pipeline
    >>> with tempfile.TemporaryDirectory() as store:
    ...     job = pipeline.plan("data/specs/mml-5-15.toml", store=store)
    ...     done = pipeline.run(job)
    ...     before = tk.verify(job.artifact)
    ...     (job.artifact / "x" / "zarr.json").write_text("{}")
    ...     before, len(tk.verify(job.artifact)) > 0
    2
    ([], True)
    """
    artifact = existing(artifact)
    found = [f"{_name(artifact, g)}{line}" for g in groups(artifact) for line in islice(problems(g), MOST + 1)]
    found = list(dict.fromkeys(found)) or list(_refused(artifact))  # sections of a group share its coordinates
    return found if len(found) <= MOST else [*found[:MOST], f"and more: looking stopped after {MOST} problems"]


def _refused(artifact: Path) -> Iterator[str]:
    """Why a reader refuses what fits its records: they can be made to fit arrays that do not fit together."""
    from taylorkit.store.read import open  # which imports xarray, slowly, and this module

    try:
        for name in (None, *evaluations(artifact)):
            open(artifact, name)
    except (IntegrityError, SpecError) as error:
        yield str(error)


def problems(group: Path) -> Iterator[str]:
    """What is wrong with one group: its attributes, then each section."""
    yield from seal_problems(group)
    for section in sections(group):
        # Asked once: what could not be read now and can be the next time would be passed over.
        wrong = dict(array_metadata_problems(section))
        yield from wrong.values()
        yield from coordinate_problems(section, wrong)
        if wrong:
            continue  # by these nothing can be read
        for block in section.blocks():
            if problem := section.problem(block):
                yield f"{section.label} block {block.name or 'whole'} {problem}"


def metadata_are_whole(group: Path) -> bool:
    """Whether everything of a group but its blocks is what was written."""
    try:
        return not any(seal_problems(group)) and not any(any(metadata_problems(s)) for s in sections(group))
    except IntegrityError:
        return False


def seal_problems(group: Path) -> Iterator[str]:
    """Attributes, sections and groups that are not those that the group's seal names, or a seal of another artifact."""
    try:
        found = seal.read(group)
    except IntegrityError as error:
        yield str(error)
        return
    if found.group != place(group):
        yield f"{group / 'commit'}: is the seal of another group; run the spec again to make it"
        return
    if found.attributes != _file_digest(group):
        yield f"{group / records.FILE}: attributes are not those that were written"
    for path in (*(f"commit/{label}" for label in found.sections), *(f"{below}/commit" for below in found.groups)):
        if not (group / path).is_dir():
            yield f"{group / path}: is missing"
    for folder in sorted({(group / below).parent for below in found.groups}):
        if not _is_plain_group(folder):
            yield f"{folder / records.FILE}: is not the metadata of a group"
    if problem := belonging.of_another(group, found):
        yield problem


def _is_plain_group(folder: Path) -> bool:
    try:
        return document(folder) == PLAIN_GROUP
    except IntegrityError:
        return False


def metadata_problems(section: SectionStore) -> Iterator[str]:
    """Metadata files and coordinates that are not those that the section's record names."""
    wrong = dict(array_metadata_problems(section))
    yield from wrong.values()
    yield from coordinate_problems(section, wrong)


def coordinate_problems(section: SectionStore, wrong: dict[str, str]) -> Iterator[str]:
    """Coordinates that are not those that the section's record names, but for what is `wrong` already."""
    if section.label in wrong:
        return
    for name, expected in section.record["coordinates"].items():
        if name in wrong:
            continue
        try:
            if digest.of_array(section.whole(name)) != expected:
                yield f"{section.folder / name}: coordinate values are not those that were written"
        except IntegrityError as error:
            yield str(error)


def array_metadata_problems(section: SectionStore) -> Iterator[tuple[str, str]]:
    """What is wrong with the metadata of each array, by its name; or with the section's record, by its label."""
    try:
        record = section.record
    except IntegrityError as error:
        yield section.label, str(error)
        return
    if not belonging.is_of_its_group(section):
        yield section.label, f"{section.folder / 'commit' / section.label}: section {section.label} {belonging.OTHERS}"
        return
    for name, expected in record["metadata"].items():
        if _file_digest(section.folder / name) != expected:
            yield name, f"{section.folder / name / records.FILE}: metadata is not what was written"


def _file_digest(folder: Path) -> str | None:
    try:
        return digest.of_bytes(contents(folder / records.FILE))
    except OSError:
        return None


def _name(artifact: Path, group: Path) -> str:
    relative = group.relative_to(artifact)
    return "" if group == artifact else f"{relative}: "
