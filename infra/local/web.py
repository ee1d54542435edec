"""API Gateway's place: serves the Chalice application over HTTP, through Chalice's own local gateway."""

from __future__ import annotations

import base64
import gzip
import logging
import socket
import string
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask, WSGITask

from infra.local.answers import Answer, Headers, Request, problem

log = logging.getLogger(__name__)

MAX_BODY = 6 * 1024 * 1024
# What is larger than allowed is still read up to here, so that its sender gets to read the answer.
MAX_READ = 64 * 1024 * 1024
# `;` is left out: Chalice's matcher would take what follows it for parameters of the path.
AS_SENT = string.punctuation.replace(";", "")
NO_BODY = {204, 304}
# minimum_compression_size in .chalice/config.json
COMPRESSED_FROM = 1024

Handler = Callable[[Request], Answer]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def gateway(app: Chalice) -> Handler:
    """Routes requests to the application as API Gateway would with this stack's gateway responses."""
    # Several threads serve one application: its current_request must be each thread's own.
    if not isinstance(app, LocalChalice):
        app.__class__ = type("LocalApp", (LocalChalice, app.__class__), {})
    local = LocalGateway(app, Config.create(function_name="api_handler", lambda_timeout=29))
    matcher = RouteMatcher(list(app.routes))

    def answer(request: Request) -> Answer:
        path = request.target.partition("?")[0]
        route = _route(matcher, path)
        if route is None:
            return problem(404, "Not found", f"There is nothing at {path}")
        methods = app.routes[route]
        if request.method not in methods:
            allowed = ", ".join(sorted(methods))
            detail = f"{request.method} is not possible here; use {allowed}"
            return problem(405, "Method not allowed", detail, [("Allow", allowed)])
        return _handled(local, request)

    return answer


def _route(matcher: RouteMatcher, path: str) -> str | None:
    if "//" in path:  # what follows would be taken for a host
        return None
    try:
        return str(matcher.match_route(path).route)
    except ValueError:
        return None


def _handled(local: LocalGateway, request: Request) -> Answer:
    try:
        response = local.handle_request(request.method, request.target, dict(request.headers), request.body or None)
    except LocalGatewayException as refused:
        return problem(refused.CODE, HTTPStatus(refused.CODE).phrase, "The authorizer refused this request")
    return Answer(response["statusCode"], _headers(response), _body(response))


def _headers(response: Mapping[str, Any]) -> list[tuple[str, str]]:
    headers = [(name, str(value)) for name, value in response["headers"].items()]
    for name, values in response["multiValueHeaders"].items():
        headers += [(name, str(value)) for value in values]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return headers


def _body(response: Mapping[str, Any]) -> bytes:
    body = response["body"] or ""
    if response.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body).encode()


class _ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """What waitress itself refuses (a malformed request line, a huge header), told in the API's own words."""

    def execute(self) -> None:
        error = self.request.error
        answer = problem(error.code, error.reason, error.body)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(answer.headers)
        self.set_close_on_finish()
        self.content_length = len(answer.body)
        self.write(answer.body)


class _Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Sends nothing after the headers of an answer to HEAD, not even the end of a chunked body."""

    @property
    def has_body(self) -> bool:
        return self.request.command != "HEAD" and bool(super().has_body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    task_class = _Task
    error_task_class = _ProblemTask


class Server:
    """Serves `api`, and `pages` at their exact paths, on a socket that is already bound."""

    def __init__(self, api: Handler, pages: Mapping[str, Handler], bound: socket.socket) -> None:
        def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            answer = _answered(environ, api, pages)
            if answer.status in NO_BODY or environ["REQUEST_METHOD"] == "HEAD":
                headers, body = answer.headers, b""
            else:
                headers, body = _compressed(answer, environ.get("HTTP_ACCEPT_ENCODING", ""))
            start_response(f"{answer.status} {_phrase(answer.status)}", [*headers])
            return [body]

        self._server = create_server(
            application,
            sockets=[bound],
            threads=32,
            connection_limit=1000,
            max_request_body_size=MAX_READ,
            ident=None,
        )
        self._server.channel_class = _Channel
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Answers requests from now on, those that have been waiting too."""
        self._thread.start()

    def stop(self) -> None:
        """Lets the requests being answered go on for a moment, then closes every connection."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=2)
        self._stopped = True
        self._server.trigger.pull_trigger()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        """waitress's own loop goes on for as long as a client keeps its connection open."""
        while not self._stopped:
            wasyncore.loop(timeout=1, map=self._server._map, use_poll=True, count=1)
        self._server.close()
        wasyncore.close_all(self._server._map)


def listen(port: int) -> socket.socket:
    """A socket bound to the loopback address; OSError when the port is in use."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound


def _answered(environ: Mapping[str, Any], api: Handler, pages: Mapping[str, Handler]) -> Answer:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY:
        return problem(413, "Body too large", f"A body may have {MAX_BODY} bytes; this one has {length}")
    request = Request(
        environ["REQUEST_METHOD"], _target(environ), _request_headers(environ), environ["wsgi.input"].read()
    )
    try:
        return pages.get(request.target.partition("?")[0], api)(request)
    except Exception:
        log.exception("%s %s", request.method, request.target)
        return problem(500, "Internal error", "This is a mistake of ours; the log of the stack says more")


def _compressed(answer: Answer, accepted: str) -> tuple[Headers, bytes]:
    """Headers and body, by gzip where the client takes that and it is worth it."""
    body, more = answer.body, []
    if len(body) >= COMPRESSED_FROM and _takes_gzip(accepted):
        body = gzip.compress(body, compresslevel=6, mtime=0)
        more = [("Content-Encoding", "gzip")]
    return [*answer.headers, *more, ("Content-Length", str(len(body)))], body


def _takes_gzip(accepted: str) -> bool:
    chosen = (one.strip().partition(";") for one in accepted.lower().split(","))
    return any(name.strip() == "gzip" and weight.replace(" ", "") not in ("q=0", "q=0.0") for name, _, weight in chosen)


def _target(environ: Mapping[str, Any]) -> str:
    """Path and query as sent; a proxy sends the whole address."""
    sent: str = environ["REQUEST_URI"].partition("#")[0]
    if not sent.startswith("/"):
        parts = urlsplit(sent)
        sent = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return quote(sent.encode("latin-1"), safe=AS_SENT)


def _request_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
