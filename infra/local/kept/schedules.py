"""Schedules of EventBridge Scheduler; a group that is not there yet is made with its first schedule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import BaseResponse
from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION, changes

_ACTIONS = {"CreateSchedule", "UpdateSchedule", "DeleteSchedule"}


def keep(journal: Journal) -> None:
    changes.keep(journal, "schedule", EventBridgeSchedulerResponse, BaseResponse.call_action, _ACTIONS, _touched)
    journal.register("schedule", _load, _dump)


def _touched(request: Any) -> dict[str, Any]:
    name = request.uri.split("?")[0].split("/")[-1]
    group = request._get_param("GroupName") or request._get_param("groupName") or "default"
    schedule = _groups()[group].schedules.get(name) if group in _groups() else None
    return {f"{group}/{name}": vars(schedule).copy()} if schedule else {}


def _load(record: Record) -> None:
    for key, attributes in record["changes"]:
        group, name = key.split("/")
        schedules = _groups().setdefault(group, ScheduleGroup(REGION, ACCOUNT, group)).schedules
        if attributes is None:
            schedules.pop(name, None)
        else:
            schedules[name] = Schedule.__new__(Schedule)
            vars(schedules[name]).update(attributes)


def _dump() -> Iterable[Record]:
    for group in _groups().values():
        for schedule in group.schedules.values():
            yield {"changes": [(f"{group.name}/{schedule.name}", vars(schedule))]}


def _groups() -> dict[str, ScheduleGroup]:
    groups: dict[str, ScheduleGroup] = scheduler_backends[ACCOUNT][REGION].schedule_groups
    return groups
