"""Artifacts that somebody tampered with: whoever reads one is told, and nothing else happens.

A few of them: `python -m tests.fuzz` feeds thousands.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import taylorkit as tk
from taylorkit import cache
from taylorkit.errors import IntegrityError
from tests.fuzz import artifacts
from tests.fuzz.hostile import SCRIPT
from tests.fuzz.judge import answer, tree
from tests.fuzz.making import bases

FEW = settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return bases(tmp_path_factory.mktemp("bases"))


@pytest.fixture
def artifact(made: list[Path], tmp_path: Path) -> Path:
    """A copy of one with an evaluation, in a store of its own, beside a folder that must stay as it is."""
    artifacts.prepare(tmp_path)
    base = next(path for path in made if "graph" not in path.name)
    return shutil.copytree(base, tmp_path / "store" / base.name)


@FEW
@given(st.data())
def test_a_tampered_artifact_is_refused_in_words_or_read(made: list[Path], data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(made))
    assert artifacts.feed(base, data.draw(artifacts.tampered(base))).startswith("verify ")


def test_what_is_tampered_with_is_whole(artifact: Path) -> None:
    assert artifacts.judge(artifact, drawn=True) == "verify 0, opens, report 0"


def test_a_sealed_change_passes_for_written(artifact: Path) -> None:
    """Else nothing but the digests would be tried."""
    change(artifact, "zarr.json", lambda document: document["attributes"].update(title=SCRIPT))
    assert answer(["verify", artifact]).status == 1
    artifacts.seal(artifact)
    assert artifacts.judge(artifact, drawn=True) == "verify 0, opens, report 0"


def change(artifact: Path, name: str, how: Callable[[dict[str, Any]], object]) -> None:
    file = artifact / name
    document = json.loads(file.read_bytes())
    how(document)
    file.write_text(json.dumps(document))


def codecs(*found: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(codecs=list(found))


def field(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(values)


def inner(*found: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["codecs"][0]["configuration"].update(codecs=list(found))


# Which metadata is changed, how, and what is said of it once all records fit again.
METADATA = {
    "pickle": ("x/zarr.json", codecs({"name": "numcodecs.pickle"}), "codecs that are not known"),
    "pickle-in-shards": ("derivatives/zarr.json", inner({"name": "pickle"}), "codecs that are not known"),
    "json2": ("term/zarr.json", codecs({"name": "numcodecs.json2"}), "codecs that are not known"),
    "gzip": ("x/zarr.json", codecs({"name": "bytes"}, {"name": "gzip"}), "codecs that are not known"),
    "object": ("x/zarr.json", field(data_type="object"), "data_type = 'object'"),
    "structured": ("x/zarr.json", field(data_type={"name": "structured"}), "data_type"),
    "version-2": ("x/zarr.json", field(zarr_format=2), "no metadata of Zarr version 3"),
    "huge": ("x/zarr.json", field(shape=[2**50]), "is said to hold"),
    "huge-chunk": (
        "x/zarr.json",
        field(shape=[2**50], chunk_grid={"configuration": {"chunk_shape": [2**50]}}),
        "memory",
    ),
    "not-the-grid": ("derivatives/zarr.json", field(shape=[3, 2**40]), "is not over the blocks"),
    "negative": ("x/zarr.json", field(shape=[-1]), "its shape is none"),
    "dimension-path": ("x/zarr.json", field(dimension_names=["../x"]), "its dimensions have no names"),
    "transformer": ("x/zarr.json", field(storage_transformers=[{"name": "x"}]), "it has transformers"),
    "more": ("x/zarr.json", field(must_understand=True), "fields that are not known"),
    "order": ("zarr.json", lambda d: d["attributes"].update(order=10**6), "has no terms of 1 variables up to order"),
    "function": ("zarr.json", lambda d: d["attributes"].update(function=["x"]), "attribute function"),
    "variables": ("zarr.json", lambda d: d["attributes"].update(variables=["../x"]), "attribute variables.0"),
    "names": ("zarr.json", lambda d: d["attributes"].update(names={"<b>": "x"}), "attribute names"),
    "names-many": (
        "zarr.json",
        lambda d: d["attributes"].update(names={f"n{i}": "x" for i in range(10**4)}),
        "attribute names",
    ),
    "names-other": ("zarr.json", lambda d: d["attributes"].update(names={"slope": 1}), "attribute names.slope"),
    "figures": (
        "zarr.json",
        lambda d: d["attributes"]["spec"]["report"].update(figures=[{"kind": "growth"}] * 10**4),
        "attribute spec.report.figures",
    ),
}


@pytest.mark.parametrize(("name", "how", "said"), METADATA.values(), ids=METADATA)
def test_metadata_that_taylorkit_did_not_write(artifact: Path, name: str, how: Callable, said: str) -> None:
    change(artifact, name, how)
    artifacts.seal(artifact)
    with pytest.raises(IntegrityError, match=said):
        tk.open(artifact).load()
    artifacts.judge(artifact, drawn=True)


@pytest.mark.parametrize("bomb", artifacts.BOMBS)
@pytest.mark.parametrize("name", ["zarr.json", "commit/derivatives/zarr.json"])
def test_documents_that_are_none(artifact: Path, bomb: str, name: str) -> None:
    (artifact / name).write_bytes(artifacts.BOMBS[bomb])
    artifacts.seal(artifact)
    assert artifacts.judge(artifact, drawn=True).endswith("refused, report 2")


def test_more_blocks_than_can_be_counted(artifact: Path) -> None:
    """The record says so, and that is all there is: looking stops."""
    change(artifact, "derivatives/zarr.json", field(shape=[3, 2**50]))
    change(artifact, "status/zarr.json", field(shape=[2**50]))
    document = json.loads((artifact / "commit" / "derivatives" / "zarr.json").read_bytes())
    document["attributes"]["record"]["shape"] = [2**50]
    (artifact / "commit" / "derivatives" / "zarr.json").write_text(json.dumps(document))
    artifacts.seal(artifact)
    told = answer(["verify", artifact])
    assert told.status == 1
    assert "and more: looking stopped after 1000 problems" in told.out
    with pytest.raises(IntegrityError, match="do not fit together"):
        tk.open(artifact).derivatives.load()


LINKS = {
    "pages": lambda store, outside: (store / "pages").symlink_to(outside),
    "page": lambda store, outside: folder(store / "pages").joinpath(only(store).stem).symlink_to(outside),
    "figures": lambda store, outside: (
        folder(store / "pages" / only(store).stem).joinpath("figures").symlink_to(outside)
    ),
}
FILES = {
    "index": lambda store: store / "index.html",
    "page": lambda store: folder(store / "pages" / only(store).stem) / "index.html",
    "key": lambda store: folder(store / "pages" / only(store).stem) / "key.txt",
    "figure": lambda store: folder(store / "pages" / only(store).stem / "figures") / "01-convergence.png",
}


def only(store: Path) -> Path:
    return next(store.glob("*.zarr"))


def folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_no_page_is_written_behind_a_link(artifact: Path, link: Callable) -> None:
    outside = artifact.parent.parent / "outside"
    (outside / "01-mine.png").write_text("mine")
    before = tree(outside)
    link(artifact.parent, outside)
    told = answer(["report", artifact], artifact.parent, *artifacts.DRAWING)
    assert told.status == 2
    assert "is behind a link that leaves the store" in told.err
    assert tree(outside) == before


@pytest.mark.parametrize("place", FILES.values(), ids=FILES)
def test_a_link_is_replaced_and_not_followed(artifact: Path, place: Callable) -> None:
    outside = artifact.parent.parent / "outside"
    before = tree(outside)
    place(artifact.parent).symlink_to(outside / "secret.txt")
    told = answer(["report", artifact], artifact.parent, *artifacts.DRAWING)
    assert told.status == 0, told.err
    assert tree(outside) == before


def test_an_artifact_that_is_a_link_is_listed_as_damaged(artifact: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(artifact, tmp_path / "outside" / "mine.zarr")
    (artifact.parent / "linked.zarr").symlink_to(elsewhere)
    lines = answer(["list", artifact.parent], artifact.parent / "pages").out.splitlines()
    assert ["linked", "damaged"] in [line.split() for line in lines]


def test_nothing_is_run_into_an_artifact_with_links(artifact: Path, made: list[Path]) -> None:
    """Running a spec again repairs what is there; behind a link that is somebody else's."""
    outside = artifact.parent.parent / "outside"
    shutil.rmtree(artifact / "derivatives" / "c")
    (artifact / "derivatives" / "c").symlink_to(outside)
    before = tree(outside)
    spec = made[0].parent.parent / "small.toml"
    allowed = (artifact.parent, cache.folder(), *artifacts.DRAWING)
    told = answer(["run", spec, "--store", artifact.parent, "--no-report"], *allowed)
    assert told.status == 2
    assert "is a link; an artifact holds plain files alone" in told.err
    assert tree(outside) == before


def test_names_of_folders_need_not_be_text(artifact: Path) -> None:
    os.rename(os.fsencode(artifact), os.fsencode(artifact.parent) + b"/\xff\x1b[2J<b>.zarr")  # noqa: PTH104
    (renamed,) = artifact.parent.glob("*.zarr")
    told = answer(["report", renamed], artifact.parent, *artifacts.DRAWING)
    assert told.status == 0, told.err
    (renamed / "zarr.json").write_text("")  # a damaged one is listed by its folder
    assert "\\x1b[2J<b>" in answer(["list", artifact.parent], artifact.parent / "pages").out
    assert answer(["verify", renamed]).status == 1


LIMITED = """
import resource, sys
from taylorkit import cli
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
for store in sys.argv[1:]:
    artifact = f"{store}/NAME"
    print(max(cli.main(words) for words in (["verify", artifact], ["list", store], ["report", artifact])))
"""
WHOLE = {"name": "regular", "configuration": {"chunk_shape": [2**33]}}
MEMORY_BOMBS = {
    "long-axis": ("x/zarr.json", field(shape=[2**33], chunk_grid=WHOLE)),
    "long-axis-of-fill": ("x/zarr.json", field(shape=[2**33])),
    "high-order": ("zarr.json", lambda d: d["attributes"].update(order=2**31)),
    "long-name": ("zarr.json", lambda d: d["attributes"].update(name="x" * 10**7)),
}


def test_a_process_of_little_memory_says_so_too(artifact: Path, tmp_path: Path) -> None:
    stores = [shutil.copytree(artifact.parent, tmp_path / name) for name in MEMORY_BOMBS]
    for store, (name, how) in zip(stores, MEMORY_BOMBS.values(), strict=True):
        change(store / artifact.name, name, how)
        artifacts.seal(store / artifact.name)
    words = [sys.executable, "-c", LIMITED.replace("NAME", artifact.name), *map(str, stores)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.isdigit()] == ["2"] * len(stores)
    assert "Traceback" not in done.stderr
