"""What a section's record may say. Its digest shows that it was written whole, not by whom."""

from typing import Annotated, Any

from pydantic import Field

from taylorkit.store.attributes import Loose, Names, Words
from taylorkit.store.attributes import problem as wrong

Length = Annotated[int, Field(ge=0, le=2**53)]
Digests = dict[Names, Words]


class Description(Loose):
    section: Names
    fingerprint: Words
    arrays: list[Names]
    dims: list[Names]
    shape: list[Length]
    cut: list[Annotated[int, Field(ge=1, le=2**53)]]
    metadata: Digests
    coordinates: Digests
    # In format 1 there is none.
    artifact: Words = ""


def problem(record: dict[str, Any]) -> str | None:
    """What is wrong with a section's record, in words."""
    if said := wrong(record, Description):
        return said
    named = [*record["arrays"], *record["coordinates"]]
    if len(set(named)) < len(named) or set(named) != set(record["metadata"]):
        return f"arrays = {named!r:.100}: are not those whose metadata it names"
    if not len(record["dims"]) == len(record["shape"]) == len(record["cut"]):
        return f"dims = {record['dims']!r:.100}: are not as many as shape and cut"
    return None
