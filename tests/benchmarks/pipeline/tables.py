"""The rows as tables."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.markdown import figure, table
from tests.benchmarks.pipeline.commitment import RADII_SHARE, SHARE
from tests.benchmarks.pipeline.prefect import ADDED

# What Prefect and commitment together may take of a task's time.
AIM = 0.05

Rows = Sequence[dict[str, Any]]


def markdown(rows: Rows) -> str:
    """A heading, a sentence and a table for each suite that there are rows of."""
    parts = []
    for suite, (title, words, made) in SUITES.items():
        if chosen := [row for row in rows if row["suite"] == suite]:
            parts.append(f"### {title}\n\n{words}\n\n{made(chosen)}\n")
    return "\n".join(parts)


def _overlap(rows: Rows) -> str:
    heads = ("", "points", "seconds", "least", "most", "GB/s", "of the slower alone", "which is")
    return table(heads, ([f"{r['case']}: {r['what']}", f"{r['points']:,}", *_spread(r), *_share(r)] for r in rows))


def _spread(row: dict[str, Any]) -> list[str]:
    return [*(figure(row[key]) for key in ("seconds", "least", "most")), _rate(row)]


def _rate(row: dict[str, Any]) -> str:
    return figure(row["bytes"] / row["seconds"], 1e-9)


def _share(row: dict[str, Any]) -> list[str]:
    share = row.get("share")
    return ["" if share is None else f"{100 * share:.0f} %", row.get("bound", "")]


def _codecs(rows: Rows) -> str:
    """A line for each codec, a column for each thing done with it."""
    done = list(dict.fromkeys(row["what"].rpartition(": ")[2] for row in rows))
    lines = []
    for case, codec in dict.fromkeys((row["case"], row["what"].rpartition(": ")[0]) for row in rows):
        found = {w: r for r in rows for w in done if (r["case"], r["what"]) == (case, f"{codec}: {w}")}
        first = next(iter(found.values()))
        rates = [_rate(found[w]) if w in found else "–" for w in done]
        lines.append([f"{case}: {codec}", *rates, figure(first["bytes"] / first["stored"])])
    return table(("", *(f"{w}, GB/s" for w in done), "ratio"), lines)


def _memory(rows: Rows) -> str:
    heads = ("points", "blocks", "arrays, GB", "stored, GB", "seconds", "µs a point", "peak, MB", "planned, MB")
    return table(heads, map(_size, rows))


def _size(row: dict[str, Any]) -> list[str]:
    sizes = [figure(row[key], 1e-9) for key in ("bytes", "stored")]
    peak, planned = (figure(max(0.0, row[key]), 1e-6) for key in ("peak", "budget"))
    each = figure(row["seconds"] / row["points"], 1e6)
    return [f"{row['points']:,}", row["what"], *sizes, figure(row["seconds"]), each, peak, planned]


def _overhead(rows: Rows) -> str:
    return table(("", "seconds", "least", "most", "share"), map(_cost, rows))


def _task(rows: Rows) -> str:
    """The aim is Prefect's part and that of commitment together, each where it was measured."""
    shares = {row["what"]: row["share"] for row in rows if "share" in row}
    lines = [_cost(row) for row in rows]
    for whose, what in (("derivatives", SHARE), ("radii", RADII_SHARE)):
        if {what, ADDED} <= shares.keys():
            both = shares[what] + shares[ADDED]
            aim = f"Prefect and commitment ≤ {100 * AIM:.0f} % of the time of a task of {whose}"
            reached = "reached" if both <= AIM else "not reached"
            lines.append([f"**{aim}: {reached}**", "", "", "", f"{100 * both:.1f} %"])
    return table(("", "seconds", "least", "most", "share"), lines)


def _cost(row: dict[str, Any]) -> list[str]:
    spent = [figure(row.get(key)) for key in ("seconds", "least", "most")]
    return [row["what"], *spent, "" if "share" not in row else f"{100 * row['share']:.1f} %"]


SUITES: dict[str, tuple[str, str, Callable[[Rows], str]]] = {
    "overlap": (
        "Computing and writing at once",
        "All derivatives to order 6. Computing and Zarr's write alone, `tofile` (the machine's file-write ceiling), "
        "and the pipeline, which also hashes, syncs and records; all in turn, medians.",
        _overlap,
    ),
    "codecs": (
        "Codecs",
        "Derivatives to order 6, written and synced, and read. `write` is by the pipeline's own shards.",
        _codecs,
    ),
    "memory": (
        "Memory against the number of points",
        "A whole run, each in a process of its own; the peak is over that of a run over 1,000 points, and `planned` "
        "what `taylorkit check` says.",
        _memory,
    ),
    "overhead": (
        "What a run costs beside its numbers",
        "Wall time of whole processes.",
        _overhead,
    ),
    "task": (
        "What Prefect and commitment take of a task's time",
        "A task of 512 blocks of derivatives to order 6 of two variables, a cheap function: with digests, records and "
        "syncs, and with none of them; by the plain function, and through a task in a flow against a server of its "
        "own. Shares are medians over rounds. Digests are computed beside other work, and count by how much longer a "
        "task takes. Without commitment a task leaves up to gigabytes in the system's memory; the time until they are "
        "on the disk stands beside. The radii of a few blocks, at default settings, are a task of as many seconds. "
        "What Prefect adds is measured in seconds on tasks of 14 blocks, where it shows.",
        _task,
    ),
}
