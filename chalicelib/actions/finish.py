"""Finish: the last step of an attempt, which settles the run or says when the next attempt is due."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.actions import amend, settle
from chalicelib.aws import builds
from chalicelib.call import Call
from chalicelib.domain import runs as rules
from chalicelib.domain.runs import Run, Verdict
from chalicelib.store import configured_blocks, deployments, runs

Answer = dict[str, Any]
_BUILD_ID = re.compile(r"build/([^\"\\/]+:[0-9a-f-]{36})")


def finish(call: Call, run_id: str, stage: str, result: dict[str, Any]) -> Answer:
    """`{"next": "run"|"wait"|"end", "seconds"}` after a build of `stage` (`image`, `run`) ended with `result`.

    `result` is `{"build_id"}`, or `{"Error", "Cause"}` where Step Functions caught something.
    """
    run = runs.get(run_id)
    if run is None:
        return _next("end")
    if run.is_final:
        settle.release(call, run)  # who settled it may have come no further
        return _next("end")
    build_id = _build_id(call, run, stage, result)
    verdict = _verdict(build_id, result)
    if build_id is not None:
        run = amend.run(call, run_id, lambda present: rules.with_build(present, build_id)) or run
    return _image(call, run, verdict) if stage == "image" else _attempt(call, run, verdict)


def _next(word: str, seconds: int = 0) -> Answer:
    return {"next": word, "seconds": seconds}


def _build_id(call: Call, run: Run, stage: str, result: dict[str, Any]) -> str | None:
    """Return the build of this stage: from the result, the error's cause, or what the build's own event noted.

    A refused StartBuild names no build. The attempt's build of another stage (its image) must not answer for it:
    its success would count as that of a job that never ran.
    """
    caught = _BUILD_ID.search(str(result.get("Cause", "")))
    noted = run.attempts[-1].builds if run.attempts else ()
    candidates = (result.get("build_id"), caught.group(1) if caught else None, *reversed(noted))
    project = call.settings.image_project if stage == "image" else call.settings.run_project
    return next((str(build) for build in candidates if build and str(build).startswith(f"{project}:")), None)


def _verdict(build_id: str | None, result: dict[str, Any]) -> Verdict:
    facts = builds.facts(build_id) if build_id is not None else None
    if facts is not None:
        return rules.verdict(facts)
    told = f"{result.get('Error', 'the build')}: {result.get('Cause', 'could not be started')}"
    return Verdict(status="start_failed", reason=told[:500])


def _image(call: Call, run: Run, verdict: Verdict) -> Answer:
    if verdict.status == "succeeded":
        return _next("run")
    failed = Verdict(status="start_failed", reason=verdict.reason)
    for run_id in _sharing(run):
        settle.settle(call, run_id, failed)
    return _next("end")


def _sharing(run: Run) -> list[str]:
    """The runs of the same deployment that need the same image: none of them can begin."""
    if run.deployment is None:
        return [run.id]
    deployment = deployments.by_number(run.environment_uid, run.deployment)
    others = runs.get_many(deployment.run_ids) if deployment else {run.id: run}
    return [other.id for other in others.values() if other.id == run.id or (run.image and other.image == run.image)]


def _attempt(call: Call, run: Run, verdict: Verdict) -> Answer:
    count, backoff = _retries(run)

    def another(present: Run) -> Run | None:
        seconds = rules.next_attempt_in(present, verdict, count, backoff)
        if seconds is None or present.cancelled_by is not None:
            return None
        return rules.to_be_retried(present, verdict, call.now, count, seconds)

    after = amend.run(call, run.id, another)
    if after is None or after.is_final:
        return _next("end")
    seconds = rules.next_attempt_in(after, verdict, count, backoff)
    if seconds is not None and after.attempts[-1].finished_at is not None:
        return _next("wait", seconds)
    if after.cancelled_by is not None:
        verdict = Verdict(status="cancelled", reason=f"cancelled by {after.cancelled_by}")
    settle.settle(call, run.id, verdict)
    return _next("end")


def _retries(run: Run) -> tuple[int, int]:
    if run.deployment is not None:
        found = deployments.snapshot_block(run.environment_uid, run.deployment, run.hostname)
        retries = found.configuration.retries if found else None
    else:
        configured = configured_blocks.get(run.environment_uid, run.hostname)
        retries = configured.configuration.retries if configured and configured.uid == run.uid else None
    return (retries.count, retries.backoff_seconds) if retries else (0, 0)
