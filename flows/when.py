"""When the folder of specs is run: options and words. Without Prefect, which is slow to import."""

import argparse

# Unless an option says otherwise.
NIGHTLY, NIGHTLY_CRON = "each night at three", "0 3 * * *"
# When markets have closed, Monday to Friday.
WEEKNIGHTS_CRON = "0 22 * * 1-5"

# Seconds between two runs: a run takes about one, and no machine runs for longer than the other.
SHORTEST, LONGEST = 1.0, 1e9


def add_options(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--cron", help="when the folder is run, instead of at three each night (UTC)")
    one.add_argument("--every", type=seconds, metavar="SECONDS", help="run the folder so often, instead")


def seconds(text: str) -> float:
    """A time between two runs. Raises ArgumentTypeError for one that is none."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not SHORTEST <= value <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no time between two runs; give seconds, {SHORTEST:g} or more")
    return value


def in_words(cron: str | None, every: float | None) -> str:
    if every is not None:
        return f"every {every:g} seconds"
    return f"by the schedule {cron!r} (UTC)" if cron is not None else NIGHTLY
