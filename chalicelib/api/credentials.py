"""Credentials of the stack for git servers and image registries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.actions import credentials as actions
from chalicelib.api.http import Page, Request, route
from chalicelib.domain.credentials import Credentials, SecretText, is_host
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.store import credentials as stored

credentials = Blueprint(__name__)


Username = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9._@:$+/-]+$",
        description="letters, digits and ._@:$+/-",
        examples=["ada"],
    ),
]


class CredentialsBody(msgspec.Struct, frozen=True, kw_only=True):
    """A token for a git server; a user name and a password or token for an image registry."""

    username: Username | None = None
    secret: SecretText


class CredentialsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """That there is a secret for a host; it is never told."""

    host: str
    username: str | None
    by: str
    updated_at: datetime
    version: int


def _answer(found: Credentials) -> CredentialsAnswer:
    return msgspec.convert(found, CredentialsAnswer, from_attributes=True)


@route(credentials, "GET", "/credentials", role="admin", answers=Page[CredentialsAnswer], paged=True)
def list_credentials(request: Request) -> Page[CredentialsAnswer]:
    """The hosts for which the stack has a secret."""
    found, after = stored.page(request.limit, request.cursor)
    return request.page([_answer(one) for one in found], after)


@route(
    credentials,
    "PUT",
    "/credentials/{host}",
    role="admin",
    answers=CredentialsAnswer,
    body=CredentialsBody,
    versioned=True,
)
def put_credentials(request: Request, host: str, body: CredentialsBody) -> CredentialsAnswer:
    """Keep a secret for all private repositories or images of a host."""
    if not is_host(host):
        raise Invalid([FieldError("host", "write a host in lower case, e.g. github.com or ghcr.io")])
    return _answer(actions.put(request.call, host, body.username, body.secret, request.if_match))


@route(credentials, "DELETE", "/credentials/{host}", role="admin", answers=None, versioned=True, status=204)
def delete_credentials(request: Request, host: str) -> None:
    """Forget the secret for a host."""
    actions.delete(request.call, host, request.if_match)
