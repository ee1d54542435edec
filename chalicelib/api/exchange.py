"""One request through one route: who asks, what they say, the view's answer or the problem it met."""

from __future__ import annotations

import dataclasses
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, get_args
from urllib.parse import unquote

import msgspec
from chalice.app import Request as RawRequest
from chalice.app import Response

from chalicelib.api import blame, body, headers, idempotency, pages, patch, problems, query
from chalicelib.api.routes import ROLES, Edges, Request, Route, Token
from chalicelib.call import Call, Origin
from chalicelib.domain.problems import (
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Unauthenticated,
)

_log = logging.getLogger(__name__)
AGENT = 200  # characters of a user agent
_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")

T = TypeVar("T")


class _Nothing(msgspec.Struct):
    """The body of a call that takes none."""


class _Nobody(msgspec.Struct, frozen=True):
    """Who asks where no token is needed."""

    id: str = ""
    name: str = ""
    role: str = ""
    projects: Mapping[str, str] | None = None


def answer(route: Route, raw: RawRequest, edges: Edges, parameters: Mapping[str, str]) -> Response:
    """The answer to a request; never raises."""
    try:
        return _answer(route, raw, edges, parameters)
    except Problem as problem:
        return problems.answer(problem)
    except Exception as error:
        passing = blame.unavailable(error)
        if passing is None:
            return unforeseen()
        _log.warning("AWS failed: %s", error)
        return problems.answer(passing)


def unforeseen() -> Response:
    """The answer while an exception is handled that nobody thought of; only the log says which."""
    reference = secrets.token_hex(6)
    _log.exception("Unforeseen, reference %s", reference)
    return problems.answer(problems.InternalError(f"Something went wrong on our side; reference {reference}."))


def _answer(route: Route, raw: RawRequest, edges: Edges, parameters: Mapping[str, str]) -> Response:
    now = edges.now()
    settings = edges.settings()
    token = _admitted(route, raw.headers, edges, settings.token_key, now)
    path = [_path_parameter(parameters[name]) for name in route.parameters]
    _within(route, token, edges, dict(zip(route.parameters, path, strict=True)))
    call = Call(now, token.name, token.role, settings, idempotency.ids(), token.projects, _origin(raw, token))
    request, arguments = _parsed(route, raw, call, path)
    key = headers.idempotency_key(raw.headers) if route.idempotent else None
    if key is None:
        return _response(*_done(route, request, arguments))
    sent = (str(sorted(_query(raw).items())), _raw(raw).decode())
    fingerprint = idempotency.digest(raw.method, raw.path, *path, *sent)
    attempt = idempotency.begin(edges.claims, key, token.id, fingerprint, now)
    if attempt.answer is not None:
        replayed = _response(attempt.answer.status, attempt.answer.body)
        replayed.headers["Idempotency-Replayed"] = "true"
        return replayed
    # What an earlier attempt began is found again by the same ids; the time is that of this attempt.
    call = dataclasses.replace(call, new_id=attempt.new_id, repeated_since=attempt.repeated_since)
    return _response(*_once(edges, attempt, route, dataclasses.replace(request, call=call), arguments))


def _admitted(route: Route, sent: Mapping[str, str], edges: Edges, key: str, now: datetime) -> Token:
    if route.role is None:
        return _Nobody()
    bearer = headers.bearer(sent)
    try:
        token = edges.find_token(key, bearer, now)
    except Exception as error:
        # A caller who is not known yet learns nothing of the account.
        raise blame.unavailable(error, with_reason=False) or error from error
    if token is None:
        raise Unauthenticated("This token is not valid, or no longer.")
    if token.role not in ROLES[ROLES.index(route.role) :]:
        raise Forbidden(f'This needs the role {route.role}; the token "{token.name}" has the role {token.role}.')
    return token


def _within(route: Route, token: Token, edges: Edges, named: Mapping[str, str]) -> None:
    """Raises Forbidden or NotFound where a token that is limited to projects has no business."""
    if token.projects is None or route.limited in ("filtered", "shared"):
        return
    if route.limited == "refused":
        raise Forbidden(f'This is of the whole stack; the token "{token.name}" is limited to projects.')
    edges.reach(token.projects, named)


def _origin(raw: RawRequest, token: Token) -> Origin:
    told = raw.context or {}
    agent = raw.headers.get("user-agent")
    request_id = told.get("requestId") or getattr(raw.lambda_context, "aws_request_id", None)
    return Origin(token.id, told.get("identity", {}).get("sourceIp"), agent and agent[:AGENT], request_id)


def _path_parameter(text: str) -> str:
    plain = unquote(text)
    if not _VISIBLE.fullmatch(plain):
        raise NotFound("There is nothing at this address.")
    return plain


def _parsed(route: Route, raw: RawRequest, call: Call, path: list[str]) -> tuple[Request, list[Any]]:
    """The view's arguments; raises Invalid with what is wrong in query and body together."""
    errors: list[FieldError] = []
    told = _collected(errors, lambda: query.read(route.known_query, _query(raw))) or {}
    filters = {name: value for name, value in told.items() if name in route.query}
    of_list = idempotency.digest(raw.path, *path, *(f"{name}={filters[name]}" for name in sorted(filters)))
    cursor = _collected(errors, lambda: pages.decode(told.get("cursor"), of_list))
    body_sent = _collected(errors, lambda: _body(route, raw))
    if errors:
        raise Invalid([*errors, *_beside(route, raw, call, path)])
    if_match = headers.if_match(raw.headers) if route.versioned else None
    request = Request(call, if_match, filters, told.get("limit", pages.USUAL), cursor, of_list)
    return request, [*path, *([] if route.body is None else [body_sent])]


def _beside(route: Route, raw: RawRequest, call: Call, path: list[str]) -> list[FieldError]:
    if route.beside is None:
        return []
    kind = get_args(route.body)[0] if route.patches else route.body
    return route.beside(call, path, body.right(kind, _raw(raw), route.patches))


def _collected(errors: list[FieldError], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Invalid as invalid:
        errors += invalid.errors
        return None


def _query(raw: RawRequest) -> dict[str, list[str]]:
    sent = raw.query_params
    return {} if sent is None else {name: sent.getlist(name) for name in sent}


def _raw(raw: RawRequest) -> bytes:
    try:
        return bytes(raw.raw_body)
    except ValueError as error:
        raise Malformed("The body can't be read: it is neither UTF-8 nor base64.") from error


def _body(route: Route, raw: RawRequest) -> Any:
    sent = _raw(raw)
    if not sent.strip() and not route.needs_body:
        sent = b"{}"
    elif route.body is not None:
        headers.require_json(raw.headers, route.patches)
    if route.patches:
        return patch.decode(get_args(route.body)[0], sent)
    return body.decode(_Nothing if route.body is None else route.body, sent)


def _once(
    edges: Edges, attempt: idempotency.Attempt, route: Route, request: Request, arguments: list[Any]
) -> tuple[int, str]:
    try:
        status, text = _done(route, request, arguments)
        edges.claims.finish(attempt.key, status, text, edges.now())
    except Exception:
        idempotency.failed(edges.claims, attempt, edges.now(), _log.warning)
        raise
    return status, text


def _done(route: Route, request: Request, arguments: list[Any]) -> tuple[int, str]:
    result = route.view(request, *arguments)
    return (204, "") if result is None else (route.status, msgspec.json.encode(result).decode())


def _response(status: int, text: str) -> Response:
    if not text:
        return Response("", status_code=status)
    told = {"Content-Type": headers.JSON}
    version = _version(text)
    if version is not None:
        told["ETag"] = f'"{version}"'
    return Response(text, status_code=status, headers=told)


class _Versioned(msgspec.Struct):
    version: int | None = None


def _version(text: str) -> int | None:
    try:
        return msgspec.json.decode(text, type=_Versioned).version
    except msgspec.ValidationError:
        return None
