"""Tokens: who may call this API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.actions import chosen_projects
from chalicelib.actions import tokens as actions
from chalicelib.api.http import Page, Request, route
from chalicelib.domain.names import InternalName
from chalicelib.domain.problems import FieldError, Invalid, Unauthenticated
from chalicelib.domain.tokens import MOST_PROJECTS, Role, Token, TokenName
from chalicelib.store import tokens as stored

tokens = Blueprint(__name__)

Projects = Annotated[
    tuple[InternalName, ...],
    Meta(min_length=1, max_length=MOST_PROJECTS, description=f"internal names of 1 to {MOST_PROJECTS} projects"),
]


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to make; without `projects` it is for all of them, without `expires_at` it stays until it is deleted."""

    name: TokenName
    role: Role
    projects: Projects | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A token; its secret is told once, when it is made. `last_used_at` is right to a minute."""

    id: str
    name: str
    role: Role
    projects: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None


class MadeToken(TokenAnswer, frozen=True, kw_only=True):
    """A new token with its secret, which is told this once."""

    secret: str


def _answer(token: Token) -> TokenAnswer:
    told = {name: getattr(token, name) for name in TokenAnswer.__struct_fields__}
    return TokenAnswer(**told | {"projects": None if token.projects is None else tuple(sorted(token.projects))})


@route(tokens, "GET", "/me", role="viewer", limited="shared", answers=TokenAnswer)
def get_me(request: Request) -> TokenAnswer:
    """The token that asks: who is signed in, and what that may do."""
    return _answer(_own(request))


def _own(request: Request) -> Token:
    origin = request.call.origin
    found = stored.get(origin.token) if origin is not None and origin.token is not None else None
    if found is None:
        raise Unauthenticated("This token was revoked just now.")
    return found


@route(tokens, "GET", "/tokens", role="admin", answers=Page[TokenAnswer], paged=True)
def list_tokens(request: Request) -> Page[TokenAnswer]:
    """The tokens, newest first, those that have expired too."""
    found, after = stored.page(request.limit, request.cursor)
    return request.page([_answer(one) for one in found], after)


@route(tokens, "POST", "/tokens", role="admin", answers=MadeToken, body=NewToken, status=201)
def create_token(request: Request, body: NewToken) -> MadeToken:
    """Make a token; the answer is the only one that tells its secret, and is not kept for a repeat."""
    expires_at = _end(_own(request), request.call.now, body.expires_at)
    projects = chosen_projects.uids(body.projects) if body.projects is not None else None
    made, secret = actions.create(
        request.call, name=body.name, role=body.role, projects=projects, expires_at=expires_at
    )
    return MadeToken(**msgspec.structs.asdict(_answer(made)), secret=secret)


def _end(own: Token, now: datetime, wanted: datetime | None) -> datetime | None:
    """When the token is to expire; raises Invalid where that is over, or later than the token that makes it."""
    if wanted is not None and wanted <= now:
        raise Invalid([FieldError("expires_at", f"must be in the future; now is {now:%Y-%m-%dT%H:%M:%SZ}")])
    if own.expires_at is not None and (wanted is None or wanted > own.expires_at):
        last = f"{own.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        raise Invalid([FieldError("expires_at", f"must be {last} or before: your own token expires then")])
    return wanted.astimezone(UTC) if wanted is not None else None


@route(tokens, "DELETE", "/tokens/{token}", role="admin", answers=None, status=204)
def delete_token(request: Request, token: str) -> None:
    """Revoke a token: the next request with it is refused."""
    actions.revoke(request.call, token)
