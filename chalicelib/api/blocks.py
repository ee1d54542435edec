"""KintoBlocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import blocks as actions
from chalicelib.actions import chosen_projects, missing
from chalicelib.actions.blocks import raise_any
from chalicelib.api.http import Page, Patch, Request, route
from chalicelib.call import Call
from chalicelib.domain import blocks as rules
from chalicelib.domain import names
from chalicelib.domain.blocks import Block, Flavor, Repository, Source
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError
from chalicelib.domain.projects import ChosenProjects
from chalicelib.domain.variables import Variable, Variables
from chalicelib.store import blocks as stored

blocks = Blueprint(__name__)

SEARCH = {"search": names.Search}


class NewBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A block to create; the internal name is filled in from the name."""

    name: DisplayName
    internal_name: InternalName | None = None
    flavor: Flavor = "job"
    repository: Repository | None = None
    source: Source
    variables: Variables = ()
    projects: ChosenProjects | None = None


class BlockFields(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a block."""

    name: DisplayName
    repository: Repository | None = None
    source: Source
    variables: Variables = ()
    projects: ChosenProjects | None = None


class RepositoryAnswer(msgspec.Struct, frozen=True):
    """A block's repository without its token: as it is told it may be sent back, and the token stays."""

    url: str
    branch: str
    source_folder: str


class BlockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A block; values of masked variables and the repository's token are never told.

    `projects` are those that may use it, null: all. A token that is limited to projects sees its own among them.
    """

    name: str
    internal_name: str
    flavor: Flavor
    repository: RepositoryAnswer | None
    has_token: bool
    source: Source
    variables: tuple[Variable, ...]
    projects: tuple[str, ...] | None
    created_at: datetime
    updated_at: datetime
    version: int


def _answer(call: Call, block: Block) -> BlockAnswer:
    return _answers(call, [block])[0]


def _answers(call: Call, found: Sequence[Block]) -> list[BlockAnswer]:
    """The blocks as they are answered; of their projects those that still exist and that the token sees."""
    existing = chosen_projects.existing(block.projects for block in found)
    shown = existing if call.projects is None else {n: u for n, u in existing.items() if call.projects.get(n) == u}
    return [msgspec.convert(_fields(block, shown), BlockAnswer, from_attributes=True) for block in found]


def _fields(block: Block, shown: Mapping[str, str]) -> dict[str, Any]:
    projects = block.projects
    names = None if projects is None else sorted(name for name, uid in projects.items() if shown.get(name) == uid)
    return {**msgspec.structs.asdict(block), "has_token": block.has_token, "projects": names}


@route(blocks, "GET", "/blocks", role="viewer", limited="filtered", answers=Page[BlockAnswer], paged=True, query=SEARCH)
def list_blocks(request: Request) -> Page[BlockAnswer]:
    """List the blocks by internal name; with `search`, those whose names contain all its words.

    A token that is limited to projects gets those that they may use.
    """
    words = names.search_words(request.query.get("search", ""))
    found, after = stored.page(request.limit, request.cursor, words)
    visible = [block for block in found if rules.is_visible(block, request.call.projects)]
    return request.page(_answers(request.call, visible), after)


def _wrong(call: Call, _: Sequence[str], told: Mapping[str, Any]) -> list[FieldError]:
    wrong = names.errors(told) + rules.errors_among(told, call.settings.local_repositories)
    return wrong + chosen_projects.errors(told.get("projects"))


@route(
    blocks,
    "POST",
    "/blocks",
    role="admin",
    answers=BlockAnswer,
    body=NewBlock,
    beside=_wrong,
    status=201,
    idempotent=True,
)
def create_block(request: Request, body: NewBlock) -> BlockAnswer:
    """Create a block."""
    raise_any(_wrong(request.call, (), msgspec.structs.asdict(body)))
    created = actions.create(
        request.call,
        name=body.name,
        internal_name=names.chosen(body.internal_name, body.name),
        flavor=body.flavor,
        repository=body.repository,
        source=body.source,
        values=body.variables,
        projects=None if body.projects is None else chosen_projects.uids(body.projects),
    )
    return _answer(request.call, created)


@route(blocks, "GET", "/blocks/{block}", role="viewer", limited="filtered", answers=BlockAnswer)
def get_block(request: Request, block: str) -> BlockAnswer:
    """One block."""
    return _answer(request.call, missing.block(block, request.call.projects))


@route(
    blocks,
    "PATCH",
    "/blocks/{block}",
    role="admin",
    answers=BlockAnswer,
    body=Patch[BlockFields],
    beside=_wrong,
    versioned=True,
)
def change_block(request: Request, block: str, body: Patch[BlockFields]) -> BlockAnswer:
    """Change a block; what environments have deployed of it stays as it is until they are deployed again."""
    present = missing.block(block)
    missing.must_match(present, request.if_match)
    fields = body.onto(_changeable(present))
    projects = present.projects if "projects" not in body.changes else _chosen(request.call, fields)
    wanted = msgspec.structs.replace(
        present,
        name=fields.name,
        repository=fields.repository,
        source=fields.source,
        variables=fields.variables,
        projects=projects,
    )
    repository = body.changes.get("repository")
    forget_token = isinstance(repository, dict) and "token" in repository and repository["token"] is None
    return _answer(request.call, actions.change(request.call, present, wanted, forget_token))


def _changeable(block: Block) -> BlockFields:
    projects = None if block.projects is None else tuple(sorted(block.projects))
    return BlockFields(
        name=block.name,
        repository=block.repository,
        source=block.source,
        variables=block.variables,
        projects=projects,
    )


def _chosen(call: Call, fields: BlockFields) -> dict[str, str] | None:
    """The projects by their uids; raises Invalid with whatever else is wrong, too."""
    raise_any(_wrong(call, (), msgspec.structs.asdict(fields)))
    return None if fields.projects is None else chosen_projects.uids(fields.projects)


@route(blocks, "DELETE", "/blocks/{block}", role="admin", answers=None, versioned=True, status=204)
def delete_block(request: Request, block: str) -> None:
    """Delete a block that is configured nowhere."""
    present = missing.block(block)
    missing.must_match(present, request.if_match)
    actions.delete(request.call, present)
