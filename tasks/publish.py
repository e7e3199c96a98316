"""What Prefect's pages show of a run: a table of errors, a picture of where they are, and the way to the page.

The pictures are those of the artifact's page, made small and put into Prefect's artifact itself (a data: URI): it shows
them wherever it is looked at, while a file of this machine is none of a browser's business.
"""

import base64
import os
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.settings import get_current_settings

from tasks.common import thin_task
from taylorkit import pages
from taylorkit.environment import ADDRESS, FOLDER
from taylorkit.plotting import caption
from taylorkit.report import requests, tables
from taylorkit.store import names

# Pixels across: what a card of Prefect's pages shows without scaling up.
WIDTH = 900


@thin_task(name="publish", task_run_name="publish {artifact}")
def publish(artifact: str) -> None:
    """Show an artifact's errors, error map and page with the run, where the server has pages to show them."""
    if not get_current_settings().server.ui.enabled:
        return
    path = Path(artifact)
    page = pages.page_of(path)
    source = pages.source(path)
    errors = tables.errors(source)
    if errors is not None:
        rows = [dict(zip(errors.head, row, strict=True)) for row in errors.rows]
        create_table_artifact(rows, _key(path, "errors"), f"{path.stem}: {errors.caption.lower()}. {errors.note}")
    for picture, words in _pictures(page, requests(source)):
        # As markdown: of an image artifact Prefect writes out the address, too, which here is the picture itself.
        create_markdown_artifact(f"![figure]({_data_uri(picture)})", _key(path, picture.stem), f"{path.stem}: {words}")
    create_link_artifact(address(page), f"Page of {path.stem}", _key(path, "page"), f"{path.stem}: figures and tables")


@thin_task(name="publish problems")
def publish_problems(problems: dict[str, list[str]]) -> None:
    """Show what was found wrong, artifact by artifact."""
    rows = [
        {"artifact": name, "found": line}
        for name, lines in problems.items()
        for line in lines or ["every array is what was written"]
    ]
    create_table_artifact(rows, "verified", "Artifacts, compared with their records byte by byte.")


def address(page: Path) -> str:
    """Where a browser finds a page: through what serves its folder, else as a file."""
    served, url = os.environ.get(FOLDER), os.environ.get(ADDRESS)
    page = page.resolve()
    if served and url and page.is_relative_to(served):
        return f"{url}/{quote(page.relative_to(served).as_posix())}"
    return page.as_uri()


def _pictures(page: Path, asked: Sequence[dict[str, Any]]) -> list[tuple[Path, str]]:
    """The page's error maps, with their captions; where its spec asked for none, the first of its figures."""
    drawn = list(zip(sorted(page.parent.glob("figures/*.png")), map(caption, asked), strict=False))
    return [(p, words) for p, words in drawn if p.stem.endswith("error_map")] or drawn[:1]


def _data_uri(picture: Path) -> str:
    """A picture as a palette PNG of at most WIDTH pixels across: a tenth of the bytes, no difference to the eye."""
    with Image.open(picture) as image:
        image.thumbnail((WIDTH, WIDTH))
        small = image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE)
    data = BytesIO()
    small.save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode('ascii')}"


def _key(artifact: Path, what: str) -> str:
    """The same for all fingerprints of a name, so that Prefect lists them as versions of one thing."""
    name, *_ = names.parts(artifact)
    return re.sub("[^a-z0-9]+", "-", f"{name}-{what}".lower()).strip("-")
