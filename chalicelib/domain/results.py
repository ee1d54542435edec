"""What is failing or running now: the last result of each job, and the reasons why a project is in such a list."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.projects import DeploymentStatus, Environment
from chalicelib.domain.runs import RETRIED, Run, RunStatus

State = Literal["failing", "running"]

FAILED: frozenset[RunStatus] = RETRIED | {"missed"}
FAILED_DEPLOYMENTS: tuple[DeploymentStatus, ...] = ("failed", "deployed_with_failures")
LONGEST_REASON = 300


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One job or deployment for which a project is failing or running; `hostname` and `run` are null for a deployment.

    `at` is when it ended, for what is running when it was requested.
    """

    environment: str
    hostname: str | None = None
    deployment: int | None = None
    run: str | None = None
    status: RunStatus | DeploymentStatus
    reason: str | None = None
    exit_code: int | None = None
    at: datetime


class LastResult(msgspec.Struct, frozen=True, kw_only=True):
    """The last result of a configured block's jobs; `result` is None before the first."""

    uid: str
    project: str
    environment: str
    environment_uid: str
    hostname: str
    result: Reason | None = None
    version: int = 0

    @property
    def is_failing(self) -> bool:
        """Whether the last run that says something about the job failed, or its last tick was missed."""
        return self.result is not None and self.result.status in FAILED


def before_the_first(configured: ConfiguredBlock) -> LastResult:
    """Return the result row of a block that has just been added."""
    return LastResult(
        uid=configured.uid,
        project=configured.project,
        environment=configured.environment,
        environment_uid=configured.environment_uid,
        hostname=configured.hostname,
    )


def after(last: LastResult, run: Run) -> LastResult | None:
    """Return the last result once `run` has ended; None where a later one is known.

    A missed tick counts from its minute: the watchdog finds it when newer ticks may have run.
    """
    reason = of_run(run)
    if last.result is not None and last.result.at > reason.at:
        return None
    return msgspec.structs.replace(last, result=reason)


def says_something(run: Run) -> bool:
    """Whether a run that has ended is a job's result. Who cancels or skips a run learns nothing about the job."""
    return run.is_final and run.trigger != "deployment" and run.status not in ("cancelled", "skipped")


def of_run(run: Run) -> Reason:
    """Return a run as a reason."""
    ended = run.scheduled_at if run.status == "missed" else run.finished_at
    return Reason(
        environment=run.environment,
        hostname=run.hostname,
        deployment=run.deployment,
        run=run.id,
        status=run.status,
        reason=run.reason[:LONGEST_REASON] if run.reason else None,
        exit_code=run.exit_code,
        at=ended or run.created_at,
    )


def of_environment(environment: Environment) -> tuple[State, Reason] | None:
    """Return what the latest deployment makes of an environment; None where it is neither failing nor running."""
    status = environment.status
    if status != "running" and status not in FAILED_DEPLOYMENTS:
        return None
    reason = Reason(
        environment=environment.internal_name,
        deployment=environment.latest,
        status=environment.latest_status or "running",
        at=environment.latest_at or environment.updated_at,
    )
    return ("running" if status == "running" else "failing"), reason
