"""Which inputs of two fingerprints differ, as data alone."""

from pathlib import Path

import pytest

from taylorkit import cli, digest
from taylorkit import why as module
from taylorkit.differing import apart, same
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.why import Difference, Part, Side, why
from tests.fuzz.artifacts import seal
from tests.store.making import ATLAS, LINE, run, write_spec

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
    assert cli.main(["why", str(made), str(changed(tmp_path))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "derivatives: the same",
        "radii: the same",
        "evaluation near: the same",
    ]


def test_words_alone(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """They are in no fingerprint of numbers, and artifacts of their own all the same."""
    other = changed(tmp_path, OWN, "title=Other", "report.figures=[]")
    found = rows(made, other)
    assert found.keys() == {"words"}
    assert [row[0] for row in found["words"]] == ["title", "report.figures"]
    assert cli.main(["why", str(made), str(other)]) == 1
    assert (
        "derivatives: the same\nradii: the same\nevaluation near: the same\nwords: differs\n" in capsys.readouterr().out
    )


def test_words_that_are_blank_are_seen(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["why", str(made), str(changed(tmp_path, OWN, "title=Other", "description='  '"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=2) for line in lines if line.split()[0] in ("title", "description")] == [
        ["title", "''", "Other"],
        ["description", "''", "'  '"],
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


def test_where_a_variable_is_fixed(tmp_path: Path) -> None:
    """It has no coordinates, in an atlas no centre either."""
    spec = write_spec(tmp_path, ATLAS)
    points = "source='atlas', x={start=-1.0, stop=1.0, num=6}"
    places = {"0.0": "center={y=0.0}", "0.5": "center={y=0.5}", "9 values": "y={start=-1.0, stop=1.0, num=9}"}
    made = [
        run(spec, tmp_path / str(i), f"evaluations.map={{{points}, {at}}}", "report.figures=[]")[0].artifact
        for i, at in enumerate(places.values())
    ]
    assert rows(made[0], made[1]) == {"evaluation map": [("points y", "fixed at 0.0", "fixed at 0.5")]}
    assert ("points y", "fixed at 0.5", "9 values") in rows(made[1], made[2])["evaluation map"]


def test_a_zero_with_a_sign(made: Path, tmp_path: Path) -> None:
    points = "grid.x=[-1.0,-0.5,{},0.5,1.0]"
    plus, minus = (changed(tmp_path, OWN, points.format(zero)) for zero in ("0.0", "-0.0"))
    row = ("points x, 1 of 5 differ", "number 3: 0.0", "number 3: -0.0")
    assert rows(plus, minus)["derivatives"] == [row]


def test_a_difference_without_a_row_is_said() -> None:
    one, other = (Side(n, {"radii": Part(digest.of_value(n), {"a": 1}, {})}, {}) for n in "ab")
    (row,) = module._rows("radii", one, other)
    assert row == ("what is not told apart here", digest.of_value("a")[:12], digest.of_value("b")[:12])


ALIKE = {
    "long texts": ("x" * 99 + "a", "x" * 99 + "b"),
    "one that goes on": ("x" * 99, "x" * 99 + "b"),
    "the end of a long one": ("a" + "x" * 99, "a" + "x" * 98),
    "a truth and a number": (True, 1),
    "a number and its name": (1, "1"),
    "nothing and its name": (None, "None"),
    "an escape and its name": ("\x1b", r"\x1b"),
    "hashes that begin alike": ("0" * 63 + "a", "0" * 63 + "b"),
    "lists": ([1.0, 2.0], [1.0, "2.0"]),
}


@pytest.mark.parametrize(("a", "b"), ALIKE.values(), ids=ALIKE)
def test_what_differs_never_reads_alike(a: object, b: object) -> None:
    assert not same(a, b)
    texts = apart(a, b)
    assert texts[0] != texts[1]
    assert all(len(text) <= 60 and text.isprintable() for text in texts)


def test_the_difference_of_long_texts_is_shown_in_its_place() -> None:
    assert apart("x" * 99 + "a", "x" * 99 + "b") == ("…" + "x" * 29 + "a", "…" + "x" * 29 + "b")


def test_nothing_that_a_store_says_moves_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    told = [Difference("evaluation \x1b[2J", [("a\nradii: the same", "\u202e", "\x9b")])]
    monkeypatch.setattr(module, "why", lambda *_: told)
    assert cli.main(["why", "a", "b"]) == 1
    lines = capsys.readouterr().out.split("\n")
    assert lines[0] == r"evaluation \x1b[2J: differs"
    assert lines[2].split("  ") == ["", r"a\nradii: the same", r"\u202e", r"\x9b"]


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
    with pytest.raises(IntegrityError, match="attributes are not those that were written"):
        why(made, made)
    seal(made)  # as who changed it would
    with pytest.raises(IntegrityError, match="stores other inputs than its fingerprint has"):
        why(made, made)
