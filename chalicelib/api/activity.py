"""What goes on in an environment: now, lately, next, and what did not happen."""

from __future__ import annotations

from datetime import datetime

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import missing
from chalicelib.api import runs as run_answers
from chalicelib.api.http import Request, route
from chalicelib.api.runs import RunAnswer
from chalicelib.domain import schedules
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.projects import Environment
from chalicelib.store import configured_blocks as stored_blocks
from chalicelib.store import runs as stored

activity = Blueprint(__name__)

MOST = 25
NEXT = 10


class NextTick(msgspec.Struct, frozen=True):
    """A tick to come."""

    hostname: str
    at: datetime


class Activity(msgspec.Struct, frozen=True):
    """Runs that are open, the last that ended badly and that were missed (newest first), and the next ticks."""

    running: tuple[RunAnswer, ...]
    failures: tuple[RunAnswer, ...]
    next_ticks: tuple[NextTick, ...]
    missed: tuple[RunAnswer, ...]


@route(activity, "GET", "/projects/{project}/environments/{environment}/activity", role="viewer", answers=Activity)
def get_activity(request: Request, project: str, environment: str) -> Activity:
    """What is running, what failed last, what is due next, what was missed."""
    where = missing.environment(project, environment)
    now = request.call.now
    return Activity(
        running=tuple(map(run_answers.answer, stored.open_in(where.uid, MOST))),
        failures=tuple(map(run_answers.answer, stored.failed_in(where.uid, now, MOST))),
        next_ticks=_next(where, now),
        missed=tuple(map(run_answers.answer, stored.missed_in(where.uid, now, MOST))),
    )


def _next(environment: Environment, now: datetime) -> tuple[NextTick, ...]:
    if environment.shutdown:
        return ()
    coming = [tick for one in stored_blocks.all_of(environment.uid) if (tick := _of(one, now)) is not None]
    return tuple(sorted(coming, key=lambda tick: (tick.at, tick.hostname))[:NEXT])


def _of(configured: ConfiguredBlock, now: datetime) -> NextTick | None:
    after = schedules.awake_after(configured, now)
    if configured.schedule is None or after is None:
        return None
    return NextTick(configured.hostname, schedules.following(configured, after))
