"""Figures and pages, from artifacts alone."""

from pathlib import Path

from prefect import get_run_logger

from tasks.common import thin_task
from taylorkit import pages


@thin_task(name="draw", task_run_name="draw {artifact}")
def draw_page(artifact: str) -> str:
    """Draw an artifact's figures and its page; the page's path."""
    page = pages.report(artifact)
    get_run_logger().info("drew %s", page)
    return str(page)


@thin_task(name="index", task_run_name="index {store}")
def write_index(store: str) -> str:
    """Write the page over all artifacts of a store, where it shows anything else; its path."""
    return str(pages.index(Path(store)))
