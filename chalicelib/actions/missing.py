"""Finding what a request names, or saying that it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.blocks import Block, is_visible
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.problems import NotFound, Stale
from chalicelib.domain.projects import Environment, Project
from chalicelib.domain.runs import Run
from chalicelib.store import blocks, configured_blocks, deployments, projects, runs
from chalicelib.store.table import Entity


def block(name: str, limits: Mapping[str, str] | None = None) -> Block:
    """The block; raises NotFound, also where a token that is limited to these projects does not see it."""
    found = blocks.get(name)
    if found is None or not is_visible(found, limits):
        raise NotFound(f"There is no block {name}")
    return found


def project(name: str) -> Project:
    """The project; raises NotFound, also while it is being deleted."""
    found = projects.get(name)
    if found is None:
        raise NotFound(f"There is no project {name}")
    return found


def environment(project_name: str, name: str) -> Environment:
    """The environment; raises NotFound."""
    found = projects.environment(project(project_name), name)
    if found is None:
        raise NotFound(f"There is no environment {name} in project {project_name}")
    return found


def configured_block(project_name: str, environment_name: str, hostname: str) -> tuple[Environment, ConfiguredBlock]:
    """The configured block and its environment; raises NotFound."""
    where = environment(project_name, environment_name)
    found = configured_blocks.get(where.uid, hostname)
    if found is None:
        raise NotFound(f"There is no block under the hostname {hostname} in {project_name}/{environment_name}")
    return where, found


def deployment(where: Environment, number: int, now: datetime) -> Deployment:
    """The deployment; raises NotFound, also where its history has expired."""
    found = deployments.unexpired(where.uid, number, now)
    if found is None:
        raise NotFound(f"There is no deployment {number} in {where.project}/{where.internal_name}")
    return found


def run(run_id: str) -> Run:
    """The run; raises NotFound."""
    found = runs.get(run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}")
    return found


def must_match(entity: Entity, if_match: int | None) -> None:
    """Raise Stale where If-Match names another version than the present one."""
    if if_match is not None and if_match != entity.version:
        raise Stale(f"The present version is {entity.version}, If-Match says {if_match}; read it again")
