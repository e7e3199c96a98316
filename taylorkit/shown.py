"""What a message shows of something that somebody wrote: short, on one line, and nothing that a terminal obeys.

A value may be a million characters long or nested beyond Python's own `repr`; a name may hold escape sequences that
clear a screen, or marks that turn a line of text round.
"""

import reprlib
import unicodedata

# Control, format (the marks of direction among them), surrogate, unassigned, and the separators of lines.
UNSEEN = frozenset("Cc Cf Cs Cn Zl Zp".split())
LONGEST_NAME, LONGEST_LINE = 120, 4000


class _Short(reprlib.Repr):
    """`repr`, cut in length and depth."""

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write out a whole number of more than 4300 digits.
        return f"a whole number of {x.bit_length()} bits" if x.bit_length() > 512 else super().repr_int(x, level)


_SHORT = _Short()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxdict, _SHORT.maxtuple, _SHORT.maxset = 4, 12, 12, 12, 12
_SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 200, 200, 80


def value(written: object) -> str:
    """A value as a message quotes it."""
    return printable(_SHORT.repr(written))


def name(text: str) -> str:
    """A field or folder as a message names it."""
    return one_line(text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 20]}…{text[-19:]}")


def one_line(text: str) -> str:
    """A whole message on one line, uncut."""
    return printable(text).replace("\n", "\\n")


def lines(text: str) -> str:
    """A whole message, or a row of a table, as it is printed."""
    return "\n".join(s if len(s) <= LONGEST_LINE else f"{s[:LONGEST_LINE]}…" for s in printable(text).split("\n"))


def printable(text: str) -> str:
    """`text` with everything that is not seen written as an escape; ends of lines stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_escaped(c) if c != "\n" and unicodedata.category(c) in UNSEEN else c for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
