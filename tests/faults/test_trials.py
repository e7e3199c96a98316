"""A trial that hangs, or ends its process, is named; the others are made."""

import os
import time

from tests.faults.trials import NotDone, each


def one(what: str) -> str:
    if what == "hangs":
        time.sleep(60)
    if what == "dies":
        os._exit(3)
    if what == "raises":
        raise KeyError("a key")
    return what.upper()


def test_each_trial_ends_alone() -> None:
    found = list(each(one, ["a", "hangs", "b", "dies", "c", "raises", "d"], seconds=0.5, processes=1))
    assert found == [
        "A",
        "LATE: not ended after 0.5 s",
        "B",
        "CRASH: the process ended with status 3",
        "C",
        "CRASH: KeyError: 'a key'",
        "D",
    ]
    assert [type(result) for result in found].count(NotDone) == 3
