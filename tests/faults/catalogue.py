"""A store of many artifacts: what one more run, a list and the index cost.

    python -m tests.faults.catalogue --count 5000

One run is made and drawn, and linked under other names (the files are hard links, so they take no room). Then, each in
a process of its own with its own peak of memory: the first look, which makes the catalogue; a run of another spec into
an empty store and into this one; a list.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from taylorkit import pages, pipeline
from tests.store.making import LINE, write_spec

MEASURED = """
import contextlib, io, json, sys, time
from pathlib import Path
from taylorkit import cli
started, worked = time.perf_counter(), time.process_time()
with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()):
    status = cli.main(sys.argv[1:])
peak = int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]) / 1024
seconds, work = time.perf_counter() - started, time.process_time() - worked
print(json.dumps({"status": status, "seconds": seconds, "work": work, "peak": peak}))
"""


# What 5,000 artifacts may cost.
MORE_WORK, LIST_SECONDS, INDEX_BYTES = 1.0, 5.0, 2_000_000

Copy = Callable[[str, str], object]


def many(folder: Path, count: int, copy: Copy = shutil.copyfile) -> Path:
    """A store of `count` artifacts with pages: one run, copied to names that say no fingerprint."""
    store = folder / "store"
    job = pipeline.plan(write_spec(folder, LINE), store=store)
    pipeline.run(job)
    page = pages.report(job.artifact).parent
    for number in range(count - 1):
        name = f"small-number-{number:06d}-of-many"
        shutil.copytree(job.artifact, store / f"{name}.zarr", copy_function=copy)
        for part in ("index.html", "thumbnail.png", "drawn/zarr.json"):
            (page.parent / name / part).parent.mkdir(parents=True, exist_ok=True)
            copy(str(page / part), str(page.parent / name / part))
    return store


def measured(*words: object) -> dict[str, float]:
    """A command in a process of its own: its seconds, those of the processor, and its peak of memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        store = many(folder, count, os.link)
        print(f"{count} artifacts, made in {time.perf_counter() - started:.1f} s")
        spec = write_spec(folder, LINE, "another")
        measured("run", spec, "--store", folder / "warm")  # what is compiled is compiled
        alone = measured("run", spec, "--store", folder / "empty")
        first = measured("list", store)
        told = {"first list, without a catalogue": first, "run into an empty store": alone}
        told["first run here, without an index"] = measured("run", spec, "--store", store)
        spec = write_spec(folder, LINE.replace("num = 5", "num = 9"), "third")
        measured("run", spec, "--store", folder / "warm")
        alone = measured("run", spec, "--store", folder / "empty2")
        here = measured("run", spec, "--store", store)
        told |= {"another run into an empty store": alone, "another run here": here, "list": measured("list", store)}
        for what, facts in told.items():
            print(f"{what + ':':36}{facts['seconds']:8.2f} s, {facts['work']:.2f} s of work, {facts['peak']:.0f} MiB")
            assert facts["status"] == 0
        more = [here[key] - alone[key] for key in ("seconds", "work", "peak")]
        print(f"a run here takes {more[0]:.2f} s, {more[1]:.2f} s of work and {more[2]:.0f} MiB more")
        print(f"catalogue: {(store / 'pages' / 'catalogue.json').stat().st_size:,} bytes")
        found = {
            "a run's seconds of work more": (more[1], MORE_WORK),
            "a list's seconds": (told["list"]["seconds"], LIST_SECONDS),
            "bytes of the index": ((store / "index.html").stat().st_size, INDEX_BYTES),
        }
        print(f"{count} artifacts: " + ", ".join(f"{what} {n:.4g} of {most}" for what, (n, most) in found.items()))
        return int(any(number > most for number, most in found.values()))


if __name__ == "__main__":
    sys.exit(main())
