"""The document of a whole configuration: its form, what can be wrong with it, and where its secrets belong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chalicelib.api import body
from chalicelib.api.blocks import NewBlock
from chalicelib.api.credentials import Username
from chalicelib.domain import blocks as block_rules
from chalicelib.domain import configured_blocks as rules
from chalicelib.domain.blocks import Block
from chalicelib.domain.configured_blocks import Configuration, RepeatSchedule
from chalicelib.domain.credentials import is_host
from chalicelib.domain.names import DisplayName, InternalName, Reason
from chalicelib.domain.problems import Invalid
from chalicelib.domain.projects import (
    MOST_BLOCKS,
    MOST_ENVIRONMENTS,
    Description,
    PostDeploymentPolicy,
    RoleArn,
    RunOverrides,
)
from chalicelib.domain.variables import Variable
from infra.operate.refusals import Refused

VERSION = 1
LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00Z")

Address = str  # blocks/NAME/variables/KEY and the like: what to_be_set and a file of secrets name


class Paused(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule that rests."""

    reason: Reason
    until: Annotated[datetime, Meta(tz=True)] | None = None


class DocumentedBlock(Configuration, frozen=True, kw_only=True):
    """What stands under a hostname."""

    hostname: InternalName
    paused: Paused | None = None


class DocumentedEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment with what is configured in it."""

    name: DisplayName
    internal_name: InternalName
    on_post_deployment_failure: PostDeploymentPolicy = "keep"
    role_arn: RoleArn | None = None
    run_overrides: RunOverrides | None = None
    shutdown: bool = False
    blocks: tuple[DocumentedBlock, ...] = ()


class DocumentedProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project with its environments."""

    name: DisplayName
    internal_name: InternalName
    description: Description = ""
    environments: tuple[DocumentedEnvironment, ...] = ()


class DocumentedHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host for which there are credentials."""

    host: str
    username: Username | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole configuration, without any secret; `to_be_set` says which there were."""

    kintoblocks: Literal[1]
    blocks: tuple[NewBlock, ...] = ()
    projects: tuple[DocumentedProject, ...] = ()
    credentials: tuple[DocumentedHost, ...] = ()
    to_be_set: tuple[str, ...] = ()


def canonical(told: dict[str, Any]) -> dict[str, Any]:
    """The same with every default said and nothing that is null, so that equal things look alike; raises Invalid."""
    return dict(_present(msgspec.to_builtins(body.build(Document, told))))


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list | tuple) else value


def read(text: str) -> dict[str, Any]:
    """The document in a text, canonical; raises Refused with everything that is wrong with it."""
    try:
        told = json.loads(text)
    except ValueError as error:
        raise Refused(f"The document is no JSON: {error}") from None
    if not isinstance(told, dict) or told.get("kintoblocks") != VERSION:
        raise Refused(f'This is no document of ours: it does not begin with {{"kintoblocks": {VERSION}}}.')
    try:
        wrong = list(_together(body.build(Document, told)))
    except Invalid as invalid:
        wrong = [f"{error.field}: {error.message}" for error in invalid.errors]
    if wrong:
        raise Refused("\n".join(["The document can't be imported; nothing was changed:", *(f"  {w}" for w in wrong)]))
    return canonical(told)


def _together(told: Document) -> Iterator[str]:
    """What is wrong though each field by itself is right."""
    yield from _twice("blocks", [one.internal_name or "" for one in told.blocks])
    yield from _twice("projects", [one.internal_name for one in told.projects])
    yield from _twice("credentials", [one.host for one in told.credentials])
    yield from (f"credentials: {one.host} is no host" for one in told.credentials if not is_host(one.host))
    known: dict[str, Block] = {}
    projects = {one.internal_name for one in told.projects}
    for number, one in enumerate(told.blocks):
        at = f"blocks[{number}]"
        if one.internal_name is None:
            yield f"{at}.internal_name: needed here"
            continue
        errors = block_rules.all_errors(one.repository, one.source, one.flavor, one.variables)
        yield from (f"{at}.{error.field}: {error.message}" for error in errors)
        yield from _secrets(at, one.variables)
        if one.repository is not None and one.repository.token is not None:
            yield f"{at}.repository.token: a secret does not belong here, but into the file of secrets"
        gone = [name for name in one.projects or () if name not in projects]
        yield from (f"{at}.projects: there is no project {name} in the document" for name in gone)
        known[one.internal_name] = _block(one)
    for project in told.projects:
        yield from _project(f"projects/{project.internal_name}", project, known)


def _project(at: str, project: DocumentedProject, known: dict[str, Block]) -> Iterator[str]:
    yield from _twice(at, [one.internal_name for one in project.environments])
    if len(project.environments) > MOST_ENVIRONMENTS:
        yield f"{at}: at most {MOST_ENVIRONMENTS} environments"
    for environment in project.environments:
        inside = f"{at}/environments/{environment.internal_name}"
        yield from _twice(inside, [one.hostname for one in environment.blocks])
        if len(environment.blocks) > MOST_BLOCKS:
            yield f"{inside}: at most {MOST_BLOCKS} configured blocks"
        for one in environment.blocks:
            yield from _configured(f"{inside}/blocks/{one.hostname}", one, known, project.internal_name)


def _configured(at: str, one: DocumentedBlock, known: dict[str, Block], project: str) -> Iterator[str]:
    yield from _secrets(at, one.variables)
    if one.block not in known:
        yield f"{at}.block: there is no block {one.block} in the document"
        return
    if not block_rules.may_use(known[one.block], project):
        yield f"{at}.block: {one.block} may not be used in the project {project}"
    yield from (f"{at}.{error.field}: {error.message}" for error in rules.errors(one, known[one.block]))
    if one.paused is not None and not isinstance(one.run, RepeatSchedule):
        yield f"{at}.paused: only schedules can be paused"


def _secrets(at: str, variables: Iterable[Variable]) -> Iterator[str]:
    for one in variables:
        if one.masked and one.value is not None:
            yield f"{at}.variables: the masked value of {one.name} does not belong here, but into the file of secrets"


def _twice(at: str, names: Sequence[str]) -> Iterator[str]:
    yield from (f"{at}: {name} is there twice" for name, count in Counter(names).items() if count > 1 and name)


def _block(one: NewBlock) -> Block:
    """As far as rules look at it; projects have no uids yet, their names stand for them."""
    return Block(
        uid="",
        internal_name=one.internal_name or "",
        name=one.name,
        flavor=one.flavor,
        repository=one.repository,
        source=one.source,
        variables=one.variables,
        projects=None if one.projects is None else {name: name for name in one.projects},
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


def variable(of: str, name: str) -> Address:
    """Where the value of a masked variable belongs."""
    return f"{of}/variables/{name}"


def token(of: str) -> Address:
    """Where the token of a block's repository belongs."""
    return f"{of}/repository/token"
