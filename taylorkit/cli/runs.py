"""`run` and `check`: what a spec asks for, done or only planned."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from taylorkit.cli.answer import Answer, counted, say
from taylorkit.cli.progress import Progress

# The exit status of a run that is done, and whose numbers are finite nowhere.
NOWHERE_FINITE = 4

if TYPE_CHECKING:
    from taylorkit.pipeline import Job


def run(options: argparse.Namespace) -> Answer:
    from taylorkit import cache, pipeline
    from taylorkit.store import state

    started = time.perf_counter()
    # All of it, not the filling alone: what f's file computes while it is loaded is compiled, too.
    with cache.keep_compiled():
        job = pipeline.plan(options.spec, options.set, options.store)
        say(f"{job.spec.name}: {job.summary}")
        for note in (*job.notes, *job.warnings):
            say(f"{job.spec.name}: {note}")
        with Progress(job.steps) as progress:
            filled = pipeline.run(job, progress)
    computed, kept, read = (sum(getattr(f, what) for f in filled) for what in ("computed", "kept", "read"))
    seconds = time.perf_counter() - started
    say(f"{_done(computed, kept, read)}, {seconds:.1f} s")
    if empty := state.nowhere_finite(job.artifact):
        say(f"{job.spec.name}: {state.NO_NUMBER}")
    facts = {
        **_named(job),
        "notes": list(job.notes),
        "warnings": list(job.warnings),
        "finite": not empty,
        "computed": computed,
        "kept": kept,
        "read": read,
        "seconds": round(seconds, 3),
        "steps": [
            {
                "step": f.step,
                "computed": f.computed,
                "kept": f.kept,
                "read": f.read,
                "seconds": round(f.seconds, 3),
            }
            for f in filled
        ],
        "report": None if options.no_report else _draw(job.artifact),
    }
    return Answer(str(job.artifact), facts, NOWHERE_FINITE if empty else 0)


def check(options: argparse.Namespace) -> Answer:
    from taylorkit import pipeline

    job = pipeline.plan(options.spec, options.set, options.store)
    pipeline.require_room(job)
    there, looked = job.artifact.exists(), job.facts()
    lines = {
        "spec": f"{job.spec.name} ({job.spec.kind})",
        "artifact": f"{job.artifact}{' (exists)' if there else ''}",
        "blocks": ", ".join(f"{s.name} {s.section.block_count}" for s in job.steps),
        "disk": f"{job.bytes / 2**20:.1f} MiB before compression",
        "memory": f"{job.memory / 2**20:.0f} MiB for {counted(job.in_flight, 'block')} at once",
    }
    if job.notes:
        lines["notes"] = "; ".join(job.notes)
    facts = {
        **_named(job),
        "notes": list(job.notes),
        "exists": there,
        "steps": [{"step": s.name, "blocks": s.section.block_count} for s in job.steps],
        "bytes": job.bytes,
        "memory": job.memory,
        "in_flight": job.in_flight,
        # Only kinds whose function is differentiated are looked over.
        "preflight": looked or None,
    }
    head = "\n".join(f"{key + ':':<13}{value}" for key, value in lines.items())
    return Answer(f"{head}\n{looked}", facts)


def _named(job: "Job") -> dict[str, object]:
    root = job.groups[0].attributes
    return {
        "name": job.spec.name,
        "kind": job.spec.kind,
        "artifact": job.artifact,
        "fingerprint": root["fingerprint"],
    }


def _done(computed: int, kept: int, read: int) -> str:
    from_others = f", {read} of these read from other artifacts of the store" if read else ""
    if computed or read:
        return f"{counted(computed, 'block')} computed, {kept} kept{from_others}"
    return f"nothing to compute, {'all ' * (kept > 1)}{counted(kept, 'block')} there already"


def _draw(artifact: Path) -> Path:
    from taylorkit import pages

    if not pages.up_to_date(artifact):
        say("drawing figures and page")
        pages.report(artifact)
    # A run may have been killed between the two; an index of the same pages is kept.
    pages.index(artifact.parent)
    page = pages.page_of(artifact)
    say(f"report: {page}")
    return page
