"""Installed libraries against the versions that taylorkit's own metadata asks for, extras that are in use included."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version

from packaging.requirements import Requirement

from taylorkit.doctor.finding import Finding, Place

# What each was seen to do outside of its versions: neither says so itself.
SEEN = {
    "fastapi": "from 0.155 on every flow fails, from 0.151 on `prefect deploy --all` answers 422",
    "sqlalchemy": "from 2.1 on everything passes, but schedules never fire",
    "prefect": "flows and deployments were tried with these versions alone",
    "jax": "numbers and traced programs were tried with these versions alone",
    "llvmlite": "machine code was tried with these versions alone",
}
# An extra is in use where its first library is installed.
MARKS = {"flows": "prefect", "dask": "prefect-dask", "llvm": "llvmlite", "cuda": "jax-cuda12-plugin"}
EVERYWHERE = ""


def wrong(place: Place) -> Iterator[Finding]:
    """Libraries that are missing or outside of their versions."""
    extras = [EVERYWHERE, *(extra for extra, library in MARKS.items() if _installed(library))]
    for text in metadata("taylorkit").get_all("Requires-Dist") or []:
        needed = Requirement(text)
        if any(needed.marker is None or needed.marker.evaluate({"extra": extra}) for extra in extras):
            yield from _compared(needed)


def _compared(needed: Requirement) -> Iterator[Finding]:
    found = _installed(needed.name)
    if found is not None and needed.specifier.contains(found, prereleases=True):
        return
    wanted = f"{needed.name}{needed.specifier}"
    yield Finding(
        f"{needed.name} is {'missing' if found is None else 'of a version that does not work'}",
        f"{found or 'not installed'}, wanted {wanted}" + (f" ({SEEN[needed.name]})" if needed.name in SEEN else ""),
        f"pip install -c constraints.txt '{wanted}'",
    )


def _installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
