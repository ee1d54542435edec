"""Environments of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import compare, missing, shut_down
from chalicelib.actions import projects as actions
from chalicelib.actions.blocks import raise_any
from chalicelib.api import configured_blocks, deployments
from chalicelib.api.configured_blocks import ConfiguredBlockBrief
from chalicelib.api.deployments import DeploymentBrief
from chalicelib.api.http import Patch, Request, route
from chalicelib.call import Call
from chalicelib.domain import names
from chalicelib.domain import projects as rules
from chalicelib.domain.compare import Changes
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError, Forbidden
from chalicelib.domain.projects import Environment, EnvironmentStatus, PostDeploymentPolicy, RoleArn, RunOverrides
from chalicelib.store import configured_blocks as stored_blocks
from chalicelib.store import deployments as stored_deployments

environments = Blueprint(__name__)

ADDRESS = "/projects/{project}/environments/{environment}"


class NewEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment to create."""

    name: DisplayName
    internal_name: InternalName | None = None
    on_post_deployment_failure: PostDeploymentPolicy = "keep"
    role_arn: RoleArn | None = None
    run_overrides: RunOverrides | None = None


class EnvironmentFields(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of an environment."""

    name: DisplayName
    on_post_deployment_failure: PostDeploymentPolicy = "keep"
    role_arn: RoleArn | None = None
    run_overrides: RunOverrides | None = None


class EnvironmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An environment: what is configured, which deployment is live, which was the latest."""

    name: str
    internal_name: str
    project: str
    status: EnvironmentStatus
    on_post_deployment_failure: PostDeploymentPolicy
    role_arn: str | None
    run_overrides: RunOverrides | None
    blocks: tuple[ConfiguredBlockBrief, ...]
    current: DeploymentBrief | None
    latest: DeploymentBrief | None
    created_at: datetime
    updated_at: datetime
    version: int


def _answer(request: Request, environment: Environment) -> EnvironmentAnswer:
    numbers = [n for n in (environment.current, environment.latest) if n]
    known = {d.number: deployments.brief(d) for d in stored_deployments.by_numbers(environment.uid, numbers)}
    return EnvironmentAnswer(
        name=environment.name,
        internal_name=environment.internal_name,
        project=environment.project,
        status=environment.status,
        on_post_deployment_failure=environment.on_post_deployment_failure,
        role_arn=environment.role_arn,
        run_overrides=environment.run_overrides,
        blocks=tuple(
            configured_blocks.brief(request.call, one, environment.shutdown)
            for one in stored_blocks.all_of(environment.uid)
        ),
        current=known.get(environment.current or 0),
        latest=known.get(environment.latest),
        created_at=environment.created_at,
        updated_at=environment.updated_at,
        version=environment.version,
    )


def _errors(call: Call, _: Sequence[str], fields: Mapping[str, Any]) -> list[FieldError]:
    return names.errors(fields) + rules.role_errors(fields.get("role_arn"), call.settings.account)


@route(
    environments,
    "POST",
    "/projects/{project}/environments",
    role="admin",
    answers=EnvironmentAnswer,
    body=NewEnvironment,
    beside=_errors,
    status=201,
    idempotent=True,
)
def create_environment(request: Request, project: str, body: NewEnvironment) -> EnvironmentAnswer:
    """Add an environment to a project."""
    parent = missing.project(project)
    raise_any(_errors(request.call, (), msgspec.structs.asdict(body)))
    internal_name = names.chosen(body.internal_name, body.name)
    _check_role(request, None, body.role_arn)
    settings = msgspec.structs.asdict(body) | {"internal_name": internal_name}
    return _answer(request, actions.add_environment(request.call, parent, **settings))


def _check_role(request: Request, present: str | None, wanted: str | None) -> None:
    """Jobs of another project may run as that role."""
    if request.call.projects is not None and wanted != present:
        raise Forbidden("The role of an environment's jobs is given by a token that is not limited to projects.")


@route(environments, "GET", ADDRESS, role="viewer", answers=EnvironmentAnswer)
def get_environment(request: Request, project: str, environment: str) -> EnvironmentAnswer:
    """One environment."""
    return _answer(request, missing.environment(project, environment))


@route(
    environments,
    "PATCH",
    ADDRESS,
    role="admin",
    answers=EnvironmentAnswer,
    body=Patch[EnvironmentFields],
    beside=_errors,
    versioned=True,
)
def change_environment(
    request: Request, project: str, environment: str, body: Patch[EnvironmentFields]
) -> EnvironmentAnswer:
    """Change an environment's settings."""
    present = missing.environment(project, environment)
    missing.must_match(present, request.if_match)
    fields = body.onto(msgspec.convert(present, EnvironmentFields, from_attributes=True))
    raise_any(_errors(request.call, (), msgspec.structs.asdict(fields)))
    _check_role(request, present.role_arn, fields.role_arn)
    wanted = msgspec.structs.replace(present, **msgspec.structs.asdict(fields))
    return _answer(request, actions.change_environment(request.call, present, wanted))


@route(environments, "DELETE", ADDRESS, role="admin", answers=None, versioned=True, status=204)
def delete_environment(request: Request, project: str, environment: str) -> None:
    """Delete an environment with its configured blocks; history stays until it expires."""
    present = missing.environment(project, environment)
    missing.must_match(present, request.if_match)
    actions.delete_environment(request.call, missing.project(project), present)


@route(environments, "GET", ADDRESS + "/changes", role="viewer", answers=Changes)
def compare_versions(request: Request, project: str, environment: str) -> Changes:
    """Compare Versions: what a deployment now would add, change and remove."""
    return compare.pending(request.call, missing.environment(project, environment))


@route(
    environments, "POST", ADDRESS + "/shutdown", role="deployer", answers=EnvironmentAnswer, idempotent=True
)
def shut_down_environment(request: Request, project: str, environment: str) -> EnvironmentAnswer:
    """Let an environment rest: its schedules run nothing until the next deployment."""
    return _answer(request, shut_down.shut_down(request.call, missing.environment(project, environment)))
