"""The examples of the pages and of the docstrings run: `make docs`.

Of a page every block of `python` runs (where it has prompts, it must answer what is written), and every block of `sh`,
in a folder of the page's own. A block whose first line is a comment with a file's name, `# throw.py`, is written there.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# A folder for each worker: two that write one file of the compiler's cache at once may read half of it, and warn.
if "TAYLORKIT_CACHE" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["TAYLORKIT_CACHE"] = tempfile.mkdtemp(prefix="taylorkit-docs-")
    atexit.register(shutil.rmtree, os.environ["TAYLORKIT_CACHE"], ignore_errors=True)

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

collect_ignore = ["conf.py", "extensions"]

ROOT = Path(__file__).parents[1]
FILE = re.compile(r"# ([\w-]+\.(?:py|toml))\n")
# A command of a page that takes longer hangs.
SECONDS = 120


def write(example: Example) -> None:
    Path(FILE.match(example.parsed)[1]).write_text(example.parsed, encoding="utf-8")


def run(example: Example) -> None:
    """As a shell of the reader would, with the taylorkit of this checkout."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    command = ["bash", "-eo", "pipefail", "-c", example.parsed]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"{example.parsed}\n{done.stdout}\n{done.stderr}"


def files(document: Document) -> Iterable[Region]:
    for language in ("python", "toml"):
        yield from (r for r in CodeBlockParser(language, write)(document) if FILE.match(r.parsed))


def code(document: Document) -> Iterable[Region]:
    for region in PythonCodeBlockParser()(document):
        if not (isinstance(region.parsed, str) and FILE.match(region.parsed)):
            yield region


def enter(namespace: dict[str, Any]) -> None:
    namespace["_left"], namespace["_folder"] = Path.cwd(), tempfile.mkdtemp(prefix="taylorkit-page-")
    os.chdir(namespace["_folder"])
    # Files of the page can be imported from it, as from a reader's own folder.
    sys.path.insert(0, namespace["_folder"])


def leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_left"])
    sys.path.remove(namespace["_folder"])
    shutil.rmtree(namespace["_folder"], ignore_errors=True)


pytest_collect_file = Sybil(
    parsers=[files, code, CodeBlockParser("sh", run)], patterns=["*.md"], setup=enter, teardown=leave
).pytest()
