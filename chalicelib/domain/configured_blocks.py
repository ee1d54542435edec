"""A configured block: one block in one environment under a hostname, with its ref, limits and run mode."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from chalicelib.domain import crontab, timezones
from chalicelib.domain import variables as variable_rules
from chalicelib.domain.blocks import Block, Flavor, RefName
from chalicelib.domain.names import InternalName
from chalicelib.domain.problems import FieldError
from chalicelib.domain.variables import Variables

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)

MemoryMb = Annotated[int, Meta(ge=32, le=147456, description="megabytes, 32 to 147456")]
TimeoutSeconds = Annotated[int, Meta(ge=1, le=86400, description="seconds, 1 to 86400 (a day)")]

CommitId = Annotated[
    str, Meta(max_length=40, pattern="^[0-9a-f]{40}$", description="the full commit: 40 hexadecimal digits, lower case")
]


def check_cron(pattern: str) -> None:
    """Raise ValueError where the pattern can't be a schedule's."""
    crontab.parse(pattern)


def check_timezone(name: str) -> None:
    """Raise ValueError where there is no such time zone."""
    timezones.zone(name)


CronPattern = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=250,
        description="the five fields of crontab",
        examples=["*/30 * * * *"],
        extra={"check": check_cron},
    ),
]
ZoneName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=50,
        description="an IANA time zone",
        examples=["Europe/Berlin"],
        extra={"check": check_timezone},
    ),
]

Phase = Literal["pre_deployment", "post_deployment"]
ScheduleStatus = Literal["pending", "published"]


class Ref(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of a branch, a tag or a commit."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("branch", "tag", "commit")
    branch: RefName | None = None
    tag: RefName | None = None
    commit: CommitId | None = None


class RunOnce(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="run_once"):
    """Run once in each deployment, before or after its services; equal `order`s run side by side."""

    phase: Phase = "pre_deployment"
    order: Annotated[int, Meta(ge=0, le=999)] = 0
    run_on_rollback: bool = False


class RepeatSchedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="repeat_schedule"):
    """Run at each minute that the pattern names in the time zone."""

    cron: CronPattern
    timezone: ZoneName = "UTC"
    overlap: Literal["skip", "queue", "replace", "allow"] = "skip"
    catch_up: Literal["none", "last"] = "none"


class Manual(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="manual"):
    """Run only when somebody starts it; deployments leave it alone."""


RunMode = RunOnce | RepeatSchedule | Manual


class Retries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many further attempts, and the seconds before the first of them; each next wait is twice as long."""

    count: Annotated[int, Meta(ge=0, le=10)] = 0
    backoff_seconds: Annotated[int, Meta(ge=0, le=3600)] = 10


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What Configure KintoBlock says of a block in an environment."""

    block: InternalName
    ref: Ref | None = None
    run: RunMode | None = None
    variables: Variables = ()
    memory_mb: MemoryMb = 128
    timeout_seconds: TimeoutSeconds = 300
    retries: Retries = Retries()


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Why and until when a schedule rests; `until` None: until somebody resumes it."""

    reason: str
    until: datetime | None = None
    by: str
    at: datetime


class Former(msgspec.Struct, frozen=True):
    """A schedule that was changed at `until`; the ticks before that are still its own."""

    schedule: RepeatSchedule
    until: datetime


class Unpublished(msgspec.Struct, frozen=True):
    """Why a schedule could not be published: what AWS said, and how often in a row it was tried."""

    code: str
    reason: str
    attempts: int = 1

    @property
    def is_quota(self) -> bool:
        """Whether a quota of the account is used up, so that the next schedule would be refused too."""
        return self.code in ("LimitExceededException", "ServiceQuotaExceededException")

    @property
    def retry_in(self) -> timedelta:
        """How long to wait before the next attempt: five minutes, doubled each time, at most six hours."""
        return min(FIRST_RETRY * (1 << min(self.attempts - 1, 10)), LONGEST_RETRY)


class ConfiguredBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration as it is stored under its hostname.

    `unpublished` is why a pending schedule is not published yet, once AWS has refused it. `rules` are the schedule's
    published rules; `next_due` is the first of its ticks that is not accounted for; `former` are the schedules before
    this one, oldest first, whose ticks may still be owed an account.
    """

    uid: str
    hostname: InternalName
    project: str
    project_uid: str
    environment: str
    environment_uid: str
    block_uid: str
    flavor: Flavor
    configuration: Configuration
    masked_values: dict[str, str] = {}
    schedule_status: ScheduleStatus | None = None
    unpublished: Unpublished | None = None
    rules: tuple[str, ...] = ()
    former: tuple[Former, ...] = ()
    pause: Pause | None = None
    next_due: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def schedule(self) -> RepeatSchedule | None:
        """The schedule, if it has one."""
        run = self.configuration.run
        return run if isinstance(run, RepeatSchedule) else None


def paused_at(configured: ConfiguredBlock, moment: datetime) -> Pause | None:
    """The pause in which the schedule rests at `moment`."""
    pause = configured.pause
    return pause if pause is not None and (pause.until is None or moment < pause.until) else None


def errors(configuration: Configuration, block: Block) -> list[FieldError]:
    """What is wrong with configuring `block` so."""
    found = variable_rules.errors(configuration.variables) or _together(configuration, block)
    if block.repository is None and configuration.ref is not None:
        found.append(FieldError("ref", "an image has no ref; leave it out"))
    if block.flavor == "service" and configuration.run is not None:
        found.append(FieldError("run", "a service has no run mode; leave it out"))
    return found


def _together(configuration: Configuration, block: Block) -> list[FieldError]:
    """A run gets the block's variables too: the limits are for all of them."""
    found = variable_rules.errors(variable_rules.merged(block.variables, configuration.variables))
    return [FieldError(error.field, f"{error.message}, those of the block included") for error in found]


def with_defaults(configuration: Configuration, block: Block) -> Configuration:
    """The same with what was left open filled in: the block's branch; a job runs once, before the deployment."""
    ref = configuration.ref
    if ref is None and block.repository is not None:
        ref = Ref(branch=block.repository.branch)
    run = configuration.run
    if run is None and block.flavor == "job":
        run = RunOnce()
    return msgspec.structs.replace(configuration, ref=ref, run=run)


def rule_key(uid: str) -> str:
    """The part of a uid that rules are named after: 80 random bits, so that names keep to 64 characters."""
    return uid[-16:]


def schedule_id(configured: ConfiguredBlock) -> str:
    """What a rule's target carries: enough to find the schedule by one read, and to know a namesake from it."""
    return f"{configured.environment_uid}.{configured.uid}.{configured.hostname}"
