"""What a page says and shows: words, and figures with the keywords of each."""

import re
import sys
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from taylorkit.spec.model import Model

# Text without the control characters that no page and no drawing can hold; tabs and ends of lines are.
PRINTED = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
# What one page, or one figure, says.
MOST_WORDS = 20_000


def _plain(value: Any) -> Any:
    """What a figure is asked for with is written into attributes as JSON, which has neither NaN nor dates."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, str | int | float) or not (isinstance(one, str) or abs(one) <= sys.float_info.max):
            raise ValueError("must be a text, a finite number, true, false, or a list of these")
    return value


Plain = Annotated[Any, AfterValidator(_plain)]


def _worded(request: dict[str, Any]) -> dict[str, Any]:
    words = request.get("words", "")
    if not isinstance(words, str) or len(words) > MOST_WORDS or not re.match(PRINTED, words):
        raise ValueError(f"words: must be a text of at most {MOST_WORDS} characters, none of them a control character")
    return request


Figure = Annotated[dict[str, Plain], AfterValidator(_worded)]


class Report(Model):
    """`figures`: a list of what to draw; by default chosen from what the artifact holds. `words`: what the page says.

    Words are Markdown with $formulas$; a figure may have `words` of its own beside its keywords.
    """

    words: Annotated[str, Field(max_length=MOST_WORDS, pattern=PRINTED)] = ""
    figures: Annotated[list[Figure], Field(max_length=64)] | None = None
