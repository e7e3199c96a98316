"""Specs near a valid one: refused in words, or run; nothing else happens. `python -m tests.fuzz` feeds many more."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from taylorkit import cli
from tests.fuzz import specs
from tests.fuzz.hostile import CANARY_FILE
from tests.fuzz.judge import answer

# The same inputs in every run; others are for `python -m tests.fuzz --seed`.
FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@FEW
@given(specs.TEXTS)
def test_a_spec_is_refused_in_words_or_runs(text: str) -> None:
    assert specs.feed(text) in ("refused", "good", "ran")


@pytest.mark.parametrize("name", specs.VALID)
def test_what_is_mutated_is_valid(name: str, tmp_path: Path) -> None:
    """Else all would be refused for one and the same reason."""
    specs.prepare(tmp_path)
    text = "\n".join(f"{key} = {specs.toml(value)}" for key, value in specs.VALID[name].items())
    assert specs.judge(text, tmp_path) in ("ran", "good")


@pytest.mark.parametrize("name", specs.RAW)
def test_strange_text(name: str) -> None:
    assert specs.feed(specs.RAW[name]) == "refused"


def test_the_judge_sees_code_that_nobody_named(tmp_path: Path) -> None:
    specs.prepare(tmp_path)
    (tmp_path / "specs" / "own.py").write_text(f"exec(open(__file__.replace('own.py', '{CANARY_FILE}')).read())")
    with pytest.raises(AssertionError, match=r"own\.ran"):
        specs.judge('function = "own.py:f"\nvariables = ["x"]\ncall = "scalars"\norder = 1\ngrid.x = 0.0', tmp_path)


HUGE = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 2
grid.x = { start = 0.0, stop = 1.0, num = 1_000_000 }
grid.y = { start = 0.0, stop = 1.0, num = 1_000_000 }
"""


@pytest.mark.parametrize("command", ["check", "run"])
def test_what_no_disk_holds_is_refused_at_once(command: str, tmp_path: Path) -> None:
    """10^12 points: neither tried nor counted block by block."""
    (tmp_path / "huge.toml").write_text(HUGE)
    told = answer([command, tmp_path / "huge.toml", "--store", tmp_path / "store"], *specs.caches())
    assert told.status == 2
    assert "the run needs up to" in told.err
    assert not (tmp_path / "store").exists()


def test_a_process_refuses_in_words_too(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    spec = tmp_path / "deep.toml"
    spec.write_text(specs.RAW["deep-list"])
    words = [sys.executable, "-m", "taylorkit.cli", "run", str(spec)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("taylorkit: spec ") and done.stderr.count("\n") == 1
    assert cli.main(["--debug", "run", str(spec)]) == 2
    assert "taylorkit.errors.SpecError: spec " in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["deep.toml"]
