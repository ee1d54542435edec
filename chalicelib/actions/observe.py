"""What AWS tells of builds and executions: a build has begun, an execution is over without having settled its run."""

from __future__ import annotations

from typing import Any

from chalicelib.actions import amend, complete, settle
from chalicelib.aws import builds
from chalicelib.call import Call
from chalicelib.domain.runs import running, with_build


def build_began(call: Call, detail: dict[str, Any]) -> None:
    """Note a build on its run as soon as it begins: live logs and stopping need its id."""
    run_id = _run_id(detail)
    if run_id is None:
        return
    build_id = str(detail["build-id"]).rsplit(":build/", 1)[1]
    runs_it = detail["project-name"] == call.settings.run_project
    run = amend.run(
        call, run_id, lambda run: running(run, build_id, call.now) if runs_it else with_build(run, build_id)
    )
    if run is not None and run.is_final:
        _stop_orphan(run.id, build_id, [attempt.builds for attempt in run.attempts])


def _stop_orphan(run_id: str, build_id: str, known: list[tuple[str, ...]]) -> None:
    """A build that nobody waits for any more: its run was cancelled before the build was known."""
    if not any(build_id in ids for ids in known):
        builds.stop(build_id)


def _run_id(detail: dict[str, Any]) -> str | None:
    environment = detail.get("additional-information", {}).get("environment", {})
    variables = {v["name"]: v["value"] for v in environment.get("environment-variables", [])}
    return variables.get("KINTO_RUN_ID")


def execution_ended(call: Call, detail: dict[str, Any]) -> None:
    """Settle what an aborted, timed-out or failed execution carried: it runs no Catch."""
    told = f"its execution ended {detail['status']}"
    if cause := detail.get("cause"):
        told = f"{told}: {cause.rstrip('.')}"[:500]
    if detail["stateMachineArn"] == call.settings.deployment_machine:
        complete.abandon(call, detail["name"], told)
    else:
        settle.interrupt(call, detail["name"], told)
