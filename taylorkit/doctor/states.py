"""What `list` shows of a store's artifacts, as far as something is to be done about it."""

from collections.abc import Iterator

from taylorkit.doctor.finding import Finding, Place
from taylorkit.store import state
from taylorkit.store.listing import listing

# What each state is called here, and what to do; nothing is to be done about the others.
WORDS = {
    state.DAMAGED: (
        "an artifact is damaged",
        "run its spec again: it is put right; where it is not, move it away before",
    ),
    state.UNFINISHED: (
        "a run was not finished",
        "run its spec again: committed blocks are kept (unless it goes on, on another machine)",
    ),
    state.NOT_FINITE: ("a run found no number", state.NO_NUMBER),
    state.NO_PAGE: ("a run has no page", "taylorkit report ARTIFACT"),
}


def shown(place: Place) -> Iterator[Finding]:
    """Artifacts that are damaged, not finished, without a number or without a page."""
    for artifact in listing(place.store):
        if artifact["state"] in WORDS:
            what, do = WORDS[artifact["state"]]
            reason = f": {artifact['damage']}" if "damage" in artifact else ""
            yield Finding(what, f"{artifact['path']}{reason}", do)
