"""That the contestants compute the same thing, and that what is recorded comes back: times are not looked at."""

import math
from pathlib import Path

import numpy as np
import pytest

from taylorkit.multi_index import degrees, multi_indices
from taylorkit.precision import scope
from tests.benchmarks import crossovers, limits, record, tables
from tests.benchmarks.contestants import AUTO, Skipped
from tests.benchmarks.contestants.rays import interpolation
from tests.benchmarks.limits import Cost, History
from tests.benchmarks.measure import cells
from tests.benchmarks.problems import problems

MACHINE = "a machine"
# A few hundred operations; interpolation from rays loses a digit more.
AGREE = 1e-12


@pytest.fixture(scope="module")
def rows() -> list[record.Row]:
    """Two variables at orders 1 and 2, a network at order 1, few points, one round."""
    chosen = [p for p in problems() if p.name in ("kin-2", "mlp-tanh-2")]
    with scope(np.dtype("float64")):
        return [
            row
            for problem in chosen
            for cell in cells(
                problem.smaller(16, 2 if problem.name == "kin-2" else 1), MACHINE, rounds=1, seconds=lambda _: 60.0
            )
            for row in cell
        ]


def test_contestants_agree(rows: list[record.Row]) -> None:
    compared = [row for row in rows if row.differences]
    assert {"jacfwd ∘ grad", "jet on rays", AUTO} <= {row.contestant for row in compared}
    assert {row.contestant: max(row.differences) for row in compared if max(row.differences) > AGREE} == {}


def test_whoever_does_not_run_says_why(rows: list[record.Row]) -> None:
    assert all((row.seconds is None) == bool(row.status) for row in rows)


@pytest.mark.parametrize(("variables", "order", "degree"), [(2, 6, 6), (3, 4, 2), (5, 3, 3)])
def test_rays_recover_every_derivative_of_a_polynomial(variables: int, order: int, degree: int) -> None:
    """f = Σ c_α x^α has k! Σ c_α r^α along r at 0, and ∂^α f = α! c_α."""
    alphas = multi_indices(variables, order)
    rays = alphas[degrees(variables, order) == order] / order
    exponents = alphas[degrees(variables, order) == degree]
    factorials = np.vectorize(lambda n: float(np.prod(np.arange(1, n + 1))))
    c = np.arange(1.0, len(exponents) + 1)
    along = factorials(degree) * (rays[:, None] ** exponents).prod(axis=2) @ c
    np.testing.assert_allclose(
        interpolation(variables, order, degree) @ along, factorials(exponents).prod(axis=1) * c, rtol=1e-9
    )


def test_a_cost_that_would_pass_the_limit_is_foretold() -> None:
    history = History([(2, Cost(2.0, 0.1, 1e6)), (4, Cost(8.0, 0.1, 1e6))])
    history.check(5, seconds=17.0)
    with pytest.raises(Skipped, match="about 32 s to compile"):
        history.check(6, seconds=30.0)
    with pytest.raises(Skipped, match="40 GB"):
        History([(1, Cost(0.1, 0.1, 4e8)), (2, Cost(0.1, 0.1, 4e9))]).check(3, seconds=30.0)


def test_a_record_comes_back_and_is_merged(rows: list[record.Row], tmp_path: Path) -> None:
    names = ["kin-2", "mlp-tanh-2"]
    kept = record.Record().merge(MACHINE, {"platform": "cpu"}, rows, names)
    record.write(kept, tmp_path / "all.json")
    read = record.read(tmp_path / "all.json")
    assert [row.key for row in read.rows] == [row.key for row in kept.rows]
    again = [row for row in read.rows if row.cell == read.rows[0].cell][:1]
    merged = read.merge(MACHINE, {"platform": "cpu"}, again, names)
    assert [row for row in merged.rows if row.cell == again[0].cell] == again
    assert {row.cell for row in merged.rows} == {row.cell for row in kept.rows}


def test_tables_and_crossovers_are_written(rows: list[record.Row], tmp_path: Path) -> None:
    kept = record.Record().merge(MACHINE, {"platform": "cpu"}, rows, ["kin-2", "mlp-tanh-2"])
    page = tmp_path / "page.md"
    page.write_text(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n")
    tables.write(kept, page)
    text = page.read_text()
    assert text.startswith("before") and text.endswith("after\n") and "\nold\n" not in text
    assert "jet on rays" in text
    entries = crossovers.crossovers(kept, MACHINE)
    assert {(e["kind"], e["variables"], e["order"]) for e in entries} == {(r.kind, r.variables, r.order) for r in rows}
    assert all("nested" in entry["seconds"] for entry in entries)


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n")
    with pytest.raises(ValueError, match="put them where"):
        tables.write(record.Record(), page)


def test_a_limit_is_that_of_the_longest_name() -> None:
    given = dict(map(limits.named, ["5", "heyoka=60", "jet on rays=7"]))
    assert [limits.seconds(given, math.inf, who) for who in ("heyoka", "jet on rays", "jet", "taylorkit auto")] == [
        60,
        7,
        5,
        5,
    ]
    assert limits.seconds(given, 6.0, "heyoka") == 6 and limits.seconds({}, math.inf, "jet") == math.inf
