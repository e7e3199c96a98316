"""The command line: what is printed where, exit statuses, own functions, every kind of spec end to end."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import cli
from taylorkit.cli import artifacts, machine
from taylorkit.cli.arguments import EXAMPLES, parser
from taylorkit.store import names
from tests.store.making import LINE, arrays, flip, write_spec

GRAPH = 'kind = "graph"\nfunction = "square_plus_exp"\nvariables = ["x"]\ncall = "scalars"\norders = [0, 1]\n'
GROWTH = 'kind = "growth"\nfunction = "tanh_half"\nvariables = ["x"]\ncall = "scalars"\norder = 2\n'
ORDERS = """
kind = "timing"
suite = "orders"
function = "runge"
variables = ["x"]
call = "scalars"
order = 1
points = 8
repetitions = 1
"""
JACOBIANS = 'kind = "timing"\nsuite = "jacobians"\nshapes = [[3, 2], [2, 3]]\nrepetitions = 1\n'


class Printed:
    """A command's exit status and what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture, *words: object):
        self.status = cli.main([str(word) for word in words])
        self.out, self.err = capsys.readouterr()
        self.lines = self.out.splitlines()


Command = Callable[..., Printed]


@pytest.fixture
def taylorkit(capsys: pytest.CaptureFixture) -> Command:
    return lambda *words: Printed(capsys, *words)


def test_run_prints_the_artifact_last(taylorkit: Command, tmp_path: Path) -> None:
    spec, store = write_spec(tmp_path, LINE), tmp_path / "store"
    first = taylorkit("run", spec, "--store", store)
    (artifact,) = store.glob("*.zarr")
    assert (first.status, first.lines) == (0, [str(artifact)])
    assert "small: runge, order 2, 5 points, " in first.err
    assert "4 blocks computed, 0 kept" in first.err
    assert "drawing figures and page" in first.err
    page = store / "pages" / artifact.stem / "index.html"
    assert page.is_file()
    assert f"report: {page}" in first.err
    assert artifact.stem in (store / "index.html").read_text()
    before = arrays(artifact)
    second = taylorkit("run", spec, "--store", store)
    assert (second.status, second.lines) == (0, [str(artifact)])
    assert "nothing to compute, all 4 blocks there already" in second.err
    assert "drawing" not in second.err
    assert before.keys() == arrays(artifact).keys()


def test_a_process_prints_the_same(tmp_path: Path) -> None:
    """As a shell sees it, in a store of the current directory."""
    spec = write_spec(tmp_path, LINE)
    words = [sys.executable, "-m", "taylorkit.cli", "run", spec.name, "--no-report", "--set", "grid.x.num=3"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (artifact,) = (tmp_path / "data" / "artifacts").glob("*.zarr")
    assert done.stdout.splitlines()[-1] == str(artifact.relative_to(tmp_path))
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert tk.open(artifact).sizes["x"] == 3


def test_pages_that_cannot_be_written_are_said_and_the_numbers_kept(taylorkit: Command, tmp_path: Path) -> None:
    """As on a disk that fills while figures are drawn."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "pages").write_text("in the way")
    said = taylorkit("run", write_spec(tmp_path, LINE), "--store", tmp_path / "store")
    assert (said.status, said.out) == (2, "")
    assert "the page cannot be written" in said.err
    assert "mend the store and run again: the numbers are kept" in said.err
    (artifact,) = (tmp_path / "store").glob("*.zarr")
    assert taylorkit("verify", artifact).status == 0


def test_no_report_draws_none(taylorkit: Command, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert taylorkit("run", write_spec(tmp_path, LINE), "--store", store, "--no-report").status == 0
    assert not (store / "pages").exists()


def test_check_writes_nothing(taylorkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = write_spec(tmp_path / "specs", LINE)
    checked = taylorkit("check", spec, "--set", "order=3")
    assert checked.status == 0
    for words in ("small (taylor)", "derivatives 1, radii 1", "4 derivatives a point", "integer_pow", "tiles of"):
        assert words in checked.out
    said = dict(line.split(":", 1) for line in checked.out.splitlines())
    assert {"primitives", "unsupported", "not smooth", "method", "because", "operations", "warnings"} <= said.keys()
    assert "(exists)" not in checked.out
    assert [p.name for p in tmp_path.iterdir()] == ["specs"]
    taylorkit("run", spec, "--no-report")
    assert "(exists)" in taylorkit("check", spec).out


def test_verify_has_three_answers(taylorkit: Command, tmp_path: Path) -> None:
    (artifact,) = taylorkit("run", write_spec(tmp_path, LINE), "--store", tmp_path / "s", "--no-report").lines
    whole = taylorkit("verify", artifact)
    assert (whole.status, whole.lines) == (0, [f"{artifact}: every array is what was written"])
    flip(Path(artifact, "derivatives", "c", "0", "0"), 30)
    wrong = taylorkit("verify", artifact)
    assert wrong.status == 1
    assert "derivatives block 0" in wrong.lines[0]
    assert wrong.lines[-1] == f"{artifact}: 1 problem"
    absent = taylorkit("verify", tmp_path / "nothing")
    assert (absent.status, absent.out) == (2, "")
    assert "no artifact there" in absent.err


def test_verify_takes_many_and_none_keeps_the_others(taylorkit: Command, tmp_path: Path) -> None:
    """As a shell gives them for nightly-*.zarr: an older artifact of the spec lies beside the new one."""
    run = ("run", write_spec(tmp_path, LINE), "--store", tmp_path / "s", "--no-report")
    old, new = (taylorkit(*run, "--set", f"order={order}").lines[0] for order in (2, 3))
    fine = "every array is what was written"
    whole = taylorkit("verify", old, new)
    assert (whole.status, whole.lines) == (0, [f"{old}: {fine}", f"{new}: {fine}"])
    flip(Path(old, "derivatives", "c", "0", "0"), 30)
    wrong = taylorkit("verify", tmp_path / "nothing", old, new)
    assert (wrong.status, wrong.err) == (1, "")
    absent, one, damaged, two, last = wrong.lines
    assert "no artifact there" in absent and "derivatives block 0" in damaged
    assert [one, two, last] == [f"{tmp_path / 'nothing'}: 1 problem", f"{old}: 1 problem", f"{new}: {fine}"]


def test_list_is_a_table(taylorkit: Command, tmp_path: Path) -> None:
    store = tmp_path / "store"
    empty = taylorkit("list", store)
    assert (empty.status, empty.lines) == (0, [f"{store}: no artifacts; `taylorkit run SPEC` makes one"])
    taylorkit("run", write_spec(tmp_path, LINE), "--store", store, "--no-report")
    (broken,) = taylorkit("run", write_spec(tmp_path, LINE, "worn"), "--store", store, "--no-report").lines
    Path(broken, "zarr.json").write_text("")
    head, good, bad = taylorkit("list", store).lines
    assert head.split() == "name state kind function order points size worst error date".split()
    assert good.split()[:7] == ["small", "no", "page", "taylor", "runge", "2", "5"]
    assert bad.split() == [Path(broken).stem, "damaged"]


def test_report_of_a_damaged_artifact_is_refused(taylorkit: Command, tmp_path: Path) -> None:
    (artifact,) = taylorkit("run", write_spec(tmp_path, LINE), "--store", tmp_path / "s", "--no-report").lines
    flip(Path(artifact, "evaluation", "near", "max_error", "c", "0"), 9)
    refused = taylorkit("report", artifact)
    assert (refused.status, refused.out) == (2, "")
    assert "run the spec again to compute it" in refused.err
    assert "Traceback" not in refused.err


COMMANDS = {
    "run": ["SPEC", "--set FIELD=VALUE", "--store STORE", "--no-report", "default: data/artifacts"],
    "check": ["SPEC", "--set FIELD=VALUE", "--store STORE"],
    "report": ["ARTIFACT"],
    "verify": ["ARTIFACT"],
    "why": ["A B", "--store STORE", "differ"],
    "list": ["STORE", "default: data/artifacts"],
    "doctor": ["--home HOME", "PREFECT_HOME"],
    "completion": ["SHELL", "bash, zsh, fish"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_arguments(command: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        *COMMANDS[command],
        "--debug",
        f"example: taylorkit {command}" if command != "completion" else "example",
    ):
        assert words in shown


def test_the_top_names_the_commands(capsys: pytest.CaptureFixture) -> None:
    for words in (["--help"], []):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        assert left.value.code == (0 if words else 2)
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


def test_own_functions_are_found_from_the_specs_folder(
    taylorkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, a file elsewhere, a package, an attribute: nothing of the project is changed."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    package = folder / "own_package_of_this_test"
    package.mkdir(parents=True)
    code = "from helper_of_this_test import two\n\ndef f(x):\n    return two * x**3\n"
    for place in (folder / "my_file.py", package / "module.py", folder / "sub" / "deep.py"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(code.replace("from helper_of_this_test import two", "two = 2.0"))
    (package / "__init__.py").write_text("class Curves:\n    @staticmethod\n    def f(x):\n        return 2.0 * x**3\n")
    (folder / "with_helper.py").write_text(code)
    (folder / "helper_of_this_test.py").write_text("two = 2.0\n")
    spec, found = write_spec(folder, LINE), []
    references = ("my_file.py:f", "sub/deep.py:f", "with_helper.py:f", "own_package_of_this_test.module:f")
    for reference in (*references, "own_package_of_this_test:Curves.f"):
        ran = taylorkit("run", spec, "--store", "s", "--no-report", "--set", f"function={reference}")
        assert ran.status == 0, ran.err
        found.append(ran.lines[-1])
    assert len({names.parts(Path(artifact))[1] for artifact in found}) == 1, "one function, however it is named"
    assert tk.open(found[0]).derivatives.sel(term="x^2").values.tolist() == [-12.0, -6.0, 0.0, 6.0, 12.0]


@pytest.mark.parametrize(
    ("text", "arrays", "figures"),
    [
        (GRAPH, ("graph_order",), 2),
        (GROWTH, ("mode", "order", "equations"), 1),
        (ORDERS, ("mode", "compile_seconds", "run_seconds"), 1),
        (JACOBIANS, ("inputs", "outputs", "run_seconds", "max_difference"), 1),
    ],
    ids=["graph", "growth", "timing-orders", "timing-jacobians"],
)
def test_every_kind_end_to_end(
    taylorkit: Command, tmp_path: Path, text: str, arrays: tuple[str, ...], figures: int
) -> None:
    spec, store = write_spec(tmp_path, text), tmp_path / "store"
    (artifact,) = taylorkit("run", spec, "--store", store).lines
    ds = tk.open(artifact).load()
    assert set(arrays) <= set(map(str, ds.variables))
    assert ds.attrs["kind"] == text.split('"')[1]
    assert len(list((store / "pages" / Path(artifact).stem / "figures").glob("*.png"))) == figures
    assert xr.open_zarr(artifact, consolidated=False).load().drop_attrs().identical(ds.drop_attrs())
    assert taylorkit("verify", artifact).status == 0
    assert "nothing to compute" in taylorkit("run", spec, "--store", store).err


def test_a_pipe_that_closes_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def closed(*words: object, **options: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    assert cli.main(["list", str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("missing", "said"), [("prefect", "needs Prefect.*taylorkit\\[flows\\]"), ("flows", "checkout")]
)
def test_serve_says_what_it_lacks(missing: str, said: str, taylorkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None if name == missing else object())
    refused = taylorkit("serve", "--port", "1")
    assert refused.status == 2
    assert re.search(said, refused.err)


def test_serve_hands_its_options_on(taylorkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that it does not know: --help among them."""
    became: list[list[str]] = []

    def become(executable: str, words: list[str]) -> None:
        became.append(words)
        raise SystemExit

    monkeypatch.setattr(os, "execv", become)
    with pytest.raises(SystemExit):
        taylorkit("serve", "--port", "4201", "--help")
    assert became == [[sys.executable, "-m", "flows.serve", "--port", "4201", "--help"]]


def test_a_fault_of_its_own_is_one_line(monkeypatch: pytest.MonkeyPatch, taylorkit: Command) -> None:
    def faulty(options: object) -> None:
        raise KeyError("a\x1b[2J\nb")

    monkeypatch.setattr(artifacts, "listed", faulty)
    told = taylorkit("list")
    (line,) = told.err.splitlines()
    assert (told.status, told.out) == (3, "")
    assert line.startswith("taylorkit: a fault of taylorkit itself: KeyError: 'a\\x1b[2J\\nb'; `taylorkit --debug …`")
    for words in (("--debug", "list"), ("list", "--debug")):
        shown = taylorkit(*words)
        assert shown.status == 3, "the status is the same where the traceback is shown"
        assert "Traceback" in shown.err and ", in faulty\n" in shown.err
        assert "\x1b" not in shown.err


def test_an_interrupt_is_no_traceback(monkeypatch: pytest.MonkeyPatch, taylorkit: Command) -> None:
    def interrupted(options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(artifacts, "listed", interrupted)
    told = taylorkit("list")
    assert (told.status, told.out) == (130, "")
    assert told.err == "taylorkit: interrupted; what was committed is kept\n"


@pytest.mark.parametrize("command", EXAMPLES)
def test_examples_are_command_lines(command: str) -> None:
    words = shlex.split(EXAMPLES[command].split(" | ")[0], comments=True)
    if command != "completion":  # which the shell takes apart
        assert parser().parse_args(words[1:]).name == command
    for spec in (word for word in words if word.endswith(".toml")):
        assert Path(__file__).parents[1].joinpath(spec).is_file()


@pytest.mark.parametrize("command", ["run", "check"])
def test_the_examples_of_specs_can_be_planned(command: str, taylorkit: Command, tmp_path: Path) -> None:
    _, _, spec, *options = shlex.split(EXAMPLES[command])
    told = taylorkit("check", Path(__file__).parents[1] / spec, *options, "--store", tmp_path)
    assert told.status == 0, told.err


@pytest.mark.parametrize(("command", "status"), [("list", 0), ("verify", 1)])
def test_a_reader_that_leaves_changes_no_status(command: str, status: int, taylorkit: Command, tmp_path: Path) -> None:
    """And nothing is complained of when the process ends, where Python writes what is left."""
    (artifact,) = taylorkit("run", write_spec(tmp_path, LINE), "--store", tmp_path / "s", "--no-report").lines
    flip(Path(artifact, "derivatives", "c", "0", "0"), 30)
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "taylorkit.cli", command, artifact if command == "verify" else str(tmp_path)]
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(words, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (status, "")
