"""Reading a run's log: the lines of all its builds, in order, by a cursor that goes on while the run goes on."""

from __future__ import annotations

import msgspec

from chalicelib.aws import logs
from chalicelib.aws.logs import Line
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.domain.runs import Run

PAGE = 1000
MOST_CALLS = 4
# With what comes in one more call (1 MB) still an answer that a function may give.
MOST_CHARACTERS = 256 * 1024


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a reader is: the build's index among all of the run's, and CloudWatch's token in it."""

    build: int = 0
    token: str | None = None


class Lines(msgspec.Struct, frozen=True):
    """A page of lines; `complete` when there are no more and will be none."""

    lines: list[Line]
    next: Position
    complete: bool


def read(run: Run, position: Position) -> Lines:
    """The next lines after `position`; raises Invalid for a position that can't be one of this run."""
    builds = [build for attempt in run.attempts for build in attempt.builds]
    if not 0 <= position.build <= len(builds):
        raise _foreign()
    lines: list[Line] = []
    for _ in range(MOST_CALLS):
        if position.build == len(builds) or _is_page(lines):
            break
        found, token = _page(builds[position.build], position.token)
        lines += found
        drained = not found and token == position.token
        if drained and not run.is_final and position.build + 1 == len(builds):
            break
        position = Position(position.build + 1) if drained else Position(position.build, token)
    return Lines(lines, position, run.is_final and position.build == len(builds))


def _is_page(lines: list[Line]) -> bool:
    return len(lines) >= PAGE or sum(len(text) for _, text in lines) >= MOST_CHARACTERS


def _page(build: str, token: str | None) -> tuple[list[Line], str | None]:
    project, stream = build.split(":", 1)
    try:
        return logs.lines(f"/aws/codebuild/{project}", stream, token, PAGE)
    except logs.BadToken:
        raise _foreign() from None


def _foreign() -> Invalid:
    return Invalid([FieldError("after", "not a cursor of this run; leave it out to read from the start")])
