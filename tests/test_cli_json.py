"""`--json`: one document on standard output, whatever happens, and the same exit status."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taylorkit import cli
from taylorkit.cli import artifacts
from taylorkit.cli.answer import document
from taylorkit.store import names
from tests.store.making import LINE, flip, write_spec

Told = Callable[..., tuple[int, Any, str]]
GRAPH = 'kind = "graph"\nfunction = "square_plus_exp"\nvariables = ["x"]\ncall = "scalars"\norders = [0, 1]\n'


@pytest.fixture
def told(capsys: pytest.CaptureFixture) -> Told:
    """A command's status, its document, and what standard error got."""

    def tell(*words: object) -> tuple[int, Any, str]:
        status = cli.main([*map(str, words), "--json"])
        out, err = capsys.readouterr()
        return status, json.loads(out), err

    return tell


def test_run(told: Told, tmp_path: Path) -> None:
    spec, store = write_spec(tmp_path, LINE), tmp_path / "store"
    status, first, err = told("run", spec, "--store", store)
    (artifact,) = store.glob("*.zarr")
    assert status == 0
    assert (first["name"], first["kind"], first["artifact"]) == ("small", "taylor", str(artifact))
    assert names.parts(artifact)[:2] == ("small", first["fingerprint"][:12])
    assert (first["computed"], first["kept"]) == (4, 0)
    assert [step["step"] for step in first["steps"]][:2] == ["derivatives", "radii"]
    assert all(step["computed"] == 1 and step["seconds"] >= 0 for step in first["steps"])
    assert Path(first["report"]).is_file()
    assert first["seconds"] > 0
    assert "4 blocks computed, 0 kept" in err
    _, second, _ = told("run", spec, "--store", store, "--no-report")
    assert (second["computed"], second["kept"], second["report"]) == (0, 4, None)


def test_check(told: Told, tmp_path: Path) -> None:
    status, found, _ = told("check", write_spec(tmp_path, LINE), "--store", tmp_path / "store")
    assert (status, found["exists"], found["in_flight"]) == (0, False, 3)
    assert found["steps"][0] == {"step": "derivatives", "blocks": 1}
    assert found["bytes"] > 0 and found["memory"] > 0
    facts = found["preflight"]
    assert (facts["function"], facts["variables"], facts["order"], facts["terms"]) == ("runge", 1, 2, 3)
    assert facts["unsupported"] == [] and facts["shape"] == []
    assert facts["method"].keys() == {"name", "lowering", "tile", "platform"}
    assert told("check", write_spec(tmp_path / "g", GRAPH))[1]["preflight"] is None


def test_report_verify_list_and_why(told: Told, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert told("list", store)[:2] == (0, {"store": str(store), "artifacts": []})
    spec = write_spec(tmp_path, LINE)
    artifact = told("run", spec, "--store", store, "--no-report")[1]["artifact"]
    other = told("run", spec, "--store", store, "--no-report", "--set", "order=3")[1]["artifact"]
    status, drawn, _ = told("report", artifact)
    assert status == 0 and Path(drawn["report"]).is_file() and Path(drawn["index"]).is_file()
    assert told("verify", artifact)[:2] == (0, {"artifact": artifact, "problems": []})

    (listed, _) = told("list", store)[1]["artifacts"]
    assert (listed["path"], listed["order"], listed["points"], listed["damage"]) == (artifact, 2, 5, None)
    assert isinstance(listed["worst_error"], float) and isinstance(listed["bytes"], int)

    status, differing, _ = told("why", artifact, other)
    assert status == 1
    rows = next(part for part in differing["parts"] if part["part"] == "derivatives")["rows"]
    assert {"field": "order", "a": "2", "b": "3"} in rows
    status, same, _ = told("why", artifact, artifact)
    assert status == 0 and all(part["same"] and not part["rows"] for part in same["parts"])

    flip(Path(artifact, "derivatives", "c", "0", "0"), 30)
    status, wrong, _ = told("verify", artifact)
    assert status == 1 and "derivatives block 0" in wrong["problems"][0]
    assert told("verify", artifact, other)[:2] == (1, {"artifacts": [wrong, {"artifact": other, "problems": []}]})
    Path(other, "zarr.json").write_text("")
    assert any(found["damage"] for found in told("list", store)[1]["artifacts"])


def test_errors_are_documents_too(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, refused, err = told("verify", tmp_path / "nothing")
    assert (status, refused["status"]) == (2, 2)
    assert "no artifact there" in refused["error"]
    assert err == f"taylorkit: {refused['error']}\n", "a log that keeps standard error alone has it, too"
    for error, code in ((KeyboardInterrupt(), 130), (KeyError("x"), 3), (OSError("gone"), 2)):

        def fails(options: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(artifacts, "listed", fails)
        status, said, _ = told("list")
        assert (status, said["status"]) == (code, code)


def test_misuse_is_a_document_too(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "--json"])
    out, err = capsys.readouterr()
    assert left.value.code == 2
    assert json.loads(out) == {"error": "the following arguments are required: SPEC", "status": 2}
    assert err.startswith("usage: taylorkit run")


def test_what_a_function_prints_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("print('imported')\n\ndef f(x):\n    print('traced')\n    return x * x\n")
    spec = write_spec(tmp_path, LINE)
    words = [sys.executable, "-m", "taylorkit.cli", "check", str(spec), "--set", "function=own.py:f", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert json.loads(done.stdout)["preflight"]["function"] == "own.py:f"
    assert "imported" in done.stderr and "traced" in done.stderr


def test_values_of_every_kind() -> None:
    facts = {
        "numbers": (1, 2.5, np.int64(3), np.float32(0.5), True, None),
        "none of JSON's": [math.nan, math.inf, np.float64(-math.inf)],
        "path": Path("a/b"),
        "hostile": os.fsdecode(b"\xff\x1b[2J\x7f\xe2\x80\xae"),
    }
    text = document(facts)
    assert text.isascii() and text.replace("\n", "").isprintable()
    assert json.loads(text) == {
        "numbers": [1, 2.5, 3, 0.5, True, None],
        "none of JSON's": [None] * 3,
        "path": "a/b",
        "hostile": facts["hostile"],
    }
