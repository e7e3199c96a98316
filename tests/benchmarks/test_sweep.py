"""What is read off the rows: the best peer, the cores, the crossovers, and the plots of them."""

from pathlib import Path

import pytest

from tests.benchmarks import aims, crossovers, plots, record, scaling, sections, sweep
from tests.benchmarks.contestants import AUTO, ONE_CORE
from tests.benchmarks.problem import BYTES, CORES
from tests.benchmarks.problems import problems

MACHINE = "a machine"
CEILINGS = {"memory fill": 25.0, "matrix product float64": 90.0}


def row(contestant: str, ratio: float, order: int = 2, **values: object) -> record.Row:
    """Of an `auto` that takes a millisecond on 1,000 points of two variables."""
    filled = {"problem": "kin-2", "variables": 2, "points": 1_000, "terms": 6, "kind": "scalars"} | values
    return record.Row(
        MACHINE, "float64", order=order, contestant=contestant, seconds=1e-3 * ratio, ratio=ratio, rounds=1,
        compile_seconds=0.1, written_bytes=48_000, **filled,
    )  # fmt: skip


@pytest.fixture
def rows() -> list[record.Row]:
    return [
        row(AUTO, 1.0),
        row("taylorkit series:llvm", 1.0, operations=100),
        row("taylorkit reverse:xla", 0.5),
        row("jet on rays", 8.0),
        row("heyoka", 2.0),
        row("memory fill", 0.1),
        row("heyoka", 0.5, order=3),
        row("jet on rays", 4.0, order=3),
    ]


def test_the_best_peer_is_neither_a_method_nor_a_bound(rows: list[record.Row]) -> None:
    assert sweep.best(rows) == {(2, 2): (2.0, "heyoka"), (2, 3): (0.5, "heyoka")}
    assert sweep.geometric_mean(sweep.best(rows)) == pytest.approx(1.0)
    assert "0.5 (heyoka, D = 2, n = 3)" in sweep.report(rows)


def test_the_sweep_has_every_order_with_at_most_500_terms() -> None:
    swept = {p.variables: list(p.orders) for p in problems() if p.name.startswith(sweep.SWEPT)}
    assert swept == {d: list(range(1, n + 1)) for d, n in {1: 10, 2: 10, 3: 10, 4: 8, 5: 6, 6: 5}.items()}


def test_an_aim_is_read_off_its_worst_place(rows: list[record.Row]) -> None:
    large = row("memory fill", 0.3, order=6, problem="bytes-polynomial", group=BYTES)
    text = aims.report([*rows, large])
    assert "| 0.3 | bytes-polynomial, n = 6 | 0 of 1 |" in text
    assert "| 0.5 | D = 2, n = 3 | 1 of 2 |" in text


def test_a_second_core_is_told_from_the_same_cell() -> None:
    both = [row(who, ratio, problem="cores-kin-2", group=CORES) for who, ratio in (("heyoka", 1), ("memory fill", 2))]
    alone = row("heyoka" + ONE_CORE, 1.8, problem="cores-kin-2", group=CORES)
    assert scaling.speedups([*both, alone]) == {"heyoka": {2: pytest.approx(1.8)}}


def test_a_lowering_is_a_method_of_its_own_in_the_crossovers(rows: list[record.Row]) -> None:
    older = [row("taylorkit series", 9.0, problem="older"), row("taylorkit nested", 7.0, problem="older")]
    for given, expected in (
        ([*rows, *older], {"series:llvm": 1e-3, "reverse:xla": 5e-4}),
        (older, {"series": 9e-3, "nested": 7e-3}),
    ):
        kept = record.Record({MACHINE: {"platform": "cpu"}}, given)
        assert crossovers.crossovers(kept, MACHINE)[0]["seconds"] == expected


def test_sections_and_ceilings_come_back(tmp_path: Path) -> None:
    kept = record.Record().with_ceilings(MACHINE, {}, CEILINGS).with_section(MACHINE, "pipeline", [{"seconds": 0.25}])
    record.write(kept, tmp_path / "all.json")
    read = record.read(tmp_path / "all.json")
    assert (read.ceilings, read.sections) == (kept.ceilings, kept.sections)


def test_each_section_measures_writes_and_draws() -> None:
    for name in sections.there():
        assert all(callable(getattr(sections.section(name), part)) for part in ("measure", "markdown", "draw"))


def test_everything_that_there_are_rows_for_is_drawn(rows: list[record.Row], tmp_path: Path) -> None:
    drawn = {path.stem for path in plots.write(rows, CEILINGS, tmp_path)}
    assert drawn == {f"benchmark-{name}" for name in ("sweep", "roofline", "expressions", "compile", "scaling")}
    assert plots.write([], {}, tmp_path) == []
