"""Routes: a view gets what it needs, parsed and checked, and answers a value; all of HTTP stays outside of it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from chalice.app import Blueprint, Chalice, Response
from chalice.app import Request as RawRequest

from chalicelib import logs, metrics
from chalicelib.api import exchange, problems
from chalicelib.api.pages import Page
from chalicelib.api.patch import Patch
from chalicelib.api.routes import ROLES, Beside, Edges, Limited, Request, Route

__all__ = ["Edges", "Page", "Patch", "Request", "install", "route"]

ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

View = TypeVar("View", bound=Callable[..., Any])

# Not app.current_request, which all threads of a process share.
_current: ContextVar[tuple[RawRequest, Edges]] = ContextVar("current")


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    role: str | None,
    limited: Limited | None = None,
    answers: Any,
    body: Any = None,
    beside: Beside | None = None,
    status: int = 200,
    query: Mapping[str, Any] | None = None,
    idempotent: bool = False,
    paged: bool = False,
    versioned: bool = False,
    conflicts: bool = False,
    summary: str = "",
) -> Callable[[View], View]:
    """Serve `view(request, *path_parameters[, body])` to tokens of at least `role` (None: to everybody).

    `limited`: what a token that is limited to projects gets, where a project or a run is named that of its own
    ("address"), elsewhere nothing ("refused"), what the view chooses ("filtered"), or the same as others ("shared").
    `answers` is what the view returns: a Struct, None (204) or, where `paged`, `Page[X]`. `body` is a Struct or
    `Patch[X]`, a JSON merge patch; one without required fields may be left out. `beside` is asked, where some of its
    fields are wrong, for what else is. `query` maps names to types (`Literal`, annotated `str` or `int`, `bool`).
    `versioned` reads If-Match, `idempotent` Idempotency-Key; a GET that `conflicts` may be 409.
    """

    def register(view: View) -> View:
        told = summary or (view.__doc__ or "").strip().partition("\n")[0]
        flags = (idempotent, paged, versioned, conflicts or method != "GET")
        within = limited or ("address" if {"{project}", "{run}"} & set(path.split("/")) else "refused")
        one = Route(method, path, role, within, answers, body, status, query or {}, *flags, told, view, beside)
        takes = 1 + len(one.parameters) + (body is not None)
        if view.__code__.co_argcount != takes or role not in (None, *ROLES):
            raise TypeError(f"{method} {path}: the view must take {takes} arguments, its role be one of {ROLES}")
        _serve(blueprint, one)
        return view

    return register


def _serve(blueprint: Blueprint, route: Route) -> None:
    """Register the route, and HEAD with a GET that needs no token: checks from outside ask for it."""
    open_to_all = route.method == "GET" and route.role is None
    for served in (route, dataclasses.replace(route, method="HEAD")) if open_to_all else (route,):
        # Any content type: our own check says more.
        blueprint.route(served.path, methods=[served.method], content_types=["*/*"])(_handler(served))


def _handler(one: Route) -> Callable[..., Response]:
    def handle(**parameters: str) -> Response:
        raw, edges = _current.get()
        return exchange.answer(one, raw, edges, parameters)

    handle.__name__ = one.view.__name__
    handle.__doc__ = one.summary
    handle.route = one  # type: ignore[attr-defined]  # openapi.py finds it in app.routes
    return handle


def install(app: Chalice, edges: Edges) -> None:
    """Make `app` serve routes with these edges, and answer even Chalice's own errors as problems."""

    def edge(raw: RawRequest, get_response: Callable[[RawRequest], Response]) -> Response:
        reset = _current.set((raw, edges))
        took = logs.stopwatch()
        with logs.about(**_about(raw)):
            try:
                response = problems.from_chalice(get_response(raw))
            except Exception:
                response = exchange.unforeseen()
            finally:
                _current.reset(reset)
            for name, value in ALWAYS.items():
                response.headers.setdefault(name, value)
            if raw is not None and raw.method == "HEAD":
                response.body = ""
            with contextlib.suppress(Exception):  # no request, or no settings; the answer was an error already
                metrics.answered(edges.settings().stack, raw.method, raw.path, response.status_code, took())
        return response

    app.register_middleware(edge, "http")


def _about(raw: RawRequest | None) -> dict[str, Any]:
    """What the log says of a request (None: of an event that is none): its ids, never its body, headers or query."""
    if raw is None:
        return {}
    invocation = getattr(raw.lambda_context, "aws_request_id", None)
    return {
        "function": "api_handler",
        "request_id": (raw.context or {}).get("requestId") or invocation,
        "invocation": invocation,
        "run_id": (raw.uri_params or {}).get("run"),
    }
