"""Two values side by side, short, and so that they never read alike where they are not the same."""

from collections.abc import Callable
from typing import Any

from taylorkit import digest, shown

__all__ = ["ABSENT", "apart", "same"]


class Absent:
    """What is not there at all; None is a value."""

    def __str__(self) -> str:
        return "–"


ABSENT = Absent()
# Characters that a table has room for; a hash is told by its first ones.
LONGEST, HASH = 58, 12


def same(a: Any, b: Any) -> bool:
    """Whether both are encoded alike in a fingerprint: 1 is 1.0 there, and not true."""
    if a is ABSENT or b is ABSENT:
        return a is b
    return _encoded(a) == _encoded(b)


def _encoded(value: Any) -> str:
    try:
        return digest.of_value(value)
    except (ValueError, TypeError, RecursionError):  # nothing that has a fingerprint
        return shown.value(value)


def apart(a: Any, b: Any) -> tuple[str, str]:
    """Both as a line of a table shows them: as words, as Python writes them, or in the end as hashes."""
    forms: tuple[Callable[[Any], str], ...] = (str, repr, _encoded)
    pairs = (_cut(_text(form, a), _text(form, b)) for form in forms)
    return next((pair for pair in pairs if pair[0] != pair[1]), ("the same", "the same"))


def _text(form: Callable[[Any], str], value: Any) -> str:
    """Of nothing but blanks, as Python writes it: a field of a table must not look empty."""
    text = str(value) if value is ABSENT else shown.one_line(form(value))
    return text if text.strip() else repr(text)


def _cut(a: str, b: str) -> tuple[str, str]:
    alike = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return _part(a, alike), _part(b, alike)


def _part(text: str, alike: int) -> str:
    """`text`, or of a long one as much as there is room for, with what follows the first `alike` characters in it."""
    is_hash = len(text) == 64 and not set(text) - set("0123456789abcdef")
    room = HASH if is_hash else LONGEST
    if len(text) <= room:
        return text
    start = 0 if alike < room else alike - room // 2
    end = start + room
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) and not is_hash else ''}"
