"""Deployments, Compare Versions, rollback, shutdown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import cancel, compare, deploy, missing
from chalicelib.api import runs as run_answers
from chalicelib.api.http import Page, Request, route
from chalicelib.api.runs import RunAnswer
from chalicelib.domain.compare import Changes
from chalicelib.domain.deployments import PHASES, Deployment
from chalicelib.domain.problems import NotFound
from chalicelib.domain.projects import DeploymentStatus
from chalicelib.domain.runs import Run, Trigger
from chalicelib.store import deployments as stored
from chalicelib.store import runs as stored_runs

deployments = Blueprint(__name__)

OF_ENVIRONMENT = "/projects/{project}/environments/{environment}/deployments"


class DeploymentBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment in a list."""

    number: int
    project: str
    environment: str
    kind: Literal["deploy", "rollback"]
    rollback_of: int | None
    automatic: bool
    status: DeploymentStatus
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    by: str


class Phases(msgspec.Struct, frozen=True):
    """The runs of a deployment, wave after wave."""

    pre_deployment: tuple[RunAnswer, ...] = ()
    deployment: tuple[RunAnswer, ...] = ()
    post_deployment: tuple[RunAnswer, ...] = ()


class DeploymentAnswer(DeploymentBrief, frozen=True, kw_only=True):
    """A deployment with its runs and with what it changed."""

    phases: Phases
    changes: Changes
    version: int


def brief(deployment: Deployment) -> DeploymentBrief:
    """A deployment as it stands in lists."""
    return msgspec.convert(deployment, DeploymentBrief, from_attributes=True)


def _answer(deployment: Deployment) -> DeploymentAnswer:
    known = stored_runs.get_many(deployment.run_ids)
    return DeploymentAnswer(
        **msgspec.structs.asdict(brief(deployment)),
        phases=Phases(*(_of_phase(deployment, known, phase) for phase in PHASES)),
        changes=compare.of(deployment) if deployment.waves else Changes(),
        version=deployment.version,
    )


def _of_phase(deployment: Deployment, known: Mapping[str, Run], phase: Trigger) -> tuple[RunAnswer, ...]:
    ids = [run_id for wave in deployment.waves.get(phase, ()) for run_id in wave]
    return tuple(run_answers.answer(known[run_id]) for run_id in ids if run_id in known)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 8:
        raise NotFound(f"There is no deployment {text}; deployments have numbers")
    return int(text)


@route(deployments, "GET", OF_ENVIRONMENT, role="viewer", answers=Page[DeploymentBrief], paged=True)
def list_deployments(request: Request, project: str, environment: str) -> Page[DeploymentBrief]:
    """The deployments of an environment, newest first."""
    where = missing.environment(project, environment)
    found, after = stored.page(where.uid, request.call.now, request.limit, request.cursor)
    return request.page([brief(deployment) for deployment in found], after)


@route(
    deployments, "POST", OF_ENVIRONMENT, role="deployer", answers=DeploymentAnswer, status=202, idempotent=True
)
def start_deployment(request: Request, project: str, environment: str) -> DeploymentAnswer:
    """Deploy what is configured."""
    return _answer(deploy.deploy(request.call, missing.environment(project, environment)))


@route(deployments, "GET", OF_ENVIRONMENT + "/{number}", role="viewer", answers=DeploymentAnswer)
def get_deployment(request: Request, project: str, environment: str, number: str) -> DeploymentAnswer:
    """One deployment."""
    return _answer(missing.deployment(missing.environment(project, environment), _number(number), request.call.now))


@route(deployments, "GET", OF_ENVIRONMENT + "/{number}/changes", role="viewer", answers=Changes, conflicts=True)
def compare_with_live(request: Request, project: str, environment: str, number: str) -> Changes:
    """What a rollback to a deployment would add, change and remove."""
    where = missing.environment(project, environment)
    return compare.rollback(where, missing.deployment(where, _number(number), request.call.now))


@route(
    deployments, "POST", OF_ENVIRONMENT + "/{number}/cancel", role="deployer", answers=DeploymentAnswer, idempotent=True
)
def cancel_deployment(request: Request, project: str, environment: str, number: str) -> DeploymentAnswer:
    """Stop a deployment and everything it has running."""
    found = missing.deployment(missing.environment(project, environment), _number(number), request.call.now)
    return _answer(cancel.cancel_deployment(request.call, found))


@route(
    deployments,
    "POST",
    OF_ENVIRONMENT + "/{number}/rollback",
    role="deployer",
    answers=DeploymentAnswer,
    status=202,
    idempotent=True,
)
def roll_back(request: Request, project: str, environment: str, number: str) -> DeploymentAnswer:
    """Deploy the snapshot of an earlier deployment again, as a new deployment."""
    where = missing.environment(project, environment)
    return _answer(deploy.roll_back(request.call, where, missing.deployment(where, _number(number), request.call.now)))
