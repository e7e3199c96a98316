"""How times are taken."""

from collections.abc import Callable, Hashable, Mapping
from time import perf_counter
from typing import Any, TypeVar

import jax
import numpy as np

from taylorkit.errors import SpecError

Key = TypeVar("Key", bound=Hashable)


def timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """What `action` returns, all of it computed, and the seconds that it took."""
    start = perf_counter()
    result = jax.block_until_ready(action())
    return result, perf_counter() - start


def medians(actions: Mapping[Key, Callable[[], Any]], repetitions: int) -> dict[Key, float]:
    """The median seconds of each action over `repetitions` rounds; a round runs each once, after
    one to warm up.

    Raises SpecError where `repetitions` is not positive.
    """
    if repetitions < 1:
        raise SpecError(f"repetitions = {repetitions}: must be 1 or more")
    rounds = [[timed(action)[1] for action in actions.values()] for _ in range(repetitions + 1)]
    return dict(zip(actions, np.median(rounds[1:], axis=0).tolist(), strict=True))
