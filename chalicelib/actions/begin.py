"""Begin: the first step of a run's execution, which decides what is built and run, or why nothing is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from chalicelib.actions import amend, code, credentials, secrets
from chalicelib.actions.settle import settle
from chalicelib.aws import images
from chalicelib.call import Call
from chalicelib.domain import specifications, variables
from chalicelib.domain.blocks import DockerFile, Image
from chalicelib.domain.configured_blocks import RepeatSchedule
from chalicelib.domain.deployments import SnapshotBlock
from chalicelib.domain.runs import Run, Verdict, in_new_attempt
from chalicelib.domain.specifications import Role
from chalicelib.domain.variables import Variable
from chalicelib.store import locks, projects, runs
from chalicelib.store.table import Raced, commit
from chalicelib.store.update import until_written

LOCK_POLL_SECONDS = 5
SLACK = timedelta(minutes=90)
LEASE = timedelta(days=1)
TOO_LARGE = "its variables, the masked ones included, and its commands are too long together"

Answer = dict[str, Any]


def begin(call: Call, run_id: str, stage: str = "run") -> Answer:
    """What the state machine does next: `{"run_id", "next": "image"|"run"|"wait"|"end", ...}`.

    `stage` is `image` where a deployment builds its missing images, and `run` in the run's own execution.
    """
    run = runs.get(run_id)
    if run is None or run.is_final or run.cancelled_by is not None:
        return _end(run_id)
    if stage == "run" and run.trigger == "catch_up" and not run.attempts:
        newer = runs.newer_success(run, call.now)
        if newer is not None:
            return _refuse(call, run, "skipped", f"unnecessary: run {newer.id} is newer and succeeded")
    try:
        what = code.of_run(call, run)
    except code.NoCode as error:
        return _refuse(call, run, "start_failed", str(error))
    if stage == "run" and (waiting := _lock(call, run, what)) is not None:
        return waiting
    return _build(call, run, what, stage)


def _build(call: Call, run: Run, what: SnapshotBlock, stage: str) -> Answer:
    values = variables.merged(what.variables, run.variables)
    masked = _masked(call, what, values)
    if stage == "run" and (unset := variables.unset(values, masked)):
        return _refuse(call, run, "start_failed", f"required variables have no value: {', '.join(unset)}")
    ready = _noted(call, run, what)
    if ready is None:
        return _end(run.id)
    missing = _image_is_missing(call, what)
    if stage == "image" and not missing:
        return _end(run.id)
    answer = _requests(call, ready, what, values, masked, missing)
    if specifications.is_too_large(answer):
        return _refuse(call, ready, "start_failed", TOO_LARGE)
    return answer


def _requests(
    call: Call, run: Run, what: SnapshotBlock, values: tuple[Variable, ...], masked: dict[str, str], missing: bool
) -> Answer:
    """The builds to start; what each may know is encrypted for it alone."""
    settings, block = call.settings, what.block
    token = credentials.token(call, block)
    registry = credentials.registry(call, what.image) if isinstance(block.source, Image) and what.image else None
    of_image = secrets.for_run(call, run.id, secrets.ForRun(token=token)) if missing else ()
    of_run = secrets.for_run(call, run.id, secrets.ForRun(variables=masked, token=token, registry=registry))
    return {
        "run_id": run.id,
        "next": "image" if missing else "run",
        "image": specifications.image_request(settings.image_project, run, what, of_image) if missing else None,
        "run": specifications.run_request(settings.run_project, _role(call, run), run, what, values, of_run),
    }


def _role(call: Call, run: Run) -> Role:
    """The role that the run's environment names for its jobs, else the stack's own, which may do next to nothing."""
    environment = projects.environment_of(run)
    if environment is not None and environment.role_arn is not None:
        return Role(environment.role_arn, of_environment=True)
    return Role(call.settings.run_role)


def _end(run_id: str) -> Answer:
    return {"run_id": run_id, "next": "end"}


def _refuse(call: Call, run: Run, status: str, reason: str) -> Answer:
    settle(call, run.id, msgspec.convert({"status": status, "reason": reason}, Verdict))
    return _end(run.id)


def _image_is_missing(call: Call, what: SnapshotBlock) -> bool:
    if not isinstance(what.block.source, DockerFile) or what.image is None:
        return False
    repository, tag = what.image.rsplit(":", 1)
    return not images.exists(repository, tag)


def _masked(call: Call, what: SnapshotBlock, values: tuple[Variable, ...]) -> dict[str, str]:
    """The present masked values: a rotated secret never returns, whatever snapshot runs."""
    names = {variable.name for variable in values if variable.masked}
    own = secrets.read(call, what.uid, names)
    return secrets.read(call, what.block.uid, names - own.keys()) | own


def _noted(call: Call, run: Run, what: SnapshotBlock) -> Run | None:
    """The run with its attempt, commit and image written down; None where it ended meanwhile."""
    check_at = call.now + timedelta(seconds=what.configuration.timeout_seconds) + SLACK

    def noted(present: Run) -> Run | None:
        if present.cancelled_by is not None:
            return None
        ready = msgspec.structs.replace(present, commit=what.commit, image=what.image, check_at=check_at)
        return in_new_attempt(ready)

    after = amend.run(call, run.id, noted)
    return None if after is None or after.is_final or after.cancelled_by is not None else after


def _lock(call: Call, run: Run, what: SnapshotBlock) -> Answer | None:
    """Take the overlap lock, or keep it; what to do instead where another run has it; None: go on."""
    if run.force or what.trigger == "deployment" or _overlap(what, run) == "allow":
        return None
    holder = take_lock(call, run, what.configuration.timeout_seconds)
    if holder is None:
        if _overlap(what, run) == "queue" or run.trigger == "catch_up":
            locks.leave_queue(run.uid, run.id)
        return None
    if run.deployment is None and run.trigger != "catch_up":
        return _refuse(call, run, "skipped", f"overlap: run {holder} is active")
    return _wait(call, run, holder, what.configuration.timeout_seconds)


def _wait(call: Call, run: Run, holder: str, most_seconds: int) -> Answer:
    """Wait for the lock, as long as the run may take itself: deployments' jobs and catch-up runs are not skipped."""
    since = run.waiting_since or call.now
    if (call.now - since).total_seconds() >= most_seconds:
        return _refuse(call, run, "failed", f"overlap: waited {most_seconds} s for run {holder}")
    reason = f"overlap: waits for run {holder}"
    amend.run(call, run.id, lambda r: msgspec.structs.replace(r, waiting_since=since, reason=reason))
    return {"run_id": run.id, "next": "wait", "seconds": LOCK_POLL_SECONDS}


def _overlap(what: SnapshotBlock, run: Run) -> str | None:
    """The schedule's overlap policy, for its ticks and what catches up on them."""
    mode = what.configuration.run
    return mode.overlap if run.trigger in ("schedule", "catch_up") and isinstance(mode, RepeatSchedule) else None


def take_lock(call: Call, run: Run, timeout_seconds: int) -> str | None:
    """Take the lock of the run's configured block; answers the active run that holds it, None: it is ours."""
    until = call.now + timedelta(seconds=timeout_seconds) + LEASE

    instead_of: str | None = None

    def attempt() -> str | None:
        nonlocal instead_of
        try:
            commit(locks.take(run.uid, run.id, call.now, until, instead_of))
        except Raced:
            instead_of = locks.holder(run.uid)
            active = runs.get(instead_of) if instead_of is not None else None
            if active is not None and not active.is_final:
                return active.id
            raise
        return None

    return until_written(attempt)
