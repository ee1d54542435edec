"""Projects, by name, and their environments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.names import searchable
from chalicelib.domain.projects import Environment, Project
from chalicelib.domain.results import of_environment
from chalicelib.domain.runs import Run
from chalicelib.store import states, table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

PROJECTS = "projects"
InEnvironment = Run | Deployment | ConfiguredBlock


def get(name: str) -> Project | None:
    """The project of this internal name."""
    return table.get(PROJECTS, name, Project)


def get_many(names: Iterable[str]) -> list[Project]:
    """The projects of these internal names that exist, by name."""
    found = table.get_many(((PROJECTS, name) for name in names), Project)
    return sorted(found, key=lambda project: project.internal_name)


def page(
    limit: int, start: Mapping[str, Any] | None, words: Sequence[str] = ()
) -> tuple[list[Project], dict[str, Any] | None]:
    """A page of projects, by name; with `words`, of those that have all of them in their names."""
    found = table.search(PROJECTS, words, limit, start)
    return [table.decode(item, Project) for item in found.items], found.next


def create(project: Project) -> Write:
    """Put a new project."""
    return table.create(PROJECTS, project.internal_name, project, search=_search(project))


def replace(project: Project) -> Write:
    """Put the next version of a project."""
    return table.replace(PROJECTS, project.internal_name, project, search=_search(project))


def _search(project: Project) -> str:
    return searchable(project.name, project.internal_name)


def delete(project: Project) -> Write:
    """Delete a project that has not changed since it was read."""
    return table.delete(PROJECTS, project.internal_name, Item.version == project.version)


def environment(project: Project, name: str) -> Environment | None:
    """The environment of this name in a project."""
    return environment_by_uid(project.uid, name)


def environment_by_uid(project_uid: str, name: str) -> Environment | None:
    """The environment of this name in the project of this uid."""
    return table.get(_environments(project_uid), name, Environment)


def same_environment(known: Environment) -> Environment | None:
    """The environment as it is now; None where it was deleted, also where another one has its name since."""
    present = environment_by_uid(known.project_uid, known.internal_name)
    return present if present is not None and present.uid == known.uid else None


def environment_of(entity: InEnvironment) -> Environment | None:
    """The environment that a run, deployment or configured block is in; None where it was deleted.

    Names are given again: a namesake made since has another uid, and none of its settings may count here.
    """
    present = environment_by_uid(entity.project_uid, entity.environment)
    return present if present is not None and present.uid == entity.environment_uid else None


def environments(project: Project) -> list[Environment]:
    """All environments of a project (50 at most), by name."""
    return [table.decode(item, Environment) for item in table.page(_environments(project.uid)).items]


def create_environment(environment: Environment) -> Write:
    """Put a new environment."""
    pk = _environments(environment.project_uid)
    return table.create(pk, environment.internal_name, environment, **_columns(environment))


def replace_environment(environment: Environment) -> Write:
    """Put the next version of an environment."""
    pk = _environments(environment.project_uid)
    return table.replace(pk, environment.internal_name, environment, **_columns(environment))


def _columns(environment: Environment) -> dict[str, Any]:
    state = of_environment(environment)
    return states.columns(state[0], environment.project, state[1]) if state is not None else {}


def delete_environment(environment: Environment) -> Write:
    """Delete an environment that has not changed since it was read."""
    pk = _environments(environment.project_uid)
    return table.delete(pk, environment.internal_name, Item.version == environment.version)


def _environments(project_uid: str) -> str:
    return f"environments#{project_uid}"
