"""Thin Prefect tasks over the plain functions of `taylorkit.pipeline`.

Names, numbers and paths go in, small JSON comes out; arrays never cross Prefect. Nothing is cached by Prefect: what
is done is decided by the artifact's commit records, so any task may run again, and does where what failed may pass.
"""

from tasks.compute import compute_blocks, finish
from tasks.pages import draw_page, write_index
from tasks.prepare import prepare
from tasks.publish import publish, publish_problems
from tasks.verify import verify_artifact

__all__ = [
    "compute_blocks",
    "draw_page",
    "finish",
    "prepare",
    "publish",
    "publish_problems",
    "verify_artifact",
    "write_index",
]
