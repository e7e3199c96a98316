"""Drawing what may have no picture: for its values alone a figure is left out of a page, which says so in its place."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from taylorkit.errors import TaylorkitError, UndrawableError
from taylorkit.plotting import Source

__all__ = ["EXTREME", "attempt"]

EXTREME = "some of its numbers are not finite, or larger or smaller than an axis can show"
# Beyond these squares, sums, margins of an axis and ticks leave the floats.
LARGEST, SMALLEST = 1e300, 1e-300

Made = TypeVar("Made")


def attempt(source: Source, make: Callable[[], Made]) -> Made | str:
    """What `make` makes of the source, or why that has no picture.

    A request that nobody could answer is refused as ever, and whatever else fails is no fault of the values where all
    of them are of ordinary size.
    """
    try:
        return make()
    except UndrawableError as error:
        return str(error)
    except TaylorkitError:
        raise
    except (ValueError, ArithmeticError):
        if not _is_extreme(source):
            raise
        return EXTREME


def _is_extreme(source: Source) -> bool:
    datasets = (source.root, *source.evaluations.values())
    return any(_beyond(array.values) for d in datasets for array in d.data_vars.values() if array.dtype.kind == "f")


def _beyond(values: np.ndarray) -> bool:
    sizes = np.abs(values)
    return bool((~(sizes <= LARGEST) | ((sizes < SMALLEST) & (sizes > 0))).any())
