"""Every mistake is one message that names the field, the value and the remedy, and nothing is created."""

import re
from pathlib import Path

import jax
import numpy as np
import pytest

from taylorkit import cli, pipeline
from taylorkit.errors import FunctionError, SpecError, TaylorkitError
from tests.store.making import ATLAS, write_spec

# What is written, as overrides of a good spec, and what the message must say: field, value, remedy.
MISTAKES = {
    "order-negative": ("order=-1", r"order = -1: must be greater than or equal to 0"),
    "order-float": ("order=2.0", r"order = 2\.0: must be a valid integer"),
    "order-text": ("order='2'", r"order = '2': must be a valid integer"),
    "order-bool": ("order=true", r"order = True: must be a valid integer"),
    "order-empty": ("order=", r"order = '': must be a valid integer"),
    "field-unknown": ("ordre=3", r"ordre = 3: unknown field; did you mean 'order'\?"),
    "field-strange": ("zzz=3", r"zzz = 3: unknown field; known fields: .*order"),
    "field-nested": ("trust.tolerence=1", r"trust\.tolerence = 1: unknown field; did you mean 'tolerance'\?"),
    "field-of-range": ("grid.x.nun=3", r"grid\.x\.nun = 3: unknown field; did you mean 'num'\?"),
    "field-of-evaluation": ("evaluations.map.sorce='atlas'", r"map\.sorce = 'atlas': .*did you mean 'source'\?"),
    "kind-unknown": ("kind='taylr'", r"kind = 'taylr': must be one of taylor, graph, growth, timing"),
    "kind-number": ("kind=5", r"kind = 5: must be one of taylor"),
    "function-unknown": ("function='rungee'", r"function = 'rungee': .*did you mean 'runge'\?"),
    "function-empty": ("function=''", r"function = '': must not be empty"),
    "function-no-file": ("function='nofile.py:f'", r"no file .*nofile\.py; the path is taken from the spec's folder"),
    "function-no-module": ("function='no_module:f'", r"module 'no_module' could not be imported .*'name\.py:function'"),
    "function-arity": ("function='runge'", r"function = 'runge' takes 1 variables as scalars; .*\['x', 'y'\]"),
    "call-other": ("call='vector'", r"takes 2 variables as scalars; .*call = 'vector'"),
    "call-unknown": ("call='both'", r"call = 'both': must be 'scalars' or 'vector'"),
    "variable-reserved": ("variables=['term','y']", r"'term' is a name that the artifact uses itself; choose another"),
    "variable-twice": ("variables=['x','x']", r"variables = \['x', 'x'\]: each .* name of its own"),
    "variable-spaced": ("variables=['x','a b']", r"'a b' must be a plain name such as x"),
    "variable-path": ("variables=['x','../y']", r"'\.\./y' must be a plain name"),
    "variables-none": ("variables=[]", r"variables = \[\]: must have at least one entry"),
    "variables-text": ("variables='x'", r"variables = 'x': must be a list"),
    "names-variable": ("names.w='z x'", r"names\.w: term = 'z x': 'z' is no variable; they are x, y"),
    "names-degree": (
        "names.speed='x^3'",
        r"names\.speed = 'x\^3': its degree is 3, the order is 2; raise the order or",
    ),
    "names-sum": ("names.w='x + y'", r"names\.w: term = 'x \+ y': no term; write one as 'x\^2 y'"),
    "names-hidden": ("names.x='x'", r"names\.x: is a variable; a term must have another name"),
    "names-reserved": ("names.error='x'", r"names\.error = 'error': 'error' is a name that the artifact uses itself"),
    "names-path": ("names={'../w'='x'}", r"'\.\./w' must be a plain name"),
    "names-long": ("names={" + "w" * 65 + "='x'}", r"has 65 characters; give it 64 at most"),
    "names-number": ("names.w=5", r"names\.w = 5: must be a string"),
    "names-table": ("names='x'", r"names = 'x': must be a table"),
    "names-many": ("names={" + ",".join(f"w{i}='x'" for i in range(257)) + "}", r"names = .*at most 256 items"),
    "figure-term": (
        "report.figures=[{kind='derivative_maps',terms=['x','gamma']}]",
        r"report\.figures, number 1: .*term = 'gamma': 'gamma' is no variable",
    ),
    "figure-term-degree": (
        "report.figures=[{kind='derivative_maps',terms=['x^3']}]",
        r"report\.figures, number 1: .*term = 'x\^3': its degree is 3, and the order of .* is 2",
    ),
    "name-path": ("name='../x'", r"name = '\.\./x': must be at most 64 lowercase letters, digits and dashes"),
    "grid-axis-empty": ("grid.x=[]", r"grid\.x = \[\]: must have at least one entry"),
    "grid-nan": ("grid.x=nan", r"grid\.x = nan: must be a finite number"),
    "grid-nan-in-list": ("grid.x=[0.0,nan]", r"grid\.x\.1 = nan: must be a finite number"),
    "grid-infinite": ("grid.x.start=inf", r"grid\.x\.start = inf: must be a finite number"),
    "grid-overflow": (("grid.x=[1e300]", "dtype='float32'"), r"grid\.x = inf: must be finite"),
    "grid-no-points": ("grid.x.num=0", r"grid\.x\.num = 0: must be greater than or equal to 1"),
    "grid-half-points": ("grid.x.num=2.5", r"grid\.x\.num = 2\.5: must be a valid integer"),
    "grid-huge": ("grid.x.num=1000000000000", r"grid\.x\.num = 1000000000000: .* 7450\.6 GiB, over memory\.budget"),
    "grid-log": ("grid.x.spacing='log'", r"start = -1, stop = 1: must be above 0 where spacing is log"),
    "grid-text": ("grid.x='a'", r"grid\.x = 'a': must be a number, a list of numbers, or \{ start, stop, num \}"),
    "grid-number": ("grid=5", r"grid = 5: must be a table"),
    "grid-empty": ("grid={}", r"grid: is empty; give x = \{ start, stop, num \}, or points"),
    "grid-missing-axis": ("grid={x=1.0}", r"grid\.y: missing; every variable needs an axis"),
    "grid-unknown-axis": ("grid.z=1.0", r"grid\.z: no such variable or option; variables are \['x', 'y'\]"),
    "grid-both": ("grid.points=[[1.0,2.0]]", r"grid: has both points and axes; give one of them"),
    "points-width": ("grid={points=[[1.0],[2.0]]}", r"grid\.points: \[1\.0\]; every point needs 2 numbers"),
    "points-none": ("grid={points=[]}", r"grid\.points: empty; every point needs 2 numbers"),
    "points-nan": ("grid={points=[[1.0,nan]]}", r"grid\.points\.0\.1 = nan: must be a finite number"),
    "points-no-file": ("grid={points='no.npy'}", r"grid\.points = 'no\.npy': cannot be read .*\.npy or \.csv file"),
    "cloud-and-axes": (
        "evaluations.map.cloud={num=3,spread={x=1.0}}",
        r"evaluations\.map: has a cloud and x; give one",
    ),
    "cloud-variable": (
        "evaluations.map={center={x=-1.0,y=1.0},cloud={num=3,spread={z=1.0}}}",
        r"cloud\.spread\.z: no such variable; they are \['x', 'y'\]",
    ),
    "cloud-still": ("evaluations.map={cloud={num=3,spread={x=0.0}}}", r"spread\.x = 0\.0: must be greater than 0"),
    "cloud-of-nothing": (
        "evaluations.map={cloud={num=3,spread={}}}",
        r"cloud\.spread = \{\}: must have at least one entry",
    ),
    "cloud-empty": ("evaluations.map={cloud={num=0,spread={x=1.0}}}", r"cloud\.num = 0: must be greater than or"),
    "cloud-huge": (
        "evaluations.map={center={x=-1.0,y=1.0},cloud={num=1000000000,spread={x=1.0}}}",
        r"evaluations\.map\.cloud\.num = 1000000000: the points alone need 44\.7 GiB, over memory\.budget",
    ),
    "cloud-nowhere": (
        "evaluations.map={source='atlas',cloud={num=3,spread={x=1.0}}}",
        r"evaluations\.map: x is not listed; in an atlas say where it stays",
    ),
    "cloud-overflow": (
        ("evaluations.map={center={x=-1.0,y=1.0},cloud={num=3,spread={x=1e300}}}", "dtype='float32'"),
        r"evaluations\.map\.cloud: x = -?inf: must be finite",
    ),
    "evaluation-empty": ("evaluations.map={}", r"evaluations\.map: is empty; give x"),
    "evaluation-axis": ("evaluations.map.q=1.0", r"evaluations\.map\.q: no such variable or option"),
    "evaluation-name": (
        "evaluations.Map={x=1.0,y=1.0}",
        r"evaluations\.Map = .*lowercase letters, digits and underscores",
    ),
    "evaluation-source": ("evaluations.map.source='centre'", r"source = 'centre': must be 'center' or 'atlas'"),
    "center-missing": ("evaluations.map.source='center'", r"map\.center: missing; there are 48 .*source = 'atlas'"),
    "center-elsewhere": ("evaluations.map.center={x=0.1,y=0.1}", r"is no expansion point; the nearest one is \{'x':"),
    "center-partial": ("evaluations.map.center={x=0.1}", r"map\.center names \['x'\]: must give each of \['x', 'y'\]"),
    "atlas-missing-axis": ("evaluations.map={x=1.0}", r"evaluations\.map: y is not listed; .*center = \{ y = … \}"),
    "overlay-unknown": ("evaluations.map.overlay='rung'", r"'rung': no such name; did you mean 'runge'\?"),
    "budget-text": ("memory.budget='lots'", r"memory\.budget = 'lots': must be a size such as '2 GiB'"),
    "compression-unknown": (
        "storage.compression='gzip'",
        r"storage\.compression = 'gzip': must be 'lz4', 'zstd' or 'none'",
    ),
    "budget-negative": ("memory.budget=-5", r"memory\.budget = -5: must be a size"),
    "budget-too-small": (
        "memory.budget='1 KiB'",
        r"memory\.budget = 1\.0KiB: one block needs [\d.]+ MiB, the points [\d.e-]+ MiB; raise the budget",
    ),
    "order-too-high": ("order=171", r"order = 171: its factorial is beyond .*; write 170 or less"),
    "order-huge": ("order=5333333333", r"order = 5333333333: its factorial is beyond"),
    "order-too-high-for-single": (("order=35", "dtype='float32'"), r"order = 35: .*beyond 3\.4e\+38.* write 34 or"),
    "order-over-budget": (
        ("order=100", "memory.budget='2 MiB'"),
        r"memory\.budget = 2\.0MiB: .*raise the budget, or lower the order",
    ),
    "tolerance": ("trust.tolerance=-1", r"trust\.tolerance = -1: must be greater than 0"),
    "dtype": ("dtype='float16'", r"dtype = 'float16': must be 'float64' or 'float32'"),
    "method": ("method='jet'", r"method = 'jet': must be one of auto, nested, nested:xla, series"),
    "method-unfit": (
        ("method='reverse'", "function='own.py:unfit'"),
        r"method = 'reverse' does not serve .*without reverse mode.*method = 'auto'",
    ),
    "device": ("device='tpu'", r"device = 'tpu': must be 'auto', 'cpu' or 'gpu'"),
    "figures": ("report.figures=5", r"report\.figures = 5: must be a list"),
    "figure-kind": (
        "report.figures=[{kind='surfce'}]",
        r"report\.figures, number 1: .*kind = 'surfce': unknown; write one of .*surface",
    ),
    "figure-evaluation": (
        "report.figures=[{kind='surface',evaluation='mpa'}]",
        r"number 1: .*evaluation = 'mpa': unknown; write one of map",
    ),
    "figure-field": (
        "report.figures=[{kind='surface',degre=1}]",
        r"number 1: .*degre = 1: unknown field; write one of",
    ),
    "override-no-value": ("order", r"--set 'order': write field=value, such as order=6"),
    "override-no-field": ("=3", r"--set '=3': write field=value"),
    "override-too-deep": ("order.x=3", r"--set 'order\.x=3': order = 2 has no fields"),
    "override-torn": ("grid.x={start=1", r"grid\.x = '\{start=1': must be a number"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(
        "from jax import lax\ndef unfit(x, y):\n    return lax.while_loop(lambda c: c < 9, lambda c: 2 * c + y, x)\n"
    )
    return tmp_path


@pytest.mark.parametrize(("written", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_one_clear_message_and_creates_nothing(
    folder: Path, written: str | tuple[str, ...], said: str, capsys: pytest.CaptureFixture
) -> None:
    spec = write_spec(folder, ATLAS)
    changes = [written] if isinstance(written, str) else list(written)
    before = sorted(folder.rglob("*"))
    options = [f"--set={change}" for change in changes]
    assert cli.main(["run", str(spec), "--store", str(folder / "store"), *options]) == 2
    out, err = capsys.readouterr()
    assert re.search(said, err), err
    assert not out
    assert "Traceback" not in err
    assert [p for p in sorted(folder.rglob("*")) if "__pycache__" not in p.parts] == before


def test_no_gpu_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(platform: str | None = None) -> list:
        raise RuntimeError(f"Unknown backend {platform}")

    monkeypatch.setattr(jax, "devices", none)
    with pytest.raises(SpecError, match=r"device = 'gpu': JAX sees only \w+; .*device = 'auto'"):
        pipeline.plan(write_spec(tmp_path, ATLAS), ["device=gpu"], tmp_path / "store")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = [", r"small\.toml: not valid TOML: "),
        (b"\xff\xfe", r"small\.toml: not valid TOML: "),
        (b"", r"function: missing; .*\n.*variables: missing; .*\n.*call: missing"),
    ],
)
def test_bad_toml(tmp_path: Path, content: bytes, said: str) -> None:
    spec = tmp_path / "small.toml"
    spec.write_bytes(content)
    with pytest.raises(SpecError, match=said):
        pipeline.plan(spec, store=tmp_path / "store")


def test_missing_spec_says_where_specs_are(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no\.toml: no such file; .*data/specs"):
        pipeline.plan(tmp_path / "no.toml", store=tmp_path / "store")


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        pipeline.plan(write_spec(tmp_path, ATLAS), ["order=-1", "dtype=int8", "zzz=1"], tmp_path / "store")
    lines = str(caught.value).splitlines()
    assert [line.split(" = ")[0].strip() for line in lines[1:]] == ["order", "dtype", "zzz"]


def pickled(path: Path) -> None:
    np.save(path, np.array([[1.0, {}]], object), allow_pickle=True)


BAD_FILES = {
    "pickled": pickled,
    "text": lambda path: np.save(path, np.array([["a", "b"]])),
    "complex": lambda path: np.save(path, np.array([[1j, 2.0]])),
    "empty": lambda path: path.write_bytes(b""),
    "torn": lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00"),
    "archive": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(60)),
    "flat": lambda path: np.save(path, np.array([1.0, 2.0])),
    "wide": lambda path: np.save(path, np.ones((2, 3))),
    "no-rows": lambda path: np.save(path, np.ones((0, 2))),
    "nan": lambda path: np.save(path, np.array([[1.0, np.nan]])),
}


@pytest.mark.parametrize("field", ["grid", "evaluations.map"])
@pytest.mark.parametrize("write", BAD_FILES.values(), ids=BAD_FILES)
def test_bad_point_file(tmp_path: Path, write: object, field: str) -> None:
    write(tmp_path / "points.npy")  # type: ignore[operator]
    with pytest.raises(SpecError, match=rf"^{re.escape(field)}\."):
        pipeline.plan(write_spec(tmp_path, ATLAS), [f"{field}={{points='points.npy'}}"], tmp_path / "store")
    assert not (tmp_path / "store").exists()


OWN = {
    "no-name": ("x = 1", "own.py:f", r"own\.py has no function 'f'"),
    "suggests": ("def g(x, y): return x", "own.py:f", r"it has g"),
    "raises": ("1 / 0", "own.py:f", r"own\.py raised ZeroDivisionError: division by zero"),
    "syntax": ("def f(:", "own.py:f", r"own\.py raised SyntaxError"),
    "arity": ("def f(x): return x", "own.py:f", r"could not be traced with 2 scalars .*TypeError"),
    "branches": (
        "def f(x, y): return x if x > 0 else y",
        "own.py:f",
        r"could not be traced .*TracerBoolConversionError",
    ),
    "tuple": ("def f(x, y): return x, y", "own.py:f", r"must return one array"),
    "complex": ("def f(x, y): return x + 1j * y", "own.py:f", r"dtype complex128: must be real"),
    "no-rule": (
        "import jax\ndef f(x, y):\n    return jax.pure_callback(lambda v: v, x, x) + y\n",
        "own.py:f",
        r"cannot be differentiated: .*pure_callback at .*own\.py:3",
    ),
}


@pytest.mark.parametrize(("code", "reference", "said"), OWN.values(), ids=OWN)
def test_own_function_that_does_not_do(tmp_path: Path, code: str, reference: str, said: str) -> None:
    (tmp_path / "own.py").write_text(code)
    with pytest.raises(FunctionError, match=said) as caught:
        pipeline.plan(write_spec(tmp_path, ATLAS), [f"function={reference}"], tmp_path / "store")
    assert isinstance(caught.value, TaylorkitError)
    assert not (tmp_path / "store").exists()
