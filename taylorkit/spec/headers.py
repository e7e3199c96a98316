"""Which column of a text file holds which variable, as a row of names above the numbers says, or a comment there.

Columns are read by their position only where nothing names them. Names fit in upper or lower case, and with a unit
behind them: `Y [m], X [m]`. What looks like names and does not fit is refused: the columns may stand in another order.
"""

import csv
import re
from collections.abc import Iterable, Sequence

from taylorkit.spec.reasons import HeaderError

COMMENT = "#"
# A unit behind a name: in brackets, or after a stroke with blanks around it (dx/dt is a name).
UNIT = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|\s/\s+[^,;\s]+")


def columns_of(lines: Iterable[str], names: Sequence[str]) -> tuple[int, list[int] | None]:
    """How many lines stand above the numbers, and where the column of each variable stands; None: in their order.

    Raises HeaderError for names that are not those of the variables.
    """
    comments: list[str] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        cells = _cells(line)
        if line.lstrip().startswith(COMMENT):
            comments.append(line)
        elif any(map(_is_number, cells)):
            return number, _of_comments(comments, names, len(cells))
        else:
            return number + 1, _of_row(cells, names)
    raise HeaderError(f"its first row neither holds numbers nor names {', '.join(names)}")


def places(columns: list[str], names: Sequence[str]) -> list[int]:
    """Where the column of each variable stands."""
    for name in names:
        if (found := columns.count(name)) != 1:
            raise HeaderError(f"it has {found or 'no'} columns {name}")
    return [columns.index(name) for name in names]


def _of_row(cells: list[str], names: Sequence[str]) -> list[int]:
    found = _fitting(cells, names)
    if found is None:
        raise HeaderError(f"its first row neither holds numbers nor names {', '.join(names)}")
    return found


def _of_comments(comments: list[str], names: Sequence[str], columns: int) -> list[int] | None:
    headers = [cells for line in comments if len(cells := _words(line)) == columns and not any(map(_is_number, cells))]
    fitting = [found for cells in headers if (found := _fitting(cells, names))]
    if fitting and all(one == fitting[0] for one in fitting):
        return fitting[0]
    if headers or any(_is_in_another_order(line, names) for line in comments):
        raise HeaderError(
            f"a comment above its numbers reads like names of its columns, which are not {', '.join(names)}; "
            "name each column as its variable, or remove the comment"
        )
    return None


def _words(comment: str) -> list[str]:
    """What a comment holds between commas; without any between semicolons or blanks, as `numpy.savetxt` has it."""
    text = UNIT.sub("", comment.strip().lstrip(COMMENT)).strip()
    return _cells(text) if "," in text else [word for word in re.split(r"[;\s]+", text) if word]


def _is_in_another_order(comment: str, names: Sequence[str]) -> bool:
    """Whether a comment mentions variables otherwise than they follow on each other."""
    mentioned = dict.fromkeys(word for word in re.findall(r"\w+", comment.casefold()))
    wanted = [name.casefold() for name in names]
    return [word for word in mentioned if word in wanted] != [name for name in wanted if name in mentioned]


def _fitting(cells: list[str], names: Sequence[str]) -> list[int] | None:
    """Where each variable's name stands: as it is written, or but for units and case; None where one does not."""
    bare = [UNIT.sub("", cell).strip() for cell in cells]
    folded = [[text.casefold() for text in texts] for texts in (bare, names)]
    for found, wanted in ((cells, names), (bare, names), folded):
        if set(wanted) <= set(found):
            return places(found, wanted)
    return None


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]
    except csv.Error:  # a cell of more than 128 KiB
        return []


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
