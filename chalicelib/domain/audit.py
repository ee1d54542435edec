"""The audit: what a person changed, told field by field and without secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from chalicelib.domain.blocks import Block
from chalicelib.domain.compare import MASKED, FieldChange, differences, flatten, values
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.credentials import TOKEN, Credentials
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.projects import Environment, Project
from chalicelib.domain.runs import Run
from chalicelib.domain.tokens import Token

Action = Literal[
    "block.create",
    "block.change",
    "block.delete",
    "project.create",
    "project.change",
    "project.delete",
    "environment.create",
    "environment.change",
    "environment.delete",
    "environment.shutdown",
    "configured_block.create",
    "configured_block.change",
    "configured_block.delete",
    "schedule.pause",
    "schedule.resume",
    "deployment.start",
    "deployment.rollback",
    "deployment.cancel",
    "run.start",
    "run.cancel",
    "credentials.create",
    "credentials.change",
    "credentials.delete",
    "token.create",
    "token.delete",
]
Thing = Block | Project | Environment | ConfiguredBlock | Deployment | Run | Credentials | Token


class By(msgspec.Struct, frozen=True):
    """Whose token it was; `id` is None where the operator made a token without one."""

    id: str | None
    name: str


class Source(msgspec.Struct, frozen=True):
    """Where a request came from."""

    address: str | None
    agent: str | None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed, by the names in addresses."""

    project: str | None = None
    project_uid: str | None = None
    environment: str | None = None
    hostname: str | None = None
    block: str | None = None
    deployment: int | None = None
    run: str | None = None
    host: str | None = None
    token: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One change by a person."""

    id: str
    at: datetime
    by: By
    source: Source
    action: Action
    subject: Subject
    changes: tuple[FieldChange, ...]
    request_id: str | None
    version: int = 0


def changes(old: Thing | None, new: Thing | None) -> tuple[FieldChange, ...]:
    """What differs; None is a thing that is not there."""
    return differences(_fields(old), _fields(new))


def subject(thing: Thing) -> Subject:
    """What an entry is about."""
    match thing:
        case Block():
            return Subject(block=thing.internal_name)
        case Project():
            return Subject(project=thing.internal_name, project_uid=thing.uid)
        case Credentials():
            return Subject(host=thing.host)
        case Token():
            return Subject(token=thing.id)
    place = Subject(project=thing.project, project_uid=thing.project_uid)
    match thing:
        case Environment():
            named: dict[str, Any] = {"environment": thing.internal_name}
        case ConfiguredBlock():
            block = thing.configuration.block
            named = {"environment": thing.environment, "hostname": thing.hostname, "block": block}
        case Deployment():
            named = {"environment": thing.environment, "deployment": thing.number}
        case Run():
            named = {"environment": thing.environment, "hostname": thing.hostname, "block": thing.block}
            named |= {"run": thing.id, "deployment": thing.deployment}
    return msgspec.structs.replace(place, **named)


def _fields(thing: Thing | None) -> dict[str, Any]:
    """What people said of it; neither what the product notes nor what is as usual."""
    told = flatten("", msgspec.to_builtins(_said(thing)))
    if isinstance(thing, Block | Run):
        told |= _variables(thing.variables, thing.masked_values if isinstance(thing, Block) else {})
    if isinstance(thing, ConfiguredBlock):
        told |= _variables(thing.configuration.variables, thing.masked_values)
    if isinstance(thing, Block) and TOKEN in thing.masked_values:
        told["repository.token"] = (MASKED, thing.masked_values[TOKEN])
    if isinstance(thing, Credentials):
        told["secret"] = (MASKED, thing.stamp)
    return {name: value for name, value in told.items() if value is not None}


def _variables(variables: Any, masked_values: dict[str, str]) -> dict[str, Any]:
    flags = {f"variables.{one.name}.required": one.required or None for one in variables}
    return {**values(variables, masked_values), **flags}


def _said(thing: Thing | None) -> dict[str, Any]:
    match thing:
        case Block():
            # With their uids: the same name may be another project's since.
            projects: Any = thing.projects or (None if thing.projects is None else [])
            return _picked(thing, "name", "flavor", "repository", "source") | {"projects": projects}
        case Project():
            return _picked(thing, "name", "description")
        case Environment():
            told = _picked(thing, "name", "on_post_deployment_failure", "role_arn", "run_overrides")
            return told | {"shutdown": thing.shutdown or None}
        case ConfiguredBlock():
            told = _picked(thing.configuration, "ref", "run", "memory_mb", "timeout_seconds", "retries")
            return told | {"pause": _picked(thing.pause, "reason", "until") if thing.pause else None}
        case Deployment():
            return {"rollback_of": thing.rollback_of, "cancelled": _cancelled(thing)}
        case Run():
            told = {"command": thing.command, "reason": thing.because, "force": thing.force or None}
            return told | {"cancelled": _cancelled(thing)}
        case Credentials():
            return _picked(thing, "username")
        case Token():
            names = None if thing.projects is None else sorted(thing.projects)
            return _picked(thing, "name", "role", "expires_at") | {"projects": names}
        case None:
            return {}


def _cancelled(thing: Deployment | Run) -> bool | None:
    return thing.cancelled_by is not None or None


def _picked(thing: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}
