"""`report`, `verify`, `why`, `compare` and `list`: what is asked of artifacts that are there."""

import argparse
import gc
from pathlib import Path
from typing import Any

from taylorkit import shown
from taylorkit.cli.answer import Answer, counted, table
from taylorkit.errors import TaylorkitError
from taylorkit.uncollected import uncollected

COLUMNS = ("name", "state", "kind", "function", "order", "points", "size", "worst error", "date")


def report(options: argparse.Namespace) -> Answer:
    with uncollected():
        from taylorkit import pages

        page = pages.report(options.artifact)
        index = pages.index(Path(options.artifact).parent)
        # The process ends with this: to go through all that was imported and drawn is a twentieth of its time.
        gc.freeze()
    return Answer(shown.lines(str(page)), {"artifact": options.artifact, "report": page, "index": index})


def verify(options: argparse.Namespace) -> Answer:
    if len(options.artifacts) == 1:
        (artifact,) = options.artifacts
        return _verified(artifact, _problems(artifact))
    found = [_verified(artifact, _problems_or_refusal(artifact)) for artifact in options.artifacts]
    text = "\n".join(answer.text for answer in found)
    return Answer(text, {"artifacts": [answer.facts for answer in found]}, max(answer.status for answer in found))


def _verified(artifact: str, problems: list[str]) -> Answer:
    found = counted(len(problems), "problem") if problems else "every array is what was written"
    lines = [*map(shown.one_line, problems), f"{artifact}: {found}"]
    facts = {"artifact": artifact, "problems": problems}
    return Answer("\n".join(map(shown.lines, lines)), facts, status=int(bool(problems)))


def _problems(artifact: str) -> list[str]:
    from taylorkit import drawn, indexed
    from taylorkit.store.verify import verify

    found, path = verify(artifact), Path(artifact).absolute()
    return [*found, *drawn.problems(path), *indexed.problems(path.parent)]


def _problems_or_refusal(artifact: str) -> list[str]:
    """Of many: one that cannot be looked at keeps none of the others."""
    try:
        return _problems(artifact)
    except (TaylorkitError, OSError) as error:
        return [str(error)]


def why(options: argparse.Namespace) -> Answer:
    from taylorkit.why import why

    differences = why(options.a, options.b, options.store)
    lines = []
    for part in differences:
        lines.append(f"{shown.name(part.part)}: {'differs' if part.rows else 'the same'}")
        if part.rows:
            lines.append(table([("", "field", "A", "B"), *(("", *map(shown.name, row)) for row in part.rows)]))
    parts = [
        {
            "part": part.part,
            "same": not part.rows,
            "rows": [dict(zip(("field", "a", "b"), row, strict=True)) for row in part.rows],
        }
        for part in differences
    ]
    differs = any(part.rows for part in differences)
    return Answer("\n".join(lines), {"a": options.a, "b": options.b, "parts": parts}, status=int(differs))


def compare(options: argparse.Namespace) -> Answer:
    with uncollected():
        from taylorkit.compared import compare

        page = compare(options.a, options.b)
        gc.freeze()
    return Answer(shown.lines(str(page)), {"a": options.a, "b": options.b, "page": page})


def listed(options: argparse.Namespace) -> Answer:
    from taylorkit.store.listing import listing

    found = list(listing(options.store))
    facts = {"store": options.store, "artifacts": [{"damage": None, **artifact} for artifact in found]}
    if not found:
        return Answer(f"{options.store}: no artifacts; `taylorkit run SPEC` makes one", facts)
    return Answer(table([COLUMNS, *(tuple(map(shown.name, _row(artifact))) for artifact in found)]), facts)


def _row(facts: dict[str, Any]) -> tuple[str, ...]:
    if "damage" in facts:
        return (facts["name"], facts["state"], *[""] * (len(COLUMNS) - 2))
    worst = facts["worst_error"]
    return (
        facts["name"],
        facts["state"],
        facts["kind"],
        facts["function"],
        "" if facts["order"] is None else str(facts["order"]),
        "" if facts["points"] is None else str(facts["points"]),
        f"{facts['bytes'] / 1024:,.0f} KiB",
        "" if worst is None else f"{worst:.3g}",
        facts["date"],
    )
