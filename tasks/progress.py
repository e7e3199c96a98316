"""How far a task is: lines in its log, and a bar on Prefect's pages."""

import time
from math import inf
from uuid import UUID

from prefect import get_run_logger, runtime
from prefect.artifacts import create_progress_artifact, update_progress_artifact

# Seconds between two lines, and between two movements of the bar: each is a request to Prefect's server, and a block
# may take a hundredth of a second.
LINES, BAR = 10.0, 2.0


class Progress:
    """Told `title, done, total` after each block, as `taylorkit.pipeline.fill` does."""

    def __init__(self) -> None:
        self._logger = get_run_logger()
        self._said = self._moved = -inf
        self._bar: UUID | None = None

    def __call__(self, title: str, done: int, total: int) -> None:
        now, ends = time.monotonic(), done == total
        if ends or now - self._said > LINES:
            self._said = now
            self._logger.info("%s: %d of %d blocks", title, done, total)
        # Outside of a run (a task's plain function) there is no page to show a bar on.
        if runtime.task_run.id and (ends or now - self._moved > BAR):
            self._moved = now
            self._move(title, done, total)

    def _move(self, title: str, done: int, total: int) -> None:
        percent = 100.0 * done / total
        try:
            if self._bar is None:
                self._bar = create_progress_artifact(percent, description=f"{title}, {total} blocks")  # type: ignore[assignment]
            else:
                update_progress_artifact(self._bar, percent)
        except Exception as error:
            # A bar is no reason to stop computing, whatever keeps the server from answering.
            self._logger.warning("%s: the bar could not be moved (%s)", title, error)
