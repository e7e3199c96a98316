"""Why a file cannot be read, in words that say where and never what the file holds.

A spec may name any file, and what is said of it goes into logs that others read: a message must not carry a password
out of it. So nothing here repeats the words of a reader, only its reasons and positions.
"""

import os
import re

# What Python's reader of TOML says that quotes nothing, and the beginnings of what quotes something.
TOML = {
    "Expected '='": "expected '=' after a key",
    "Expected ']": "expected ']' after the name of a table",
    "Expected newline": "expected a new line after a statement",
    "Invalid statement": "there is no statement",
    "Invalid initial character": "a key begins with a character that it must not have",
    "Invalid value": "there is no value of TOML",
    "Invalid date": "there is no date of TOML",
    "Unclosed array": "an array is not closed",
    "Unclosed inline table": "a table is not closed",
    "Unterminated string": "a string is not closed",
    "Unescaped": "a string holds '\\' before a character that takes none",
    "Cannot declare": "a table is declared twice",
    "Cannot overwrite": "a value is given twice",
    "Duplicate inline": "a key is given twice",
}
PLACE = re.compile(r"\(at (line (\d+), column (\d+)|end of document)\)$")
# TOML's bare keys are of Latin letters.
QUOTES = '; a name of other letters than a to z stands in quotes, as in "σ" = 1'
CELL = re.compile(r"at row (\d+), column (\d+)")


class HeaderError(ValueError):
    """What is wrong with the names of a file's columns, in words that quote the spec and not the file."""


def of_toml(error: Exception, text: str = "") -> str:
    """Why a text is no TOML, and at which line and column."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is no UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    said = str(error)
    reason = next((words for start, words in TOML.items() if said.startswith(start)), "it breaks a rule of TOML")
    if not (place := PLACE.search(said)):
        return reason
    return f"{reason} ({place[1]}){QUOTES if place[2] and _is_foreign(text, int(place[2]), int(place[3])) else ''}"


def _is_foreign(text: str, line: int, column: int) -> bool:
    """Whether a letter stands there that TOML takes in quotes alone."""
    there = text.split("\n")[line - 1 : line] or [""]
    letter = there[0][column - 1 : column]
    return letter.isalpha() and not letter.isascii()


def of_numbers(error: Exception) -> str:
    """Why a file holds no rows of numbers."""
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else "there is no such file"
    if isinstance(error, HeaderError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    if cell := CELL.search(str(error)):
        return f"row {int(cell[1]) + 1}, column {cell[2]}, is no number"
    return "it does not hold rows of real numbers, as many in each"
