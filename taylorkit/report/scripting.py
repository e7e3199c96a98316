"""The scripts of a page: inlined from files as they stand, and named to the browser by their digests.

The policy of a page lets those scripts run and no other: what a stranger's artifact says cannot become one.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

__all__ = ["EXPLORING", "PLAIN", "Script", "scripts"]

FOLDER = Path(__file__).parent
# In the order in which they run.
PLAIN = ("scripts/page.js",)
EXPLORING = (
    *PLAIN,
    "plotly/plotly-cartesian.min.js",
    *(f"scripts/{name}.js" for name in ("words", "polynomials", "plots", "explorer")),
)


@dataclass(frozen=True)
class Script:
    """What stands in a page between its tags, and what its policy calls it."""

    text: Markup
    digest: str


def scripts(names: tuple[str, ...]) -> list[Script]:
    """The files of these names."""
    return [_script(name) for name in names]


@cache
def _script(name: str) -> Script:
    text = (FOLDER / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return Script(Markup(text), f"'sha256-{digest}'")
