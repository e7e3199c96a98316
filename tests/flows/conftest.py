"""One private Prefect home and server for all flows of a test run."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def prefect_home() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
