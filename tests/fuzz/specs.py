"""Specs near a valid one, as text, and what taylorkit makes of them."""

import json
import math
import os
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib
from hypothesis import strategies as st

from taylorkit import pipeline
from taylorkit.errors import TaylorkitError
from tests.fuzz.hostile import CANARY_FILE, CANARY_MODULE, mutated
from tests.fuzz.judge import SECONDS, answer, tree, within

OWN = """
import jax.numpy as jnp


def f(x):
    return jnp.sin(x)


def big(v):
    return v[0] * jnp.ones(10**9)


def leaves(x):
    raise SystemExit(3)
"""
CANARY = "from pathlib import Path\nPath(__file__).with_suffix('.ran').write_text('')\n\ndef f(x):\n    return x\n"

_subject: dict[str, Any] = {"function": "runge", "variables": ["x"], "call": "scalars"}
VALID: dict[str, dict[str, Any]] = {
    "line": {
        **_subject,
        "order": 2,
        "title": "A line",
        "formula": "1/(1+x^2)",
        "names": {"slope": "x", "bend": "x^2"},
        "grid": {"x": {"start": -1.0, "stop": 1.0, "num": 5}},
        "evaluations": {"near": {"center": {"x": 0.0}, "x": [0.1, 0.2], "source": "center", "overlay": "runge"}},
        "trust": {"samples": 4, "tolerance": 1e-3, "radius": 1.0, "directions": 2},
        "memory": {"budget": "1 GiB"},
        "storage": {"compression": "lz4"},
        "report": {"figures": [{"kind": "approximations", "evaluation": "near", "degrees": [0, 1], "title": "T"}]},
    },
    "plane": {
        "function": "two_variable",
        "variables": ["x", "y"],
        "call": "scalars",
        "order": 1,
        "method": "series",
        "device": "cpu",
        "dtype": "float32",
        "grid": {"x": {"start": 1.0, "stop": 9.0, "num": 3, "spacing": "log"}, "y": [0.0, 1.0]},
        "evaluations": {"map": {"source": "atlas", "x": {"start": 1.0, "stop": 2.0, "num": 3}, "center": {"y": 0.5}}},
    },
    "scattered": {**_subject, "function": "own.py:f", "order": 1, "grid": {"points": [[0.0], [1.0]]}},
    "file": {**_subject, "order": 1, "grid": {"points": "points.csv"}, "trust": {"samples": 0}},
    "graph": {**_subject, "kind": "graph", "orders": [0, 1]},
    "growth": {**_subject, "kind": "growth", "order": 2},
    "orders": {**_subject, "kind": "timing", "suite": "orders", "order": 1, "points": 8, "repetitions": 1},
    "jacobians": {"kind": "timing", "suite": "jacobians", "shapes": [[3, 2]], "repetitions": 1, "limit_seconds": 1.0},
}
# Kinds of text that no tree of values gives.
RAW = {
    "deep-list": "a = " + "[" * 20_000,
    "deep-table": "a = " + "{ a = " * 5_000,
    "deep-key": ".".join(["a"] * 5_000) + " = 1",
    "deep-field": "report." + ".".join(["a"] * 900) + " = 1",
    "long-number": "order = " + "9" * 5_000,
    "long-hexadecimal": "order = 0x" + "f" * 5_000,
    "long-key": "k" * 10**6 + " = 1",
    "long-text": f'title = "{"t" * 10**6}"',
    "nul": "function = 'a\0b'",
    "twice": "order = 1\norder = 2\n",
    "bom": "\ufefforder = 1",
    "escape": '"\\u001b[2J" = 1',
}


def toml(value: Any) -> str:
    """A plain value as TOML writes it, on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else hex(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


TREES = st.sampled_from(list(VALID.values())).flatmap(mutated)
WRITTEN = TREES.map(lambda spec: "\n".join(f"{toml(str(key))} = {toml(value)}" for key, value in spec.items()))
TEXTS = st.integers(0, 19).flatmap(lambda n: WRITTEN if n else st.sampled_from(list(RAW.values())))


def feed(text: str) -> str:
    """Judge a spec in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="taylorkit-fuzz-") as made:
        prepare(Path(made))
        return judge(text, Path(made))


def prepare(folder: Path) -> None:
    """What lies beside the specs: functions, points, code that tells when it is run."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "own.py").write_text(OWN)
    (folder / "specs" / "points.csv").write_text("0.0\n0.5\n")
    for name in (CANARY_FILE, f"{CANARY_MODULE}.py"):
        (folder / "specs" / name).write_text(CANARY)


def judge(text: str, folder: Path) -> str:
    """Check and, where it is small or must be refused, run the spec `text`; in one word what became of it."""
    spec, store = folder / "specs" / "spec.toml", folder / "store"
    spec.write_bytes(text.encode("utf-8", "surrogatepass"))
    before, named = (
        tree(folder / "specs"),
        re.search(rf'"?(function|overlay)"? = "({CANARY_FILE}|{CANARY_MODULE}):', text),
    )
    may = [*caches(), *([folder / "specs"] if named else [])]
    checked = answer(["check", spec, "--store", store], *may)
    assert checked.status in (0, 2)
    assert not store.exists()
    verdict = "refused" if checked.status else "good"
    if checked.status or _size(spec, store) < 10**6:
        ran = answer(["run", spec, "--store", store, "--no-report"], store, *may)
        assert ran.status == 2 or not checked.status, "run takes what check refuses"
        if ran.status:
            assert not store.exists(), f"refused, and left behind {list(store.rglob('*'))[:5]}: {ran.err}"
        else:
            verdict = "ran"
            assert answer(["verify", store / Path(ran.out.strip()).name]).status == 0
    assert named or tree(folder / "specs") == before
    return verdict


def _size(spec: Path, store: Path) -> float:
    """How many numbers running it would write; infinite where it would take long for other reasons."""
    with within(SECONDS):
        try:
            job = pipeline.plan(spec, (), store)
        except TaylorkitError:
            return 0
    dear = max(getattr(job.spec, name, 0) for name in ("order", "repetitions")) > 4
    return math.inf if dear or (job.spec.kind == "timing" and job.spec.suite == "jacobians") else job.bytes


def caches() -> list[Path]:
    """Where compiled code, and what Matplotlib knows of fonts, may be kept."""
    named = [matplotlib.get_cachedir(), matplotlib.get_configdir(), os.environ.get("TAYLORKIT_CACHE")]
    return [Path(folder) for folder in named if folder]
