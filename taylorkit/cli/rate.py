"""What a line of progress says of a step: what is done, what is left, and how fast it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from taylorkit.cli.answer import counted

if TYPE_CHECKING:
    from taylorkit.pipeline.job import Step


@dataclass(frozen=True)
class Size:
    """A step: its place among the others, its points, and what its numbers take."""

    place: str
    points: int
    bytes: int
    blocks: int

    @classmethod
    def of(cls, number: int, steps: "Sequence[Step]") -> "Size":
        section = steps[number].section
        return cls(f"step {number + 1}/{len(steps)}", prod(section.shape), section.bytes, max(1, section.block_count))


def told(title: str, size: Size, done: int, total: int, seconds: float) -> str:
    """One line: what is done, how long the rest of the step takes at its rate so far, and this rate.

    Bytes are those of the numbers before compression.
    """
    head = f"  {size.place}, {title}: {done}/{counted(total, 'block')}"
    if not done or seconds <= 0:
        return f"{head}, {clock(seconds)} so far"
    rate = done / seconds
    work = f"{rate * size.points / size.blocks:,.0f} points/s" if size.points > 1 else f"{rate:.3g} blocks/s"
    return f"{head}, {clock((total - done) / rate)} left, {work}, {rate * size.bytes / size.blocks / 1e6:,.1f} MB/s"


def clock(seconds: float) -> str:
    """0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
