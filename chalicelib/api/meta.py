"""What can be asked without a token: whether the API is up, and what it can do."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import msgspec
from chalice.app import Blueprint

from chalicelib.api.http import Request, route

VERSION = "0.1.0"
TITLE = "KintoBlocks"

meta = Blueprint(__name__)


class Health(msgspec.Struct, frozen=True):
    """That the API answers, and which version it is."""

    status: Literal["ok"]
    version: str


@route(meta, "GET", "/health", role=None, answers=Health)
def get_health(request: Request) -> Health:
    """Whether the API answers."""
    return Health("ok", VERSION)


@route(meta, "GET", "/openapi.json", role=None, answers=dict[str, Any])
def get_openapi(request: Request) -> dict[str, Any]:
    """This API as an OpenAPI 3.1 document."""
    return _document()


@cache
def _document() -> dict[str, Any]:
    from app import app
    from chalicelib.api import openapi

    return openapi.document(app, TITLE, VERSION)
