"""Compare an artifact with its records."""

from prefect import get_run_logger

from tasks.common import thin_task
from taylorkit.store.verify import verify


@thin_task(name="verify", task_run_name="verify {artifact}")
def verify_artifact(artifact: str) -> list[str]:
    """What is wrong with an artifact, one line each; empty where every array is what was written."""
    problems = verify(artifact)
    get_run_logger().info("%s: %s", artifact, "; ".join(problems) or "every array is what was written")
    return problems
