"""Runs: history, run now, cancel, logs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.actions import cancel, missing, read_logs, start_run
from chalicelib.actions.blocks import raise_any
from chalicelib.api.http import Page, Request, route
from chalicelib.call import Call
from chalicelib.domain import variables as variable_rules
from chalicelib.domain.blocks import CommandText
from chalicelib.domain.names import Reason
from chalicelib.domain.problems import Conflict, FieldError, Invalid
from chalicelib.domain.runs import Run, RunStatus, Trigger
from chalicelib.domain.variables import Variable, Variables
from chalicelib.store import runs as stored

runs = Blueprint(__name__)

OF_BLOCK = "/projects/{project}/environments/{environment}/blocks/{hostname}/runs"
After = Annotated[str, Meta(max_length=2048)]


class RunNow(msgspec.Struct, frozen=True, kw_only=True):
    """What a manual run does otherwise than configured, for itself alone."""

    command: CommandText | None = None
    variables: Variables = ()
    reason: Reason | None = None
    force: bool = False


class AttemptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of a run."""

    number: int
    status: RunStatus
    reason: str | None
    exit_code: int | None
    started_at: datetime | None
    finished_at: datetime | None


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A run; `because` is the reason that was given for a manual one, `order` the wave of a deployment's job."""

    id: str
    project: str
    environment: str
    hostname: str
    block: str
    trigger: Trigger
    order: int | None
    status: RunStatus
    reason: str | None
    exit_code: int | None
    by: str
    because: str | None
    command: str | None
    variables: tuple[Variable, ...]
    deployment: int | None
    commit: str | None
    image: str | None
    scheduled_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: tuple[AttemptAnswer, ...]
    version: int


class LogLine(msgspec.Struct, frozen=True):
    """One line of a log."""

    at: datetime
    text: str


class LogPage(msgspec.Struct, frozen=True):
    """Lines; send `next` as `after` for those that follow. `complete`: there are and will be no more."""

    lines: list[LogLine]
    next: str
    complete: bool


def answer(run: Run) -> RunAnswer:
    """A run as it is answered."""
    return msgspec.convert(run, RunAnswer, from_attributes=True)


@route(
    runs,
    "GET",
    OF_BLOCK,
    role="viewer",
    answers=Page[RunAnswer],
    paged=True,
    query={"status": RunStatus, "trigger": Trigger},
)
def list_runs(request: Request, project: str, environment: str, hostname: str) -> Page[RunAnswer]:
    """The runs of a configured block, newest first; a page that is filtered may be empty and not the last."""
    _, configured = missing.configured_block(project, environment, hostname)
    found, after = stored.history(
        configured.uid,
        request.call.now,
        request.limit,
        request.cursor,
        request.query.get("status"),
        request.query.get("trigger"),
    )
    return request.page([answer(run) for run in found], after)


def _wrong(_: Call, __: Sequence[str], told: Mapping[str, Any]) -> list[FieldError]:
    given = told.get("variables", ())
    errors = variable_rules.errors(given)
    for index, variable in enumerate(given):
        if variable.masked:
            errors.append(FieldError(f"variables[{index}].masked", "not for one run; set it in the configuration"))
    return errors


@route(
    runs,
    "POST",
    OF_BLOCK,
    role="deployer",
    answers=RunAnswer,
    body=RunNow,
    beside=_wrong,
    status=202,
    idempotent=True,
)
def run_now(request: Request, project: str, environment: str, hostname: str, body: RunNow) -> RunAnswer:
    """Run a job now."""
    where, configured = missing.configured_block(project, environment, hostname)
    raise_any(_wrong(request.call, (), msgspec.structs.asdict(body)))
    started = start_run.run_now(
        request.call,
        where,
        configured,
        command=body.command,
        values=body.variables,
        reason=body.reason,
        force=body.force,
    )
    return answer(started)


@route(runs, "GET", "/runs/{run}", role="viewer", answers=RunAnswer)
def get_run(request: Request, run: str) -> RunAnswer:
    """One run."""
    return answer(missing.run(run))


@route(runs, "POST", "/runs/{run}/cancel", role="deployer", answers=RunAnswer, idempotent=True)
def cancel_run(request: Request, run: str) -> RunAnswer:
    """Stop a run and everything it has running."""
    present = missing.run(run)
    if present.is_final and not (request.call.repeated and present.status == "cancelled"):
        raise Conflict(f"The run is {present.status} already; there is nothing to cancel")
    return answer(cancel.cancel_run(request.call, run, request.call.by) or present)


@route(runs, "GET", "/runs/{run}/logs", role="viewer", answers=LogPage, query={"after": After})
def read_run_log(request: Request, run: str) -> LogPage:
    """Lines of a run's log; ask again with `after` while it is not complete."""
    found = read_logs.read(missing.run(run), _position(request.query.get("after")))
    lines = [LogLine(at, text) for at, text in found.lines]
    return LogPage(lines, _cursor(found.next), found.complete)


def _cursor(position: read_logs.Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def _position(cursor: str | None) -> read_logs.Position:
    if not cursor:
        return read_logs.Position()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=read_logs.Position)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise Invalid([FieldError("after", "not a cursor of ours; leave it out to read from the start")]) from None
