"""Projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.actions import missing
from chalicelib.actions import projects as actions
from chalicelib.api.http import Page, Patch, Request, route
from chalicelib.domain import names
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.projects import Description, Environment, EnvironmentStatus, Project
from chalicelib.domain.results import Reason, State
from chalicelib.store import cursors, states
from chalicelib.store import projects as stored
from chalicelib.store.states import Reasons

projects = Blueprint(__name__)

# Each costs a Query.
OWN_AT_ONCE = 10
NO_REASONS = Reasons((), more=False)
ListedStatus = Annotated[
    State, Meta(description="projects with an environment whose latest deployment, or a job whose last run, is so")
]


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


class ProjectListed(ProjectBrief, frozen=True, kw_only=True):
    """A project in a list. `reasons`: why it has the status that was asked for, the first 20; else empty."""

    reasons: tuple[Reason, ...]
    more_reasons: bool


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
    answers=Page[ProjectListed],
    paged=True,
    query={"search": names.Search, "status": ListedStatus},
)
def list_projects(request: Request) -> Page[ProjectListed]:
    """List the projects by internal name: all, those that `search` finds, those that are failing or running."""
    words = names.search_words(request.query.get("search", ""))
    state: State | None = request.query.get("status")
    if state is not None:
        return _in_state(request, state, words)
    after: Mapping[str, Any] | None
    if request.call.projects is None:
        listed, after = stored.page(request.limit, request.cursor, words)
    else:
        own, after = _own_names(request, request.limit)
        listed = _readable(request, own, words)
    return request.page([_listed(project) for project in listed], after)


def _in_state(request: Request, state: State, words: tuple[str, ...]) -> Page[ProjectListed]:
    """A page of the projects that are failing or running, with the reasons."""
    after: Mapping[str, Any] | None
    if request.call.projects is None:
        reasons, last = states.page(state, request.limit, _after(request))
        after = {"name": last} if last is not None else None
    else:
        own, after = _own_names(request, min(request.limit, OWN_AT_ONCE))
        reasons = states.of_projects(state, own)
    return request.page([_listed(p, reasons[p.internal_name]) for p in _readable(request, reasons, words)], after)


def _own_names(request: Request, limit: int) -> tuple[list[str], Mapping[str, str] | None]:
    """Return a page of the names that the token is limited to, and where the next begins."""
    own = sorted(name for name in request.call.projects or () if name > _after(request))
    return own[:limit], {"name": own[limit - 1]} if len(own) > limit else None


def _after(request: Request) -> str:
    name = (request.cursor or {}).get("name", "")
    if not isinstance(name, str):
        raise cursors.invalid()
    return name


def _readable(request: Request, named: Iterable[str], words: tuple[str, ...]) -> list[Project]:
    """Return those of the named projects that are there, that the token may see and that the words find."""
    own = request.call.projects
    return [
        project
        for project in stored.get_many(named)
        if (own is None or own.get(project.internal_name) == project.uid)
        and names.matches(words, project.name, project.internal_name)
    ]


def _listed(project: Project, reasons: Reasons = NO_REASONS) -> ProjectListed:
    brief = msgspec.structs.asdict(msgspec.convert(project, ProjectBrief, from_attributes=True))
    return ProjectListed(**brief, reasons=reasons.first, more_reasons=reasons.more)


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
