"""Does the pipeline keep up? Computing and writing at once, codecs, memory, and what a run costs beside its numbers.

    python -m tests.benchmarks.pipeline [--quick] [--into FOLDER]

| module | what it measures |
|---|---|
| `overlap` | computing alone, writing alone, and the pipeline that does both; the file-write ceiling |
| `codecs` | write, read and size of a smooth field by what compresses it |
| `memory` | peak resident memory and time against the number of points, each in a process of its own |
| `overhead` | wall time of a cached run, imports |
| `commitment`, `prefect` | what each takes of the time of a task of the default size |

`measure` gives rows, plain JSON; `markdown` and `draw` make tables and plots of them.
"""

from tests.benchmarks.pipeline.plots import draw
from tests.benchmarks.pipeline.suites import measure
from tests.benchmarks.pipeline.tables import markdown

__all__ = ["draw", "markdown", "measure"]
