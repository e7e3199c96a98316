"""Artifacts to tamper with: small ones of two kinds, as a run makes them."""

from pathlib import Path

import taylorkit as tk
from taylorkit import cli
from tests.store.making import LINE, write_spec

# Drawn at once: most of what a page says is in its tables.
GRAPH = """
kind = "graph"
function = "square_plus_exp"
variables = ["x"]
call = "scalars"
orders = [0]
"""


def bases(folder: Path) -> list[Path]:
    """The paths of the artifacts."""
    for name, text in {"small": f"names = {{ slope = 'x' }}\n{LINE}", "small-graph": GRAPH}.items():
        spec = write_spec(folder, text, name)
        assert cli.main(["run", str(spec), "--store", str(folder / "store"), "--no-report"]) == 0
    made = sorted((folder / "store").glob("*.zarr"))
    for (
        path
    ) in made:  # what is imported at first use is imported now: the pickles that libraries hold are no artifact's
        tk.open(path).load()
    return made
