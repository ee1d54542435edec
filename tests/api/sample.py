"""A small app of its own over the mechanism, and claims kept in memory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from chalice import Blueprint, Chalice
from chalice.test import Client
from msgspec import Meta

from chalicelib.api import http, idempotency
from chalicelib.domain.problems import Conflict, NotFound, Stale, Unavailable
from chalicelib.settings import Settings

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SETTINGS = Settings("t", "d", "j", "r", "i", "e", "k", "f", "p", "l", "h")


def even(value: int) -> None:
    if value % 2:
        raise ValueError(f"must be even: write {value + 1}")


class Docker(msgspec.Struct, tag_field="type", tag="dockerfile"):
    dockerfile: str = "Dockerfile"
    command: str | None = None


class Image(msgspec.Struct, tag_field="type", tag="image"):
    image: Annotated[str, Meta(min_length=1)]
    command: str | None = None


class Command(msgspec.Struct, tag_field="type", tag="command"):
    command: str
    build: str | None = None


class Ref(msgspec.Struct, omit_defaults=True):
    ONE_OF: ClassVar[tuple[str, ...]] = ("branch", "tag", "commit")
    branch: str | None = None
    tag: str | None = None
    commit: Annotated[str, Meta(pattern="^[0-9a-f]{40}$", description="40 hexadecimal digits")] | None = None


class Variable(msgspec.Struct):
    name: Annotated[str, Meta(pattern="^[A-Z_]+$", description="capitals and _", examples=["DATABASE_URL"])]
    value: str | None = None
    masked: bool = False


class Thing(msgspec.Struct):
    """What is sent."""

    name: Annotated[str, Meta(min_length=2, max_length=10, pattern="^[a-z]+$", description="lower-case letters")]
    source: Docker | Image | Command
    ref: Ref | None = None
    memory_mb: Annotated[int, Meta(ge=64, le=1024, extra={"check": even})] = 128
    ratio: float = 1.0
    paused: bool = False
    overlap: Literal["skip", "queue"] = "skip"
    variables: Annotated[tuple[Variable, ...], Meta(max_length=3)] = ()
    labels: dict[str, str] = {}
    until: datetime | None = None
    size: int = 0


class Stored(msgspec.Struct):
    """What is answered."""

    id: str
    thing: Thing
    version: int
    by: str
    note: str | None = None


class Options(msgspec.Struct):
    force: bool = False


class Report(msgspec.Struct):
    """What a view was given."""

    id: str
    if_match: int | None = None
    limit: int | None = None
    cursor: dict[str, Any] | None = None
    query: dict[str, Any] = {}


@dataclasses.dataclass
class Token:
    id: str
    name: str
    role: str
    projects: dict[str, str] | None = None


@dataclasses.dataclass
class Answer:
    status: int
    body: str


@dataclasses.dataclass
class Claim:
    ours: bool
    fingerprint: str
    began: datetime
    seed: str
    answer: Answer | None = None
    taken: datetime | None = None
    repeated: bool = False


class Claims:
    """idempotency.Claims as its words have it."""

    def __init__(self) -> None:
        self.kept: dict[str, Claim] = {}

    def begin(self, key: str, fingerprint: str, now: datetime, seed: str) -> Claim:
        before = self.kept.get(key)
        if before and now < before.began + idempotency.KEPT:
            if before.answer or (before.taken and now < before.taken + idempotency.LEASE):
                return dataclasses.replace(before, ours=False)
            if before.fingerprint == fingerprint:
                self.kept[key] = dataclasses.replace(before, ours=True, taken=now, repeated=True)
                return self.kept[key]
        self.kept[key] = Claim(True, fingerprint, now, seed, None, now)
        return self.kept[key]

    def finish(self, key: str, status: int, body: str, now: datetime) -> None:
        self.kept[key].answer = Answer(status, body)

    def abandon(self, key: str, now: datetime) -> None:
        self.kept[key].taken = None


TOKENS = {role: Token(f"id-{role}", f"the-{role}", role) for role in ("viewer", "deployer", "admin")}


def reach(projects: dict[str, str], named: dict[str, str]) -> None:
    if named["project"] not in projects:
        raise NotFound("No such project.")


class Sample:
    """The app, with what its views do in `does` and the clock in `now`."""

    def __init__(self) -> None:
        self.now = NOW
        self.claims = Claims()
        self.calls: list[Any] = []
        self.problem: BaseException | None = None
        self.made: Callable[[str], Any] = str
        self.times: list[tuple[datetime, datetime | None]] = []
        self.app = Chalice("sample", configure_logs=False, env={})
        self.app.register_blueprint(self.blueprint())
        http.install(self.app, self.edges())
        self.client = Client(self.app)

    def edges(self) -> http.Edges:
        find = TOKENS.get
        return http.Edges(lambda: self.now, lambda: SETTINGS, lambda _, told, now: find(told), self.claims, reach)

    def blueprint(self) -> Blueprint:
        bp = Blueprint(__name__)

        @http.route(bp, "GET", "/health", role=None, answers=Options)
        def health(request: http.Request) -> Options:
            """Whether it lives."""
            return Options()

        @http.route(bp, "GET", "/openapi.json", role=None, answers=dict[str, Any])
        def get_openapi(request: http.Request) -> dict[str, Any]:
            """This document."""
            from chalicelib.api import openapi

            return openapi.document(bp.current_app, "Sample", "1.2.3")

        @http.route(
            bp,
            "GET",
            "/things",
            role="viewer",
            answers=http.Page[Report],
            query={"status": Annotated[Literal["old", "new"], Meta(description="Only these.")], "after": int},
            paged=True,
        )
        def list_things(request: http.Request) -> http.Page[Report]:
            """A page of things."""
            report = Report("x", None, request.limit, dict(request.cursor or {}), dict(request.query))
            return request.page([report], {"sk": "THING#2"} if request.cursor is None else None)

        @http.route(bp, "POST", "/things", role="deployer", answers=Stored, body=Thing, status=201, idempotent=True)
        def create_thing(request: http.Request, thing: Thing) -> Stored:
            """Create one."""
            self.calls.append(thing)
            self.times.append((request.call.now, request.call.repeated_since))
            stored = Stored(request.call.new_id(), thing, 1, request.call.by)
            self.made(stored.id)
            if self.problem:
                raise self.problem
            return stored

        @http.route(bp, "GET", "/things/{name}", role="viewer", answers=Report)
        def get_thing(request: http.Request, name: str) -> Report:
            """One."""
            if self.problem:
                raise self.problem
            return Report(name)

        @http.route(bp, "PATCH", "/things/{name}", role="admin", answers=Stored, body=http.Patch[Thing], versioned=True)
        def patch_thing(request: http.Request, name: str, patch: http.Patch[Thing]) -> Stored:
            """Change one."""
            current = Thing("abc", Command("make", "build"), Ref(branch="main"), labels={"a": "1", "b": "2"})
            if request.if_match not in (None, 3):
                raise Stale("The present version is 3.")
            return Stored(name, patch.onto(current), 4, request.call.by)

        @http.route(bp, "DELETE", "/things/{name}", role="admin", answers=None, versioned=True)
        def delete_thing(request: http.Request, name: str) -> None:
            """Delete one."""
            self.calls.append(request.if_match)

        @http.route(bp, "POST", "/things/{name}/start", role="deployer", answers=Report, body=Options, status=202)
        def start_thing(request: http.Request, name: str, options: Options) -> Report:
            """Start one."""
            return Report(f"{name} {options.force}")

        return bp

    def call(self, method: str, path: str, body: Any = None, token: str | None = "admin", **headers: str) -> Any:
        """The answer; a body that is not bytes goes as JSON."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            told.setdefault("Authorization", f"Bearer {token}")
        if body is not None:
            told.setdefault("Content-Type", "application/json")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.http.request(method, path, headers=told, body=raw)


BAD = {"conflict": Conflict("It runs."), "gone": NotFound("No such thing."), "busy": Unavailable("AWS throttles.")}
THING = {"name": "abc", "source": {"type": "image", "image": "busybox"}}
