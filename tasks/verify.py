"""Compare an artifact with its records, and its figures with theirs."""

from pathlib import Path

from prefect import get_run_logger

from tasks.common import thin_task
from taylorkit import drawn, indexed
from taylorkit.store.verify import verify


@thin_task(name="verify", task_run_name="verify {artifact}")
def verify_artifact(artifact: str) -> list[str]:
    """What is wrong with an artifact, one line each; empty where everything is what was written, as `taylorkit verify`
    finds it."""
    problems = _problems(Path(artifact).absolute())
    get_run_logger().info("%s: %s", artifact, "; ".join(problems) or "every array is what was written")
    return problems


def _problems(artifact: Path) -> list[str]:
    if not (artifact / "commit").is_dir():
        return [f"{artifact} holds nothing that was committed; run its spec again, or remove it if it is none of yours"]
    return [*verify(artifact), *drawn.problems(artifact), *indexed.problems(artifact.parent)]
