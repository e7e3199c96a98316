"""The rows as tables."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.markdown import figure, table

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
        "Wall time of whole processes; and of filling one million points with and without digests and records.",
        _overhead,
    ),
}
