"""The reference artifacts, made once: no figure changes what it is drawn from."""

import pytest

from taylorkit.plotting import Source
from tests.plotting import synthetic


@pytest.fixture(scope="session")
def waves() -> Source:
    return synthetic.waves()


@pytest.fixture(scope="session")
def ramp() -> Source:
    return synthetic.ramp()


@pytest.fixture(scope="session")
def cubic() -> Source:
    return synthetic.cubic()


@pytest.fixture(scope="session")
def atlas() -> Source:
    return synthetic.plane(synthetic.cubic((9, 8), 3))
