"""Names of artifacts: `NAME-<derivatives>-<plan>.zarr`, the run's name for people, two fingerprints for truth.

The first twelve digits of the derivative fingerprint say whose derivatives it holds, the first eight of the plan's say
what else: so runs of one plan find one path, and unlike plans never share one. Format 1 (0.4) had no plan in its names.
"""

import re
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".zarr"
DERIVATIVES, PLAN = 12, 8
FORM = re.compile(rf"(.+)-([0-9a-f]{{{DERIVATIVES}}})-([0-9a-f]{{{PLAN}}})", re.DOTALL)
FORMAT_1 = re.compile(rf"(.+)-([0-9a-f]{{{DERIVATIVES}}})", re.DOTALL)


def of(name: str, derivatives: str, plan: str = "") -> str:
    """The folder of an artifact; without a plan as format 1 called it."""
    marks = (derivatives[:DERIVATIVES], plan[:PLAN]) if plan else (derivatives[:DERIVATIVES],)
    return "-".join((name, *marks)) + SUFFIX


def parts(artifact: Path) -> tuple[str, str, str]:
    """Name, first digits of the derivative fingerprint and of the plan's, as a folder's name says them; "" where not.

    >>> parts(Path("data/artifacts/mml-5-15-0123456789ab-01234567.zarr"))
    ('mml-5-15', '0123456789ab', '01234567')
    """
    found = FORM.fullmatch(artifact.stem) or FORMAT_1.fullmatch(artifact.stem)
    name, derivatives, *plan = found.groups() if found else (artifact.stem, "")
    return name, derivatives, *(plan or ("",))


def with_derivatives(store: Path, derivatives: str) -> Iterator[Path]:
    """The artifacts of a store whose names say that they hold these derivatives, whatever their runs are called."""
    mark = derivatives[:DERIVATIVES]
    for path in sorted(store.glob(f"*-{mark}*{SUFFIX}")):
        if parts(path)[1] == mark and not path.name.startswith(".") and not path.is_symlink():
            yield path


def problem(artifact: Path, derivatives: str, plan: str) -> str | None:
    """What is wrong with the name of an artifact that has these fingerprints. A name that says none is a person's."""
    _, said, of_plan = parts(artifact)
    own = derivatives[:DERIVATIVES], plan[:PLAN]
    if not said or (said, of_plan or own[1]) == own:
        return None
    return f"{artifact}: has the name of another artifact; its own ends in {'-'.join(filter(None, own))}: rename it"
