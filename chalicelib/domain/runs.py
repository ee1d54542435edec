"""A run: one execution, or one reasoned non-execution, of a configured block."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import msgspec

from chalicelib.domain.variables import Variable

Trigger = Literal["schedule", "pre_deployment", "deployment", "post_deployment", "manual", "catch_up"]
RunStatus = Literal[
    "queued",
    "running",
    "succeeded",
    "failed",
    "timed_out",
    "out_of_memory",
    "cancelled",
    "start_failed",
    "interrupted",
    "skipped",
    "missed",
]
FINAL: frozenset[RunStatus] = frozenset(get_args(RunStatus)) - {"queued", "running"}
OUTCOMES: dict[str, RunStatus] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "timed_out": "timed_out",
    "out_of_memory": "out_of_memory",
    "start_failed": "start_failed",
}
RETRIED: frozenset[RunStatus] = frozenset(("failed", "timed_out", "out_of_memory", "start_failed", "interrupted"))


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; `seconds` is how long the job's own process ran."""

    status: RunStatus
    reason: str | None = None
    exit_code: int | None = None
    seconds: float | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of a run; `builds` are its CodeBuild ids in order (an image's, then the run's)."""

    number: int
    builds: tuple[str, ...] = ()
    status: RunStatus = "queued"
    reason: str | None = None
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is stored. `command`, `variables` and `because` are what a manual run was given for itself alone.

    `order` is that of a deployment's job, which names its wave within the phase.
    """

    id: str
    uid: str
    project: str
    project_uid: str
    environment: str
    environment_uid: str
    hostname: str
    block: str
    trigger: Trigger
    order: int | None = None
    status: RunStatus = "queued"
    reason: str | None = None
    exit_code: int | None = None
    by: str
    because: str | None = None
    force: bool = False
    cancelled_by: str | None = None
    waiting_since: datetime | None = None
    command: str | None = None
    variables: tuple[Variable, ...] = ()
    deployment: int | None = None
    scheduled_at: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    commit: str | None = None
    image: str | None = None
    timeout_seconds: int = 300
    check_at: datetime
    attempts: tuple[Attempt, ...] = ()
    version: int = 0

    @property
    def outcome(self) -> str:
        """The status with its exit code, or with why it could not start, for people."""
        if self.status == "start_failed" and self.reason:
            return f"start_failed: {self.reason[:200]}"
        return f"exit code {self.exit_code}" if self.status == "failed" and self.exit_code else self.status

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL


def in_new_attempt(run: Run) -> Run:
    """The run with an attempt that has not ended: the last one, or a further one."""
    if run.attempts and run.attempts[-1].finished_at is None:
        return run
    return msgspec.structs.replace(run, attempts=(*run.attempts, Attempt(number=len(run.attempts) + 1)))


def with_build(run: Run, build_id: str) -> Run:
    """The run with a build noted on its last attempt; one that is known is of the attempt that knows it."""
    if any(build_id in attempt.builds for attempt in run.attempts):
        return run
    run = in_new_attempt(run)
    last = run.attempts[-1]
    last = msgspec.structs.replace(last, builds=(*last.builds, build_id))
    return msgspec.structs.replace(run, attempts=(*run.attempts[:-1], last))


def run_id(uid: str, at: datetime, suffix: str) -> str:
    """The id of a run: its configured block, a time by which ids sort, and what tells it from its neighbours.

    It is the execution's name too (80 characters at most): the same id starts once.
    """
    return f"{uid}-{at:%Y%m%dT%H%M%S%f}-{suffix}"


def address(run_id: str) -> tuple[str, str]:
    """The configured block's uid and the rest of an id; raises ValueError for anything else."""
    uid, rest = run_id.split("-", 1)
    if not uid or not rest:
        raise ValueError("an id has both")
    return uid, rest


def backoff(seconds: int, attempt: int) -> int:
    """How long to wait after attempt number `attempt`: doubled each time, an hour at most."""
    return min(seconds << (attempt - 1), 3600)


def verdict(build: Mapping[str, Any]) -> Verdict:
    """What a finished build (botocore's Build shape) says of the attempt.

    The runner exits 0 and exports its findings; a build that did not succeed is never the job's own exit
    (DESIGN section 6).
    """
    exported = {e["name"]: e.get("value", "") for e in build.get("exportedEnvironmentVariables", [])}
    if build.get("buildStatus") != "SUCCEEDED" or exported.get("KINTO_OUTCOME") not in OUTCOMES:
        return _without_findings(build, exported)
    try:
        return _findings(exported)
    except (ValueError, TypeError):
        return _without_findings(build, exported)


def _findings(exported: Mapping[str, str]) -> Verdict:
    return Verdict(
        status=OUTCOMES[exported["KINTO_OUTCOME"]],
        reason=exported.get("KINTO_REASON") or None,
        exit_code=int(exported["KINTO_EXIT_CODE"]) if exported.get("KINTO_EXIT_CODE") else None,
        seconds=_seconds(exported.get("KINTO_STARTED_AT"), exported.get("KINTO_FINISHED_AT")),
    )


def _without_findings(build: Mapping[str, Any], exported: Mapping[str, str]) -> Verdict:
    told = _contexts(build) or f"the build ended {build.get('buildStatus', 'without a status')}"
    begun = exported.get("KINTO_STAGE") == "run"
    status: RunStatus = "interrupted" if begun or build.get("buildStatus") in ("STOPPED", "FAULT") else "start_failed"
    return Verdict(status=status, reason=told)


def _contexts(build: Mapping[str, Any]) -> str:
    contexts = [c for phase in build.get("phases", []) for c in phase.get("contexts", []) if c.get("message")]
    return "; ".join(f"{c.get('statusCode', '')}: {c['message']}".removeprefix(": ") for c in contexts)[:500]


def _seconds(started: str | None, finished: str | None) -> float | None:
    if not started or not finished:
        return None
    return max(0.0, (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds())


def ended(run: Run, verdict: Verdict, now: datetime) -> Run:
    """The run with its last attempt ended as `verdict` says.

    Times are of the product's clock; the start is told from the process's own duration where there is one, so that
    waiting for a machine doesn't count.
    """
    run = _last_attempt_ended(run, verdict, now)
    started = run.attempts[0].started_at if run.attempts else run.started_at
    return msgspec.structs.replace(
        run,
        status=verdict.status,
        reason=verdict.reason,
        exit_code=verdict.exit_code,
        started_at=started or run.started_at,
        finished_at=now,
    )


def _last_attempt_ended(run: Run, verdict: Verdict, now: datetime) -> Run:
    if not run.attempts or run.attempts[-1].finished_at is not None:
        return run
    last = run.attempts[-1]
    started = last.started_at
    if verdict.seconds is not None:
        started = max(started or run.created_at, now - timedelta(seconds=verdict.seconds))
    last = msgspec.structs.replace(
        last,
        status=verdict.status,
        reason=verdict.reason,
        exit_code=verdict.exit_code,
        started_at=started,
        finished_at=now,
    )
    return msgspec.structs.replace(run, attempts=(*run.attempts[:-1], last))


def to_be_retried(run: Run, verdict: Verdict, now: datetime, count: int, seconds: int) -> Run:
    """The run with its last attempt ended and queued for the next, which begins in `seconds`."""
    run = _last_attempt_ended(run, verdict, now)
    number = len(run.attempts)
    told = f"attempt {number} of {count + 1} ended {run.attempts[-1].status}; the next begins in {seconds} s"
    return msgspec.structs.replace(run, status="queued", reason=told)


def running(run: Run, build_id: str, now: datetime) -> Run:
    """The run with its build begun."""
    run = with_build(run, build_id)
    last = run.attempts[-1]
    if last.status != "queued" or build_id not in last.builds:
        return run
    last = msgspec.structs.replace(last, status="running", started_at=now)
    return msgspec.structs.replace(
        run, status="running", reason=None, started_at=run.started_at or now, attempts=(*run.attempts[:-1], last)
    )


def next_attempt_in(run: Run, verdict: Verdict, count: int, backoff_seconds: int) -> int | None:
    """The seconds until another attempt is due; None when there is none."""
    if verdict.status not in RETRIED or len(run.attempts) > count:
        return None
    return backoff(backoff_seconds, len(run.attempts))
