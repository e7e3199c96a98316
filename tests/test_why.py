"""Which inputs of two fingerprints differ, as data alone."""

from pathlib import Path

import pytest

from taylorkit import cli
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.why import why
from tests.store.making import LINE, run, write_spec

CODE = "import jax.numpy as jnp\n\ndef f(x):\n    return jnp.sin(x) * 2.0\n"
OWN = "function='own.py:f'"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(CODE)
    return run(write_spec(tmp_path, LINE), tmp_path / "store", OWN)[0].artifact


def changed(folder: Path, *overrides: str) -> Path:
    return run(folder / "small.toml", folder / "other", *(overrides or (OWN,)))[0].artifact


def rows(a: Path, b: Path) -> dict[str, list[tuple[str, str, str]]]:
    return {part.part: part.rows for part in why(a, b) if part.rows}


def test_nothing_differs(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    other = changed(tmp_path, OWN, "title=Other", "report.figures=[]")
    assert rows(made, other) == {}
    assert cli.main(["why", str(made), str(other)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "derivatives: the same",
        "radii: the same",
        "evaluation near: the same",
    ]


def test_a_constant_of_the_function(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "own.py").write_text(CODE.replace("2.0", "2.5"))
    other = changed(tmp_path, OWN, "formula='2.5 sin x'")
    found = {field: (a, b) for field, a, b in rows(made, other)["derivatives"]}
    assert found.keys() == {
        "canonical lowering of f",
        "lowering of f's low derivatives (custom rules)",
        "formula",
        next(f for f in found if f.startswith("jaxpr, line")),
    }
    assert found["formula"] == ("–", "2.5 sin x")
    line = next(v for f, v in found.items() if f.startswith("jaxpr"))
    assert "2.0" in line[0] and "2.5" in line[1]
    assert cli.main(["why", str(made), str(other)]) == 1
    assert "derivatives: differs" in capsys.readouterr().out


def test_points_are_counted_and_the_first_named(made: Path, tmp_path: Path) -> None:
    other = changed(tmp_path, OWN, "grid.x=[-1.0,-0.5,0.0,0.25,1.25]")
    assert ("points x, 2 of 5 differ", "number 4: 0.5", "number 4: 0.25") in rows(made, other)["derivatives"]
    more = changed(tmp_path, OWN, "grid.x.num=9")
    assert ("points x", "5 values", "9 values") in rows(made, more)["derivatives"]


def test_evaluations_apart(made: Path, tmp_path: Path) -> None:
    other = changed(tmp_path, OWN, "evaluations.near.x.num=8")
    assert rows(made, other) == {"evaluation near": [("points x", "7 values", "8 values")]}
    tolerant = changed(tmp_path, OWN, "trust.tolerance=0.5")
    assert [row[0] for row in rows(made, tolerant)["radii"]] == ["tolerance"]
    none = changed(tmp_path, OWN, "evaluations={}", "report.figures=[]", "trust.radius=0.5")
    assert rows(made, none)["evaluation near"] == [("whole", "there", "not there")]


def test_order_method_and_dtype(made: Path, tmp_path: Path) -> None:
    found = rows(made, changed(tmp_path, OWN, "order=1", "dtype=float32", "method=nested"))["derivatives"]
    told = {field: (a, b) for field, a, b in found}
    assert told["order"] == ("2", "1")
    assert told["dtype"] == ("float64", "float32")
    assert told["method.name"][1] == "nested"


def test_a_spec_against_an_artifact(made: Path, tmp_path: Path) -> None:
    text = (tmp_path / "small.toml").read_text()
    (tmp_path / "own.toml").write_text(text.replace('"runge"', '"own.py:f"'))
    assert rows(made, tmp_path / "own.toml") == {}
    (tmp_path / "own.toml").write_text(text.replace('"runge"', '"own.py:f"').replace("order = 2", "order = 3"))
    assert ("order", "2", "3") in rows(made, tmp_path / "own.toml")["derivatives"]


def test_nothing_that_a_store_names_is_imported(made: Path, tmp_path: Path) -> None:
    other = changed(tmp_path, OWN, "order=1")
    trap = tmp_path / "own.py"
    trap.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    assert rows(made, other)
    assert not (tmp_path / "ran").exists()


def test_what_cannot_be_compared_is_said(made: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="neither an artifact nor a spec"):
        why(made, tmp_path / "nothing")
    attributes = made / "zarr.json"
    attributes.write_text(attributes.read_text().replace('"order": 2', '"order": 5'))
    with pytest.raises(IntegrityError, match="stores other inputs than its fingerprint has"):
        why(made, made)
