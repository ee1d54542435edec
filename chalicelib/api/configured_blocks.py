"""Configure KintoBlock: blocks in an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.actions import configure, missing, pause
from chalicelib.api import headers
from chalicelib.api.http import Request, route
from chalicelib.call import Call
from chalicelib.domain import names, run_overrides, schedules
from chalicelib.domain.blocks import Flavor
from chalicelib.domain.configured_blocks import (
    Configuration,
    ConfiguredBlock,
    Manual,
    Pause,
    Ref,
    Retries,
    RunMode,
    RunOnce,
    ScheduleStatus,
    paused_at,
)
from chalicelib.domain.names import Reason
from chalicelib.domain.previews import NextRun, preview
from chalicelib.domain.problems import FieldError, Invalid, Stale
from chalicelib.domain.projects import Environment
from chalicelib.domain.run_overrides import OverridesRule
from chalicelib.domain.variables import Variable, merged
from chalicelib.store import blocks as stored_blocks
from chalicelib.store import configured_blocks as stored
from chalicelib.store import projects as stored_projects

configured_blocks = Blueprint(__name__)

ADDRESS = "/projects/{project}/environments/{environment}/blocks/{hostname}"
BADGES: Mapping[str, str] = {
    "pre_deployment": "ONCE BEFORE DEPLOYMENT",
    "post_deployment": "ONCE AFTER DEPLOYMENT",
}


class PauseBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why a schedule shall rest, and until when; without `until`, until it is resumed."""

    reason: Reason
    until: Annotated[datetime, Meta(tz=True)] | None = None


class ConfiguredBlockFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered of a configured block anywhere; the words and times of its schedule are computed as of now."""

    hostname: str
    project: str
    environment: str
    block: str
    flavor: Flavor
    ref: Ref | None
    run: RunMode | None
    memory_mb: int
    timeout_seconds: int
    retries: Retries
    badge: str | None
    description: str | None
    next_runs: tuple[NextRun, ...]
    expressions: tuple[str, ...]
    schedule_status: ScheduleStatus | None
    schedule_reason: str | None
    paused: Pause | None
    created_at: datetime
    updated_at: datetime
    version: int


class VariableBrief(msgspec.Struct, frozen=True):
    """A variable without its value."""

    name: str
    required: bool
    masked: bool


class ConfiguredBlockBrief(ConfiguredBlockFields, frozen=True, kw_only=True):
    """A configured block in its environment, without the values of its variables.

    The values of fifty blocks are more than a function may answer.
    """

    variables: tuple[VariableBrief, ...]


class ConfiguredBlockAnswer(ConfiguredBlockFields, frozen=True, kw_only=True):
    """A configured block; values of masked variables are never answered.

    `run_overrides` says who may run it with another command or variables.
    """

    variables: tuple[Variable, ...]
    run_overrides: OverridesRule


def answer(call: Call, configured: ConfiguredBlock, where: Environment) -> ConfiguredBlockAnswer:
    """Return a configured block as it is answered; in an environment that is shut down nothing is due."""
    fields = msgspec.structs.asdict(_fields(call, configured, where.shutdown))
    variables = configured.configuration.variables
    block = stored_blocks.get(configured.configuration.block)
    values = merged(block.variables, variables) if block is not None else variables
    rule = run_overrides.rule(where, values)
    return ConfiguredBlockAnswer(**fields, variables=variables, run_overrides=rule)


def brief(call: Call, configured: ConfiguredBlock, shutdown: bool) -> ConfiguredBlockBrief:
    """Return a configured block as it is answered in the list of its environment."""
    variables = (VariableBrief(one.name, one.required, one.masked) for one in configured.configuration.variables)
    fields = msgspec.structs.asdict(_fields(call, configured, shutdown))
    return ConfiguredBlockBrief(**fields, variables=tuple(variables))


def _fields(call: Call, configured: ConfiguredBlock, shutdown: bool) -> ConfiguredBlockFields:
    configuration, schedule = configured.configuration, configured.schedule
    after = schedules.awake_after(configured, call.now)
    told = preview(schedule.cron, schedule.timezone, after or call.now, call.now) if schedule else None
    run = configuration.run
    return ConfiguredBlockFields(
        hostname=configured.hostname,
        project=configured.project,
        environment=configured.environment,
        block=configuration.block,
        flavor=configured.flavor,
        ref=configuration.ref,
        run=run,
        memory_mb=configuration.memory_mb,
        timeout_seconds=configuration.timeout_seconds,
        retries=configuration.retries,
        badge=told.badge if told else _badge(run),
        description=told.description if told else _description(run),
        next_runs=told.next_runs if told and after and not shutdown else (),
        expressions=told.expressions if told else (),
        schedule_status=configured.schedule_status,
        schedule_reason=configured.unpublished.reason if configured.unpublished else None,
        paused=paused_at(configured, call.now),
        created_at=configured.created_at,
        updated_at=configured.updated_at,
        version=configured.version,
    )


def _badge(run: RunMode | None) -> str | None:
    if isinstance(run, Manual):
        return "RUNS MANUALLY"
    return BADGES[run.phase] if isinstance(run, RunOnce) else None


def _description(run: RunMode | None) -> str | None:
    if isinstance(run, Manual):
        return "only when somebody starts it"
    if not isinstance(run, RunOnce):
        return None
    return f"once {'before' if run.phase == 'pre_deployment' else 'after'} each deployment"


def _wrong(call: Call, path: Sequence[str], told: Mapping[str, Any]) -> list[FieldError]:
    project, environment, hostname = path
    wrong = [] if names.is_valid(hostname) else [FieldError("hostname", f"write {names.RULE}")]
    parent = stored_projects.get(project)
    where = stored_projects.environment(parent, environment) if parent else None
    return wrong + configure.errors(call, told, stored.get(where.uid, hostname) if where else None, where)


@route(
    configured_blocks,
    "PUT",
    ADDRESS,
    role="admin",
    answers=ConfiguredBlockAnswer,
    body=Configuration,
    beside=_wrong,
    versioned=True,
)
def configure_block(
    request: Request, project: str, environment: str, hostname: str, body: Configuration
) -> ConfiguredBlockAnswer:
    """Add a block to an environment under a hostname, or change how it is configured there."""
    where = missing.environment(project, environment)
    if not names.is_valid(hostname):
        raise Invalid(_wrong(request.call, (project, environment, hostname), msgspec.structs.asdict(body)))
    present = stored.get(where.uid, hostname)
    if present is not None and request.if_match == headers.ABSENT:
        raise Stale(f"There is a block under the hostname {hostname} already; choose another")
    if present is not None:
        missing.must_match(present, request.if_match)
    elif request.if_match not in (None, headers.ABSENT):
        raise Stale(f"There is no block under the hostname {hostname}; leave If-Match out to add one")
    return answer(request.call, configure.put(request.call, where, hostname, body, present), where)


@route(configured_blocks, "GET", ADDRESS, role="viewer", answers=ConfiguredBlockAnswer)
def get_configured_block(request: Request, project: str, environment: str, hostname: str) -> ConfiguredBlockAnswer:
    """One configured block."""
    where, configured = missing.configured_block(project, environment, hostname)
    return answer(request.call, configured, where)


@route(configured_blocks, "DELETE", ADDRESS, role="admin", answers=None, versioned=True, status=204)
def remove_block(request: Request, project: str, environment: str, hostname: str) -> None:
    """Take a block out of an environment; its history stays until it expires."""
    where, configured = missing.configured_block(project, environment, hostname)
    missing.must_match(configured, request.if_match)
    configure.remove(request.call, where, configured)


@route(
    configured_blocks,
    "POST",
    ADDRESS + "/pause",
    role="deployer",
    answers=ConfiguredBlockAnswer,
    body=PauseBody,
    versioned=True,
)
def pause_schedule(
    request: Request, project: str, environment: str, hostname: str, body: PauseBody
) -> ConfiguredBlockAnswer:
    """Let a schedule rest: each of its ticks is written down as skipped."""
    where, configured = missing.configured_block(project, environment, hostname)
    missing.must_match(configured, request.if_match)
    return answer(request.call, pause.pause(request.call, configured, body.reason, body.until), where)


@route(
    configured_blocks, "POST", ADDRESS + "/resume", role="deployer", answers=ConfiguredBlockAnswer, versioned=True
)
def resume_schedule(request: Request, project: str, environment: str, hostname: str) -> ConfiguredBlockAnswer:
    """Let a paused schedule run again."""
    where, configured = missing.configured_block(project, environment, hostname)
    missing.must_match(configured, request.if_match)
    return answer(request.call, pause.resume(request.call, configured), where)
