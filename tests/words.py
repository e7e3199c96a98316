"""What the words of a spec say: numbers are looked up in the text, so that neither changes without the other."""

import re
from pathlib import Path

from taylorkit.spec import load


def told(spec: Path) -> str:
    """All words of a spec, its figures' too, in one line."""
    report = load(spec).report
    figures = [figure.get("words", "") for figure in report.figures or ()]
    return " ".join(" ".join([report.words, *figures]).split())


def assert_said(words: str, pattern: str, *values: float) -> None:
    """The words have the pattern once, and its groups are the values, rounded as the words round."""
    (found,) = re.finditer(pattern, words)
    said = found.groups()
    assert [as_said(value, like) for value, like in zip(values, said, strict=True)] == list(said), found.group()


def as_said(value: float, like: str) -> str:
    """With as many decimals as the text, and its commas: 0.3863 is 0.39 like 0.40."""
    decimals = len(like.partition(".")[2])
    return f"{value:,.{decimals}f}" if "," in like else f"{value:.{decimals}f}"
