"""KintoBlocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import blocks as actions
from chalicelib.actions import missing
from chalicelib.actions.blocks import raise_any
from chalicelib.api.http import Page, Patch, Request, route
from chalicelib.call import Call
from chalicelib.domain import blocks as rules
from chalicelib.domain import names
from chalicelib.domain.blocks import Block, Flavor, Repository, Source
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError
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


class BlockFields(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a block."""

    name: DisplayName
    repository: Repository | None = None
    source: Source
    variables: Variables = ()


class RepositoryAnswer(msgspec.Struct, frozen=True):
    """A block's repository without its token: as it is told it may be sent back, and the token stays."""

    url: str
    branch: str
    source_folder: str


class BlockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A block; values of masked variables and the repository's token are never told."""

    name: str
    internal_name: str
    flavor: Flavor
    repository: RepositoryAnswer | None
    has_token: bool
    source: Source
    variables: tuple[Variable, ...]
    created_at: datetime
    updated_at: datetime
    version: int


def _answer(block: Block) -> BlockAnswer:
    return msgspec.convert(block, BlockAnswer, from_attributes=True)


@route(blocks, "GET", "/blocks", role="viewer", limited="shared", answers=Page[BlockAnswer], paged=True, query=SEARCH)
def list_blocks(request: Request) -> Page[BlockAnswer]:
    """List the blocks by internal name; with `search`, those whose names contain all its words."""
    words = names.search_words(request.query.get("search", ""))
    found, after = stored.page(request.limit, request.cursor, words)
    return request.page([_answer(block) for block in found], after)


def _wrong(call: Call, _: Sequence[str], told: Mapping[str, Any]) -> list[FieldError]:
    return names.errors(told) + rules.errors_among(told, call.settings.local_repositories)


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
    )
    return _answer(created)


@route(blocks, "GET", "/blocks/{block}", role="viewer", limited="shared", answers=BlockAnswer)
def get_block(request: Request, block: str) -> BlockAnswer:
    """One block."""
    return _answer(missing.block(block))


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
    fields = body.onto(msgspec.convert(present, BlockFields, from_attributes=True))
    wanted = msgspec.structs.replace(
        present, name=fields.name, repository=fields.repository, source=fields.source, variables=fields.variables
    )
    repository = body.changes.get("repository")
    forget_token = isinstance(repository, dict) and "token" in repository and repository["token"] is None
    return _answer(actions.change(request.call, present, wanted, forget_token))


@route(blocks, "DELETE", "/blocks/{block}", role="admin", answers=None, versioned=True, status=204)
def delete_block(request: Request, block: str) -> None:
    """Delete a block that is configured nowhere."""
    present = missing.block(block)
    missing.must_match(present, request.if_match)
    actions.delete(request.call, present)
