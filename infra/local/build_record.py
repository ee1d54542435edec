"""What CodeBuild says about a build, in the shapes of its API, and as its event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Record = dict[str, Any]

RUNNING = "IN_PROGRESS"


def begun(project: Record, request: Record, build_id: str, number: int, now: datetime) -> Record:
    """A build that was asked for just now."""
    name, stream = build_id.split(":", 1)
    place = project["arn"].rpartition(":project/")[0]
    logs = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    group = logs.get("groupName") or f"/aws/codebuild/{name}"
    return {
        "id": build_id,
        "arn": f"{place}:build/{build_id}",
        "buildNumber": number,
        "startTime": now,
        "currentPhase": "QUEUED",
        "buildStatus": RUNNING,
        "projectName": name,
        "phases": [_phase("SUBMITTED", now, now, "SUCCEEDED"), _phase("QUEUED", now)],
        "source": {"type": "NO_SOURCE"},
        "artifacts": {"location": ""},
        "cache": {"type": "NO_CACHE"},
        "environment": _environment(project, request),
        "serviceRole": request.get("serviceRoleOverride") or project["serviceRole"],
        "logs": _logs(place.replace(":codebuild:", ":logs:", 1), group, stream),
        "timeoutInMinutes": request.get("timeoutInMinutesOverride") or project.get("timeoutInMinutes") or 60,
        "queuedTimeoutInMinutes": project.get("queuedTimeoutInMinutes") or 480,
        "buildComplete": False,
        "initiator": "kinto",
        "encryptionKey": project["encryptionKey"],
        "exportedEnvironmentVariables": [],
    }


def _environment(project: Record, request: Record) -> Record:
    own = {variable["name"]: variable for variable in project["environment"].get("environmentVariables") or ()}
    given = {variable["name"]: variable for variable in request.get("environmentVariablesOverride") or ()}
    variables = [{"type": "PLAINTEXT", **variable} for variable in {**own, **given}.values()]
    overrides = {
        name: request[f"{name}Override"]
        for name in ("image", "computeType", "privilegedMode")
        if request.get(f"{name}Override") is not None
    }
    return {**project["environment"], **overrides, "environmentVariables": variables}


def _logs(place: str, group: str, stream: str) -> Record:
    return {
        "groupName": group,
        "streamName": stream,
        "deepLink": f"https://console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/{group}/log-events/{stream}",
        "cloudWatchLogsArn": f"{place}:log-group:{group}:log-stream:{stream}",
        "cloudWatchLogs": {"status": "ENABLED", "groupName": group},
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
    }


def _phase(kind: str, start: datetime, end: datetime | None = None, status: str = "") -> Record:
    phase: Record = {"phaseType": kind, "startTime": start}
    return {**phase, "endTime": end, "phaseStatus": status, "durationInSeconds": 0} if end else phase


def enter(build: Record, kind: str, now: datetime) -> None:
    """A phase begins, the one before it having succeeded."""
    leave(build, "SUCCEEDED", now)
    build["currentPhase"] = kind
    build["phases"].append(_phase(kind, now))


def leave(build: Record, status: str, now: datetime, code: str = "", message: str = "") -> None:
    """The phase that is under way ends; nothing happens if none is."""
    phase = build["phases"][-1]
    if "endTime" in phase:
        return
    contexts = [{"statusCode": code, "message": message}]
    seconds = max(0, int((now - phase["startTime"]).total_seconds()))
    phase.update(endTime=now, phaseStatus=status, durationInSeconds=seconds, contexts=contexts)


def complete(build: Record, status: str, now: datetime) -> None:
    """The build is over."""
    leave(build, status, now)
    enter(build, "FINALIZING", now)
    enter(build, "COMPLETED", now)
    build.update(buildStatus=status, buildComplete=True, endTime=now)


def exports(build: Record, name: str, value: str) -> None:
    """The present value of an exported variable."""
    kept = {variable["name"]: variable["value"] for variable in build["exportedEnvironmentVariables"]}
    kept[name] = value
    build["exportedEnvironmentVariables"] = [{"name": key, "value": text} for key, text in kept.items()]


def variables(build: Record) -> dict[str, str]:
    """The environment variables that were given to the build."""
    return {variable["name"]: variable["value"] for variable in build["environment"]["environmentVariables"]}


def event(build: Record) -> Record:
    """The detail of "CodeBuild Build State Change"."""
    logs, environment = build["logs"], build["environment"]
    information = {
        "build-complete": build["buildComplete"],
        "build-number": build["buildNumber"],
        "build-start-time": _said(build["startTime"]),
        "initiator": build["initiator"],
        "timeout-in-minutes": build["timeoutInMinutes"],
        "queued-timeout-in-minutes": build["queuedTimeoutInMinutes"],
        "source": build["source"],
        "artifact": build["artifacts"],
        "cache": build["cache"],
        "environment": {
            "type": environment["type"],
            "image": environment["image"],
            "compute-type": environment["computeType"],
            "privileged-mode": environment.get("privilegedMode", False),
            "environment-variables": environment["environmentVariables"],
        },
        "logs": {"group-name": logs["groupName"], "stream-name": logs["streamName"], "deep-link": logs["deepLink"]},
        "phases": [_event_phase(phase) for phase in build["phases"]],
        "exported-environment-variables": build["exportedEnvironmentVariables"],
    }
    return {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "additional-information": information,
        "current-phase": build["currentPhase"],
        "current-phase-context": "[]",
        "version": "1",
    }


def _event_phase(phase: Record) -> Record:
    said: Record = {"phase-type": phase["phaseType"], "start-time": _said(phase["startTime"])}
    if "endTime" in phase:
        said["end-time"] = _said(phase["endTime"])
        said["duration-in-seconds"] = phase["durationInSeconds"]
        said["phase-status"] = phase["phaseStatus"]
        contexts = phase.get("contexts", ())
        said["phase-context"] = [f"{context['statusCode']}: {context['message']}" for context in contexts]
    return said


def _said(time: datetime) -> str:
    return time.strftime("%b %d, %Y %I:%M:%S %p")
