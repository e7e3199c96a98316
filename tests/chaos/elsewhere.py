"""What must not matter: the process, its memory budget, its cores and threads, its hash seed, the time and its zone."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from taylorkit.store import records
from taylorkit.store.verify import verify
from tests.chaos import subjects
from tests.chaos.checks import committed, stored
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import finished, started
from tests.store.making import Made, arrays, assert_same


@dataclass(frozen=True)
class Place:
    """How a run is started; `same_spec` is false where what it is asked stands in its attributes."""

    arguments: tuple[str, ...] = ()
    options: tuple[object, ...] = ()
    before: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    same_spec: bool = True


PLACES = {
    "another process": Place(),
    "memory budget 64 MiB": Place(arguments=("--set", "memory.budget='64 MiB'"), same_spec=False),
    "memory budget 8 GiB": Place(arguments=("--set", "memory.budget='8 GiB'"), same_spec=False),
    "one core": Place(before=("taskset", "-c", "0")),
    "XLA on one thread": Place(variables={"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "OMP_NUM_THREADS": "1"}),
    "nothing compiled before": Place(variables={"TAYLORKIT_CACHE": ""}),
    "another hash seed": Place(variables={"PYTHONHASHSEED": "12345"}),
    "another time zone and language": Place(variables={"TZ": "Pacific/Kiritimati", "LC_ALL": "C"}),
    "ten years later": Place(options=("--days", 3652)),
    "before 2000": Place(options=("--days", -10_000)),
}


def elsewhere(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    whole = subjects.wide(folder)
    for name in list(PLACES)[seed : seed + count]:
        yield tried(name, lambda n=name: _same_there(whole, folder / "there", n))


def _same_there(whole: Made, store: Path, name: str) -> str:
    place = PLACES[name]
    process = started(
        whole.spec, store, *place.arguments, options=place.options, before=place.before, **place.variables
    )
    artifact = Path(finished(process))
    try:
        assert artifact == store / whole.artifact.name, "another fingerprint"
        assert verify(artifact) == []
        assert_same(arrays(artifact), whole.arrays)
        assert _contents(artifact) == _contents(whole.artifact), "another record of a block"
        assert not place.same_spec or stored(artifact) == stored(whole.artifact)
    finally:
        shutil.rmtree(store)
    return name


def _contents(artifact: Path) -> dict[Path, bytes]:
    """What each block's record says: its fingerprint and digests."""
    return {place: content for place, (_, content) in committed(artifact).items() if place.name == records.FILE}
