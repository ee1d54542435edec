"""Projects."""

from __future__ import annotations

from datetime import datetime

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import missing
from chalicelib.actions import projects as actions
from chalicelib.api.http import Page, Patch, Request, route
from chalicelib.domain import names
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.domain.projects import Description, Environment, EnvironmentStatus, Project
from chalicelib.store import projects as stored

projects = Blueprint(__name__)

SEARCH = {"search": names.Search}


class NewProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project to create, with its first environment."""

    name: DisplayName
    internal_name: InternalName | None = None
    description: Description = ""
    environment: InternalName = "default"


class ProjectFields(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a project."""

    name: DisplayName
    description: Description = ""


class EnvironmentBrief(msgspec.Struct, frozen=True):
    """An environment in a project's answer; `current` and `latest` are the numbers of deployments."""

    internal_name: str
    name: str
    status: EnvironmentStatus
    current: int | None
    latest: int | None


class ProjectBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A project in a list."""

    name: str
    internal_name: str
    description: str
    created_at: datetime
    updated_at: datetime
    version: int


class ProjectAnswer(ProjectBrief, frozen=True, kw_only=True):
    """A project and its environments."""

    environments: tuple[EnvironmentBrief, ...]


def _answer(project: Project) -> ProjectAnswer:
    told = [_environment(e) for e in stored.environments(project)]
    fields = msgspec.structs.asdict(msgspec.convert(project, ProjectBrief, from_attributes=True))
    return ProjectAnswer(**fields, environments=tuple(told))


def _environment(environment: Environment) -> EnvironmentBrief:
    return EnvironmentBrief(
        internal_name=environment.internal_name,
        name=environment.name,
        status=environment.status,
        current=environment.current,
        latest=environment.latest or None,
    )


@route(
    projects,
    "GET",
    "/projects",
    role="viewer",
    limited="filtered",
    answers=Page[ProjectBrief],
    paged=True,
    query=SEARCH,
)
def list_projects(request: Request) -> Page[ProjectBrief]:
    """List the projects by internal name; with `search`, those whose names contain all its words."""
    words = names.search_words(request.query.get("search", ""))
    if request.call.projects is not None:
        listed, after = _some(request, words)
    else:
        listed, after = stored.page(request.limit, request.cursor, words)
    return request.page([msgspec.convert(p, ProjectBrief, from_attributes=True) for p in listed], after)


def _some(request: Request, words: tuple[str, ...]) -> tuple[list[Project], dict[str, str] | None]:
    """A page of the projects that the token is limited to; with words to search for it may be short or empty."""
    mine = request.call.projects or {}
    before = (request.cursor or {}).get("name", "")
    if not isinstance(before, str):
        raise Invalid([FieldError("cursor", "not a cursor of ours; leave it out for the first page")])
    own = sorted(name for name in mine if name > before)
    after = {"name": own[request.limit - 1]} if len(own) > request.limit else None
    page = [p for p in stored.get_many(own[: request.limit]) if p.uid == mine[p.internal_name]]
    return [p for p in page if names.matches(words, p.name, p.internal_name)], after


@route(
    projects,
    "POST",
    "/projects",
    role="admin",
    answers=ProjectAnswer,
    body=NewProject,
    beside=lambda call, path, told: names.errors(told),
    status=201,
    idempotent=True,
)
def create_project(request: Request, body: NewProject) -> ProjectAnswer:
    """Create a project with its first environment."""
    created = actions.create(
        request.call,
        name=body.name,
        internal_name=names.chosen(body.internal_name, body.name),
        description=body.description,
        environment=body.environment,
    )
    return _answer(created)


@route(projects, "GET", "/projects/{project}", role="viewer", answers=ProjectAnswer)
def get_project(request: Request, project: str) -> ProjectAnswer:
    """One project."""
    return _answer(missing.project(project))


@route(
    projects,
    "PATCH",
    "/projects/{project}",
    role="admin",
    answers=ProjectAnswer,
    body=Patch[ProjectFields],
    versioned=True,
)
def change_project(request: Request, project: str, body: Patch[ProjectFields]) -> ProjectAnswer:
    """Change a project's name or description."""
    present = missing.project(project)
    missing.must_match(present, request.if_match)
    fields = body.onto(ProjectFields(name=present.name, description=present.description))
    return _answer(actions.change(request.call, present, fields.name, fields.description))


@route(projects, "DELETE", "/projects/{project}", role="admin", answers=None, versioned=True, status=204)
def delete_project(request: Request, project: str) -> None:
    """Delete a project with its environments; history stays until it expires."""
    present = missing.project(project)
    missing.must_match(present, request.if_match)
    actions.delete(request.call, present)
