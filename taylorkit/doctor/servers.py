"""Prefect's servers and runners that nobody ends any more: whose flow, or `taylorkit serve`, was killed outright."""

from collections.abc import Iterator

from taylorkit.doctor.finding import Finding, Place
from taylorkit.doctor.processes import Seen, seen


def orphaned(place: Place) -> Iterator[Finding]:
    """Embedded servers whose flow is gone; the server and the runner of a `serve` that is gone."""
    for one in seen():
        if (one.is_server or one.is_runner) and one.is_left:
            what, do = _said(one)
            yield Finding(what, f"process {one.process.pid} ({' '.join(one.words)})", do)


def _said(one: Seen) -> tuple[str, str]:
    pid = one.process.pid
    if one.is_embedded:
        return "an embedded Prefect server runs on, and its flow is gone", f"kill {pid}"
    if one.is_runner:
        return (
            "`taylorkit serve` was killed, and the process that runs its deployments runs on",
            f"kill -INT {pid}, before the server; what its runs committed is kept",
        )
    return (
        "`taylorkit serve` was killed, and its Prefect server runs on and holds its port",
        f"kill -INT {pid}, then start `taylorkit serve` again",
    )
