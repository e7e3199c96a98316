"""`report`, `verify`, `why`, `compare` and `list`: what is asked of artifacts that are there."""

import argparse
import gc
from typing import Any

from taylorkit import shown
from taylorkit.cli.answer import Answer, counted, table
from taylorkit.uncollected import uncollected

COLUMNS = ("name", "kind", "function", "order", "points", "size", "worst error", "date")


def report(options: argparse.Namespace) -> Answer:
    with uncollected():
        from taylorkit import pages

        page = pages.report(options.artifact)
        index = pages.index(options.artifact.parent)
        # The process ends with this: to go through all that was imported and drawn is a twentieth of its time.
        gc.freeze()
    return Answer(shown.lines(str(page)), {"artifact": options.artifact, "report": page, "index": index})


def verify(options: argparse.Namespace) -> Answer:
    from taylorkit import drawn
    from taylorkit.store.verify import verify

    problems = [*verify(options.artifact), *drawn.problems(options.artifact.absolute())]
    found = counted(len(problems), "problem") if problems else "every array is what was written"
    lines = [*map(shown.one_line, problems), f"{options.artifact}: {found}"]
    facts = {"artifact": options.artifact, "problems": problems}
    return Answer("\n".join(map(shown.lines, lines)), facts, status=int(bool(problems)))


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
        return (facts["name"], "damaged", *[""] * 6)
    worst = facts["worst_error"]
    return (
        facts["name"],
        facts["kind"],
        facts["function"],
        "" if facts["order"] is None else str(facts["order"]),
        "" if facts["points"] is None else str(facts["points"]),
        f"{facts['bytes'] / 1024:,.0f} KiB",
        "" if worst is None else f"{worst:.3g}",
        facts["date"],
    )
