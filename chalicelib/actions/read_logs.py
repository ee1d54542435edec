"""Reading a run's log: the lines of all its builds, in order, by a cursor that goes on while the run goes on."""

from __future__ import annotations

import msgspec

from chalicelib.aws import logs
from chalicelib.aws.logs import Line
from chalicelib.call import Call
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.domain.runs import Run

PAGE = 1000


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a reader is: the build's index among all of the run's, and CloudWatch's token in it."""

    build: int = 0
    token: str | None = None


class Lines(msgspec.Struct, frozen=True):
    """A page of lines; `complete` when there are no more and will be none."""

    lines: list[Line]
    next: Position
    complete: bool


def read(call: Call, run: Run, position: Position) -> Lines:
    """The next lines after `position`; raises Invalid for a position that can't be one of this run."""
    builds = [build for attempt in run.attempts for build in attempt.builds]
    if not 0 <= position.build <= len(builds):
        raise Invalid([FieldError("after", "not a cursor of this run; leave it out to read from the start")])
    if position.build == len(builds):
        return Lines([], position, run.is_final)
    project, stream = builds[position.build].split(":", 1)
    found, token = logs.lines(f"/aws/codebuild/{project}", stream, position.token, PAGE)
    drained = not found and token == position.token
    ended = run.is_final or position.build + 1 < len(builds)
    if drained and ended:
        after = Position(position.build + 1)
        return Lines([], after, run.is_final and after.build == len(builds))
    return Lines(found, Position(position.build, token), False)
