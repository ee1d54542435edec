"""Numbers and names in plain English."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
SHORT = 5  # a longer even series is told by its first three values and its last


def listed(items: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def series(values: Sequence[int]) -> str:
    """Ascending numbers: `9 to 17`, `0, 7, 14, ... 56`, `3, 17 and 42`."""
    steps = {after - before for before, after in pairwise(values)}
    if len(values) > SHORT and len(steps) == 1 and steps != {1}:
        return f"{values[0]}, {values[1]}, {values[2]}, ... {values[-1]}"
    return listed([_run(run) for run in _runs(values)])


def one_run(values: Sequence[int]) -> bool:
    """Whether each follows the one before."""
    return values[-1] - values[0] == len(values) - 1


def interval(values: Sequence[int], whole: int) -> int | None:
    """The distance from each value to the next, where it is the same over the end of the hour or day too."""
    steps = {after - before for before, after in pairwise([*values, values[0] + whole])}
    return steps.pop() if len(steps) == 1 else None


def _run(run: Sequence[int]) -> str:
    return f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0])


def _runs(values: Sequence[int]) -> list[list[int]]:
    """Three or more that follow one another together, else each alone."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [part for run in runs for part in ([run] if len(run) > 2 else [[value] for value in run])]
