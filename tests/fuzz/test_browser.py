"""A function that is called <script>: its pages show the name and never run it, in a browser where one is found."""

from pathlib import Path

import pytest

from taylorkit import cli
from tests.browsing import browser, document
from tests.fuzz.hostile import SCRIPT
from tests.report.reading import Page

TITLE = "<script>document.title = 'script ran'</script><img src=x onerror=\"document.title = 'image ran'\">"
OWN = f"""
import jax.numpy as jnp


def f(script, img):
    return jnp.sin(script) * img


globals()[{SCRIPT!r}] = f
"""
SPEC = f"""
title = '''{TITLE}'''
description = '{SCRIPT}'
function = 'own.py:{SCRIPT}'
formula = '\\text{{{SCRIPT}}}'
variables = ["script", "img"]
call = "scalars"
order = 1
grid = {{ script = 0.0, img = 0.0 }}

[evaluations.script]
script = [0.0, 1.0]
img = [0.0, 1.0]

[report]
figures = [{{ kind = "convergence", title = '{SCRIPT}' }}]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("script")
    (folder / "own.py").write_text(OWN)
    (folder / "named.toml").write_text(SPEC)
    assert cli.main(["run", str(folder / "named.toml"), "--store", str(folder / "store")]) == 0
    return folder / "store"


def pages(store: Path) -> list[Path]:
    return [store / "index.html", *store.glob("pages/*/index.html")]


def test_the_pages_show_the_name_and_run_nothing(store: Path, tmp_path: Path) -> None:
    titles = {store / "index.html": ["Artifacts"]}
    assert len(pages(store)) == 2
    for page in pages(store):
        read = Page(document(page, tmp_path))
        assert read.texts["title"] == titles.get(page, [TITLE]), "a script wrote another"
        assert read.foreign() == []
        # A page holds its pictures; the index links those beside the pages.
        ours = "pages/" if page in titles else "data:image/"
        assert all(image["src"].startswith(ours) and "onerror" not in image for image in read.all("img"))
        assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
        shown = [text for texts in read.texts.values() for text in texts]
        assert TITLE in shown
        assert any(SCRIPT in text for text in shown if text != TITLE)


def test_a_script_would_have_been_seen(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<!DOCTYPE html><title>quiet</title><script>document.title = 'script ran'</script>")
    read = Page(document(page, tmp_path))
    assert read.foreign() and read.texts["title"] == ["script ran" if browser() else "quiet"]


def test_drawings_hold_no_script(store: Path) -> None:
    drawings = list(store.glob("pages/*/figures/*.svg"))
    assert drawings
    for drawing in drawings:
        assert "<script" not in drawing.read_text()
