"""Creating, changing and deleting projects and their environments."""

from __future__ import annotations

import msgspec

from chalicelib.actions import amend, audit, configure, missing
from chalicelib.actions.deployments import retention
from chalicelib.call import Call
from chalicelib.domain.problems import Conflict, NotFound, Stale
from chalicelib.domain.projects import MOST_ENVIRONMENTS, Environment, PostDeploymentPolicy, Project, RunOverrides
from chalicelib.store import configured_blocks, projects
from chalicelib.store.table import Raced, commit
from chalicelib.store.update import until_written


def create(call: Call, *, name: str, internal_name: str, description: str, environment: str) -> Project:
    """A new project with its first environment; raises Conflict where the internal name is taken."""
    project = Project(
        uid=call.new_id(),
        internal_name=internal_name,
        name=name,
        description=description,
        environments=1,
        created_at=call.now,
        updated_at=call.now,
    )
    first = _environment(call, project, environment, environment, "keep")
    try:
        noted = audit.writes(call, "project.create", None, project)
        commit(projects.create(project), projects.create_environment(first), *noted)
    except Raced:
        there = projects.get(internal_name)
        if there is None or there.uid != project.uid:
            raise Conflict(f"There is a project {internal_name} already; choose another internal name") from None
        return there
    return msgspec.structs.replace(project, version=1)


def change(call: Call, project: Project, name: str, description: str) -> Project:
    """The project with a new name and description; raises Stale."""
    new = msgspec.structs.replace(project, name=name, description=description, updated_at=call.now)
    try:
        commit(projects.replace(new), *audit.writes(call, "project.change", project, new))
    except Raced:
        raise Stale("Somebody else changed this project just now; read it again") from None
    return msgspec.structs.replace(new, version=project.version + 1)


def add_environment(
    call: Call,
    project: Project,
    *,
    name: str,
    internal_name: str,
    on_post_deployment_failure: PostDeploymentPolicy,
    role_arn: str | None = None,
    run_overrides: RunOverrides | None = None,
) -> Environment:
    """A new environment; raises Conflict where the name is taken or the project holds as many as it may."""
    environment = _environment(call, project, internal_name, name, on_post_deployment_failure)
    environment = msgspec.structs.replace(environment, role_arn=role_arn, run_overrides=run_overrides)
    noted = audit.writes(call, "environment.create", None, environment)
    present = project

    def attempt() -> Environment:
        nonlocal present
        try:
            counted = projects.replace(_with_one_more(call, present))
            commit(projects.create_environment(environment), counted, *noted)
        except Raced:
            there = projects.environment(project, internal_name)
            if there is not None and there.uid == environment.uid:
                return there
            if there is not None:
                taken = f"There is an environment {internal_name} already; choose another internal name"
                raise Conflict(taken) from None
            present = _present(project)
            raise
        return msgspec.structs.replace(environment, version=1)

    return until_written(attempt)


def _with_one_more(call: Call, project: Project) -> Project:
    if project.environments >= MOST_ENVIRONMENTS:
        raise Conflict(f"{project.internal_name} has {MOST_ENVIRONMENTS} environments, as many as a project may have")
    return msgspec.structs.replace(project, environments=project.environments + 1, updated_at=call.now)


def _present(known: Project) -> Project:
    """The project as it is now; raises NotFound where it was deleted, also where its name is another's since."""
    present = missing.project(known.internal_name)
    if present.uid != known.uid:
        raise NotFound(f"{known.internal_name} was deleted at the same time")
    return present


def _environment(
    call: Call, project: Project, internal_name: str, name: str, policy: PostDeploymentPolicy
) -> Environment:
    return Environment(
        uid=call.new_id(),
        project=project.internal_name,
        project_uid=project.uid,
        internal_name=internal_name,
        name=name,
        on_post_deployment_failure=policy,
        created_at=call.now,
        updated_at=call.now,
    )


def change_environment(call: Call, environment: Environment, new: Environment) -> Environment:
    """The environment with a new name, policy or role; raises Stale."""
    new = msgspec.structs.replace(new, updated_at=call.now)
    try:
        commit(projects.replace_environment(new), *audit.writes(call, "environment.change", environment, new))
    except Raced:
        raise Stale("This environment was changed or deployed just now; read it again") from None
    return msgspec.structs.replace(new, version=environment.version + 1)


def delete_environment(call: Call, project: Project, environment: Environment) -> None:
    """Delete an environment with its configured blocks; raises Conflict while something of it is active.

    Each step is safe to repeat: first nothing new may begin in it, then rules and blocks go, then the environment.
    """
    must_be_idle(environment)
    marked = amend.environment(environment, lambda e: None if e.deleting else msgspec.structs.replace(e, deleting=True))
    if marked is None:
        return
    try:
        for configured in configured_blocks.all_of(environment.uid):
            configure.remove(call, environment, configured)
    except Conflict:
        amend.environment(environment, lambda e: msgspec.structs.replace(e, deleting=False))
        raise
    _delete_emptied(call, project, environment)


def _delete_emptied(call: Call, project: Project, environment: Environment) -> None:
    """Delete this very environment: one created under its name since has another uid."""

    def attempt() -> None:
        present = projects.same_environment(environment)
        if present is not None:
            retention.expire(call, present.uid, {*present.kept, *present.released})
        counted = projects.get(project.internal_name)
        if present is None or counted is None or counted.uid != project.uid:
            return
        fewer = msgspec.structs.replace(counted, environments=counted.environments - 1)
        noted = audit.writes(call, "environment.delete", present, None)
        commit(projects.delete_environment(present), projects.replace(fewer), *noted)

    until_written(attempt)


def must_be_idle(environment: Environment) -> None:
    """Raise Conflict while a deployment of the environment runs."""
    if environment.active is not None:
        place = f"{environment.project}/{environment.internal_name}"
        raise Conflict(f"Deployment {environment.active} of {place} is running; wait for it or cancel it")


def delete(call: Call, project: Project) -> None:
    """Delete a project with its environments; raises Conflict while something of it is active."""
    for environment in projects.environments(project):
        must_be_idle(environment)
    for environment in projects.environments(project):
        delete_environment(call, project, environment)
    present = projects.get(project.internal_name)
    if present is None or present.uid != project.uid:
        return
    try:
        commit(projects.delete(present), *audit.writes(call, "project.delete", present, None))
    except Raced:
        raise Conflict(f"{project.internal_name} was changed at the same time; try again") from None
