"""Schedules of EventBridge Scheduler; a group that does not exist yet is created with its first schedule."""

from __future__ import annotations

from typing import Any

from moto.core.responses import BaseResponse
from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from infra.local.persistence import ACCOUNT, REGION, requests
from infra.local.persistence.database import Database

_ACTIONS = {"CreateSchedule", "UpdateSchedule", "DeleteSchedule"}


def keep(database: Database) -> None:
    """Store every change of a schedule."""
    handler = EventBridgeSchedulerResponse
    requests.keep(database, "schedule", handler, BaseResponse.call_action, _ACTIONS, _touched, _restore)


def _touched(request: Any) -> dict[str, Any]:
    name = request.uri.split("?")[0].split("/")[-1]
    group = request._get_param("GroupName") or request._get_param("groupName") or "default"
    schedule = _groups()[group].schedules.get(name) if group in _groups() else None
    return {f"{group}/{name}": vars(schedule).copy()} if schedule else {}


def _restore(key: str, attributes: dict[str, Any] | None) -> None:
    group, name = key.split("/")
    schedules = _groups().setdefault(group, ScheduleGroup(REGION, ACCOUNT, group)).schedules
    if attributes is None:
        schedules.pop(name, None)
    else:
        schedules[name] = Schedule.__new__(Schedule)
        vars(schedules[name]).update(attributes)


def _groups() -> dict[str, ScheduleGroup]:
    groups: dict[str, ScheduleGroup] = scheduler_backends[ACCOUNT][REGION].schedule_groups
    return groups
