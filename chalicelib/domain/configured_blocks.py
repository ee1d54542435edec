"""A configured block: one block in one environment under a hostname, with its ref, limits and run mode."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chalicelib.domain import blocks, cron
from chalicelib.domain import variables as variable_rules
from chalicelib.domain.blocks import Block
from chalicelib.domain.names import InternalName
from chalicelib.domain.problems import FieldError
from chalicelib.domain.variables import Variable

Phase = Literal["pre_deployment", "post_deployment"]
ScheduleStatus = Literal["pending", "published"]


class Ref(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of a branch, a tag or a commit."""

    branch: str | None = None
    tag: str | None = None
    commit: str | None = None


class RunOnce(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="run_once"):
    """Run once in each deployment, before or after its services; equal `order`s run side by side."""

    phase: Phase = "pre_deployment"
    order: Annotated[int, Meta(ge=0, le=999)] = 0
    run_on_rollback: bool = False


class RepeatSchedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="repeat_schedule"):
    """Run at each minute that the pattern names in the time zone."""

    cron: Annotated[str, Meta(min_length=1, max_length=250, description="five fields", examples=["*/30 * * * *"])]
    timezone: Annotated[str, Meta(min_length=1, max_length=50, examples=["Europe/Berlin"])] = "UTC"
    overlap: Literal["skip", "queue", "replace", "allow"] = "skip"
    catch_up: Literal["none", "last"] = "none"


RunMode = RunOnce | RepeatSchedule


class Retries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many further attempts, and the seconds before the first of them; each next wait is twice as long."""

    count: Annotated[int, Meta(ge=0, le=10)] = 0
    backoff_seconds: Annotated[int, Meta(ge=0, le=3600)] = 10


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What Configure KintoBlock says of a block in an environment."""

    block: InternalName
    ref: Ref | None = None
    run: RunMode | None = None
    variables: tuple[Variable, ...] = ()
    memory_mb: int = 128
    timeout_seconds: int = 300
    retries: Retries = Retries()


class ConfiguredBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration as it is stored under its hostname; `rules` are the schedule's published rules."""

    uid: str
    hostname: InternalName
    project: str
    project_uid: str
    environment: str
    environment_uid: str
    block_uid: str
    configuration: Configuration
    masked_values: dict[str, str] = {}
    schedule_status: ScheduleStatus | None = None
    rules: tuple[str, ...] = ()
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def schedule(self) -> RepeatSchedule | None:
        """The schedule, if it has one."""
        run = self.configuration.run
        return run if isinstance(run, RepeatSchedule) else None


def errors(configuration: Configuration, block: Block) -> list[FieldError]:
    """Everything that is wrong with configuring `block` so."""
    found = variable_rules.errors(configuration.variables)
    found += _ref_errors(configuration.ref, block)
    if block.flavor == "service" and configuration.run is not None:
        found.append(FieldError("run", "a service has no run mode; leave it out"))
    if isinstance(configuration.run, RepeatSchedule):
        found += schedule_errors(configuration.run.cron, configuration.run.timezone, "run.")
    return found


def schedule_errors(pattern: str, timezone: str, prefix: str = "") -> list[FieldError]:
    """What is wrong with a cron pattern and a time zone."""
    found: list[FieldError] = []
    try:
        cron.parse(pattern)
    except ValueError as error:
        found.append(FieldError(f"{prefix}cron", str(error)))
    try:
        cron.zone(timezone)
    except ValueError as error:
        found.append(FieldError(f"{prefix}timezone", str(error)))
    return found


def _ref_errors(ref: Ref | None, block: Block) -> list[FieldError]:
    if ref is None:
        return []
    if block.repository is None:
        return [FieldError("ref", "an image has no ref; leave it out")]
    given = {name: value for name, value in msgspec.structs.asdict(ref).items() if value is not None}
    if len(given) != 1:
        return [FieldError("ref", 'exactly one of branch, tag or commit; write e.g. {"branch": "main"}')]
    (kind, value), *_ = given.items()
    if kind == "commit":
        valid = re.fullmatch("[0-9a-f]{40}", value)
        return [] if valid else [FieldError("ref.commit", "the full commit: 40 hexadecimal digits, lower case")]
    problem = blocks.ref_problem(value) if len(value) <= 250 else "at most 250 characters"
    return [FieldError(f"ref.{kind}", problem)] if problem else []


def with_defaults(configuration: Configuration, block: Block) -> Configuration:
    """The same with what was left open filled in: the block's branch; a job runs once, before the deployment."""
    ref = configuration.ref
    if ref is None and block.repository is not None:
        ref = Ref(branch=block.repository.branch)
    run = configuration.run
    if run is None and block.flavor == "job":
        run = RunOnce()
    return msgspec.structs.replace(configuration, ref=ref, run=run)


def schedule_id(configured: ConfiguredBlock) -> str:
    """What a rule's target carries: enough to find the schedule by one read, and to know a namesake from it."""
    return f"{configured.environment_uid}.{configured.uid}.{configured.hostname}"
