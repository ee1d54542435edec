"""The OpenAPI 3.1 document of an app, from the types that check its requests; imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args, get_origin

from chalice.app import Chalice

from chalicelib.api import fields, headers, problems
from chalicelib.api.pages import USUAL, Page
from chalicelib.api.routes import Route
from chalicelib.api.schemas import Schemas
from chalicelib.domain import problems as known

_ERRORS: tuple[tuple[str, int, str], ...] = (
    *(
        (one.__name__, one.status, one.title)
        for one in (
            known.Malformed,
            known.Unauthenticated,
            known.Forbidden,
            known.NotFound,
            known.Conflict,
            known.Stale,
            known.TooLarge,
            known.UnsupportedMediaType,
            known.Invalid,
            problems.InternalError,
            known.Unavailable,
        )
    ),
    ("TooManyRequests", 429, "Too many requests"),
)
_ERROR_HEADERS: dict[int, dict[str, Any]] = {
    401: {
        # Not to be mended in the template: mappings and gateway responses don't apply to a Lambda proxy's own answers.
        "WWW-Authenticate": {
            "description": "API Gateway renames it to x-amzn-Remapped-WWW-Authenticate.",
            "schema": {"type": "string"},
        }
    },
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
_LONGEST_NAME = 128
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that the change is meant for; 412 where it is no longer the present one.",
    "schema": {"type": "string", "maxLength": 32, "examples": ['"3"']},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Only if there is none yet; 412 where there is one.",
    "schema": {"const": "*"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and request within 24 hours get the same answer, and are done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def document(app: Chalice, title: str, version: str) -> dict[str, Any]:
    """Everything that `app` serves through http.route."""
    routes = described(app)
    schemas = _schemas([route for _, route in routes])
    paths: dict[str, dict[str, Any]] = {}
    for path, route in sorted(routes, key=lambda item: (item[0], item[1].method)):
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "responses": {name: _error(status, told, schemas) for name, status, told in _ERRORS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def described(app: Chalice) -> list[tuple[str, Route]]:
    """The routes made by http.route, each with the path it is served at; raises ValueError where two share a name."""
    entries = [(path, entry.view_function) for path, methods in app.routes.items() for entry in methods.values()]
    routes = [(path, view.route) for path, view in entries if hasattr(view, "route")]
    names = [route.operation for _, route in routes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"views of one name, which is their operationId: {', '.join(sorted(twice))}")
    return routes


def _schemas(routes: list[Route]) -> Schemas:
    bodies = [route for route in routes if route.body is not None]
    return Schemas(
        received=[route.body for route in bodies if not route.patches],
        patched=[get_args(route.body)[0] for route in bodies if route.patches],
        sent=[
            problems.ProblemDetails,
            *(_answered(route) for route in routes if route.answers is not None),
            *(kind for route in routes for kind in route.known_query.values()),
        ],
    )


def _answered(route: Route) -> Any:
    return get_args(route.answers)[0] if get_origin(route.answers) is Page else route.answers


def _operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    result: dict[str, Any] = {
        "operationId": route.operation,
        "tags": [route.view.__module__.rpartition(".")[2]],
        "summary": route.summary,
        "description": f"Needs the role `{route.role}`." if route.role else "Needs no token.",
        "security": [{"token": []}] if route.role else [],
        "parameters": list(_parameters(route, schemas)),
        "responses": {**_success(route, schemas), **_problems(route)},
    }
    if route.body is not None:
        result["requestBody"] = _body(route, schemas)
    return result


def _parameters(route: Route, schemas: Schemas) -> Iterable[dict[str, Any]]:
    for name in route.parameters:
        schema: dict[str, Any] = {"type": "string", "maxLength": _LONGEST_NAME}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, kind in route.known_query.items():
        schema = dict(schemas.of(kind))
        told = {"description": schema.pop("description")} if "description" in schema else {}
        if name == "limit" and route.paged:
            schema["default"] = USUAL
        yield {"name": name, "in": "query", **told, "schema": schema}
    if route.versioned:
        yield _IF_MATCH
    if route.versioned and route.method == "PUT":
        yield _IF_NONE_MATCH
    if route.idempotent:
        yield _IDEMPOTENCY_KEY


def _body(route: Route, schemas: Schemas) -> dict[str, Any]:
    if route.patches:
        media = {"schema": schemas.patch_of(get_args(route.body)[0])}
        return {"required": True, "content": {headers.JSON: media, headers.MERGE_PATCH: media}}
    return {"required": route.needs_body, "content": {headers.JSON: {"schema": schemas.of(route.body)}}}


def _success(route: Route, schemas: Schemas) -> dict[str, Any]:
    if route.method == "HEAD":
        return {str(route.status): {"description": "As GET, without the body."}}
    if route.answers is None:
        return {"204": {"description": "Done; nothing to tell."}}
    told: dict[str, Any] = {"description": "Done." if route.status < 202 else "Begun.", "headers": {}}
    if any(field.encode_name == "version" for field in getattr(fields.of(_answered(route)), "fields", ())):
        told["headers"]["ETag"] = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
    if route.idempotent:
        told["headers"]["Idempotency-Replayed"] = {"schema": {"type": "string", "enum": ["true"]}}
    schema = schemas.of(_answered(route))
    told["content"] = {headers.JSON: {"schema": _page(schema) if route.paged else schema}}
    return {str(route.status): told}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}},
        "required": ["items", "next"],
    }


def _problems(route: Route) -> dict[str, Any]:
    may = {
        401: route.role is not None,
        403: route.role is not None,
        404: bool(route.parameters),
        409: route.conflicts,
        412: route.versioned,
        415: route.body is not None,
    }
    answers = sorted((status, name) for name, status, _ in _ERRORS if may.get(status, True))
    if route.method == "HEAD":
        return {str(status): {"description": "As GET, without the body."} for status, _ in answers}
    return {str(status): {"$ref": f"#/components/responses/{name}"} for status, name in answers}


def _error(status: int, title: str, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(problems.ProblemDetails)
    told = {"description": f"{title}.", "content": {problems.CONTENT_TYPE: {"schema": schema}}}
    return told | ({"headers": _ERROR_HEADERS[status]} if status in _ERROR_HEADERS else {})
