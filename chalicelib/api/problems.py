"""Problems as answers: application/problem+json, for ours and for those that Chalice finds by itself."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.domain.problems import FieldError, Invalid, Problem, Unauthenticated, Unavailable

CONTENT_TYPE = "application/problem+json"
REALM = 'Bearer realm="kintoblocks"'


class InternalError(Problem):
    """Something that we did not foresee; the log has it under the same reference."""


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an error answers (RFC 9457); `errors` only for 422."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | msgspec.UnsetType = msgspec.UNSET


def answer(problem: Problem) -> Response:
    """The answer to a request that met `problem`."""
    details = ProblemDetails(
        type=_type(type(problem).__name__),
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        errors=list(problem.errors) if isinstance(problem, Invalid) else msgspec.UNSET,
    )
    return _response(details, _headers(problem))


def from_chalice(response: Response) -> Response:
    """The same answer where it is a view's; a problem where it is one of Chalice's own `{"Code", "Message"}`."""
    body = response.body
    if not isinstance(body, dict) or body.keys() != {"Code", "Message"}:
        return response
    return _own(response.status_code, body, dict(response.headers))


def _own(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    detail = "Something went wrong on our side." if status >= 500 else str(body["Message"])
    if "Allow" in headers:
        detail += f"; this address takes {headers['Allow']}"
    title = HTTPStatus(status).phrase
    return _response(ProblemDetails(_type(title.title().replace(" ", "")), title, status, detail), headers)


def _headers(problem: Problem) -> dict[str, str]:
    if isinstance(problem, Unauthenticated):
        return {"WWW-Authenticate": REALM}
    return {"Retry-After": str(problem.retry_after)} if isinstance(problem, Unavailable) else {}


def _type(name: str) -> str:
    return "urn:kintoblocks:problem:" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _response(details: ProblemDetails, headers: dict[str, str]) -> Response:
    body = msgspec.json.encode(details).decode()
    return Response(body, status_code=details.status, headers={**headers, "Content-Type": CONTENT_TYPE})
