"""What is exchanged between two artifacts of one grid is named by `verify` and refused by `open`.

python -m tests.faults.exchanges --count 300
"""

import argparse
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import taylorkit as tk
from taylorkit import cli, pipeline
from taylorkit.errors import IntegrityError
from taylorkit.store.tree import evaluations, groups, sections

SPEC = """
name = "wave"
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 2

[grid]
x = { start = -1.0, stop = 1.0, num = 4 }
y = { start = -1.0, stop = 1.0, num = 3 }

[evaluations.near]
center = { x = -1.0, y = 0.0 }
x = { start = -0.5, stop = 0.5, num = 5 }
y = 0.0

[evaluations.map]
x = { start = -1.0, stop = 1.0, num = 5 }
y = { start = -1.0, stop = 1.0, num = 5 }

[trust]
samples = 2

[report]
figures = [{ kind = "convergence", evaluation = "near" }]
"""
# Each is another artifact: what they hold has the same names and shapes, and often the same derivatives.
UNLIKE: dict[str, Sequence[str]] = {
    "plain": (),
    "title": ("title=Another",),
    "tolerance": ("trust.tolerance=0.1",),
    "points": ("evaluations.near.x.stop=0.75",),
    "center": ("evaluations.near.center={x=1.0,y=1.0}",),
    "radius": ("trust.radius=0.5",),
    "domain": ("grid.x.stop=0.5",),
    "function": ("function=rosenbrock",),
}


def made(store: Path, which: Iterable[str] = UNLIKE) -> list[Path]:
    """Artifacts that have a run's names, and unlike inputs."""
    store.mkdir(parents=True)
    spec = store.parent / "wave.toml"
    spec.write_text(SPEC)
    jobs = [pipeline.plan(spec, overrides, store) for overrides in map(UNLIKE.__getitem__, which)]
    for job in jobs:
        pipeline.run(job)
    return [job.artifact for job in jobs]


def _section(artifact: Path, choose: random.Random) -> list[str]:
    """A section with its arrays: of the root, or of an evaluation."""
    group = choose.choice(groups(artifact))
    section = choose.choice(sections(group))
    below = group.relative_to(artifact)
    return [str(below / "commit" / section.label), *(str(below / name) for name in section.arrays)]


def _block(artifact: Path, choose: random.Random) -> list[str]:
    """A committed block: its record and its shards."""
    group = choose.choice(groups(artifact))
    section = choose.choice(sections(group))
    block = next(section.blocks())
    files = [section.shard(name, block) for name in section.arrays]
    record = group / "commit" / section.label / (block.name or "whole")
    return [str(path.relative_to(artifact)) for path in (record, *files)]


def _evaluation(artifact: Path, choose: random.Random) -> list[str]:
    return [f"evaluation/{choose.choice(evaluations(artifact))}"]


def _evaluations(artifact: Path, choose: random.Random) -> list[str]:
    return ["evaluation"]


def _root(artifact: Path, choose: random.Random) -> list[str]:
    """All but the evaluations."""
    return sorted(path.name for path in artifact.iterdir() if path.name not in ("evaluation", "log"))


def _words(artifact: Path, choose: random.Random) -> list[str]:
    """The attributes of a group with its seal."""
    below = choose.choice(groups(artifact)).relative_to(artifact)
    return [str(below / "zarr.json"), str(below / "commit/zarr.json")]


def _folder(artifact: Path, choose: random.Random) -> list[str]:
    return ["."]


WHAT: dict[str, Callable[[Path, random.Random], list[str]]] = {
    "section": _section,
    "block": _block,
    "evaluation": _evaluation,
    "all evaluations": _evaluations,
    "all but evaluations": _root,
    "attributes and seal": _words,
    "folder": _folder,
}


@dataclass(frozen=True)
class Trial:
    """What was exchanged, by the names of the two; of each artifact whether it was named, and refused."""

    what: str
    between: str
    named: bool
    refused: bool
    by_report: bool


def trials(count: int, seed: int = 0, report: int = 0, which: Sequence[str] = tuple(UNLIKE)) -> Iterator[Trial]:
    """`count` exchanges; after every one of `report` a page is asked for, too."""
    with tempfile.TemporaryDirectory(prefix="taylorkit-exchanges-") as folder:
        known = dict(zip(which, made(Path(folder, "whole"), which), strict=True))
        pairs = list(combinations(known, 2))
        for number in range(seed, seed + count):
            choose = random.Random(number)
            what, names = list(WHAT)[number % len(WHAT)], choose.choice(pairs)
            with _copies(Path(folder, "trial"), [known[name] for name in names]) as (one, other):
                exchange(one, other, WHAT[what](one, random.Random(number)))
                found = [bool(tk.verify(artifact)) for artifact in (one, other)]
                refused = [is_refused(artifact) for artifact in (one, other)]
                drawn = number < seed + report and cli.main(["report", str(one)]) == 0
                yield Trial(what, " and ".join(names), all(found), all(refused), not drawn)


@contextmanager
def _copies(store: Path, artifacts: Sequence[Path]) -> Iterator[list[Path]]:
    yield [Path(shutil.copytree(artifact, store / artifact.name)) for artifact in artifacts]
    shutil.rmtree(store)


def exchange(one: Path, other: Path, paths: list[str]) -> None:
    aside = one.parent / "aside"
    for path in paths:
        (one / path).rename(aside)
        (other / path).rename(one / path)
        aside.rename(other / path)


def is_refused(artifact: Path) -> bool:
    """Whether something of it is, as who reads all of it finds."""
    try:
        for name in (None, *evaluations(artifact)):
            tk.open(artifact, name).load()
    except IntegrityError:
        return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = list(trials(options.count, options.seed))
    for what, number in Counter(trial.what for trial in found).items():
        print(f"{what}: {number}")
    named, refused = (sum(getattr(trial, name) for trial in found) for name in ("named", "refused"))
    print(f"{len(found)} exchanges: {named} named by verify, {refused} refused by open")
    raise SystemExit(0 if named == refused == len(found) else 1)


if __name__ == "__main__":
    main()
