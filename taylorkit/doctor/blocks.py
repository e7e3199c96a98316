"""Blocks whose record or file is not there any more, though `list` shows their artifact as whole: no value is read."""

import time
from collections.abc import Iterator
from pathlib import Path

from taylorkit.doctor.finding import Finding, Place
from taylorkit.errors import IntegrityError
from taylorkit.store import state
from taylorkit.store.listing import listing
from taylorkit.store.tree import groups, sections

# Seconds of looking, the latest artifacts first: a store may hold thousands.
SECONDS = 5.0
# Of the others `states` says what is to be done.
WHOLE = (state.FINISHED, state.NO_PAGE, state.NOT_FINITE)


def lost(place: Place) -> Iterator[Finding]:
    """Blocks that cannot be whole, the first of each artifact; and how many artifacts there was no time for."""
    found = [facts["path"] for facts in listing(place.store) if facts["state"] in WHOLE]
    until = time.monotonic() + SECONDS
    for number, artifact in enumerate(sorted(found, key=_changed, reverse=True)):
        if time.monotonic() > until:
            left = f"{place.store}: {len(found) - number} of {len(found)} artifacts, those that were changed first"
            yield Finding("the blocks of some artifacts were not looked at", left, "taylorkit verify ARTIFACT")
            return
        if problem := next(_problems(artifact), None):
            do = "run its spec again: it is put right; `taylorkit verify` names all that is wrong"
            yield Finding("an artifact has lost something", f"{artifact}: {problem}", do)


def _problems(artifact: Path) -> Iterator[str]:
    try:
        for group in groups(artifact):
            for section in sections(group):
                for block in section.blocks():
                    if problem := section.at_a_glance(block):
                        yield f"{section.label} block {block.name or 'whole'} {problem}"
    except IntegrityError as error:
        yield str(error)


def _changed(artifact: Path) -> float:
    try:
        return (artifact / "commit").stat().st_mtime
    except OSError:
        return 0.0
