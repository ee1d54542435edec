"""The audit: who changed what, when, from where, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.api.http import Page, Request, route
from chalicelib.domain.audit import Action, By, Entry, Source
from chalicelib.domain.compare import FieldChange
from chalicelib.domain.names import InternalName
from chalicelib.store import audit as stored

audit = Blueprint(__name__)


Person = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S", description="a token's name or id")]
FILTERS: Mapping[str, Any] = {
    **dict.fromkeys(("project", "environment", "hostname", "block"), InternalName),
    "by": Person,
}


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from"}):
    """One change. What is null does not apply; of masked values `changes` tell only that they are others."""

    id: str
    at: datetime
    by: By
    source: Source
    action: Action
    project: str | None
    environment: str | None
    hostname: str | None
    block: str | None
    deployment: int | None
    run: str | None
    host: str | None
    token: str | None
    changes: tuple[FieldChange, ...]
    request_id: str | None


def _answer(entry: Entry) -> AuditEntry:
    told = msgspec.structs.asdict(entry) | msgspec.structs.asdict(entry.subject)
    return AuditEntry(**{name: told[name] for name in AuditEntry.__struct_fields__})


@route(
    audit,
    "GET",
    "/audit",
    role="admin",
    limited="filtered",
    answers=Page[AuditEntry],
    paged=True,
    query=FILTERS,
)
def list_changes(request: Request) -> Page[AuditEntry]:
    """What people changed, newest first; to a token that is limited to projects, what was changed in those."""
    found, after = _found(request)
    return request.page([_answer(entry) for entry in found if _is_wanted(request, entry)], after)


def _found(request: Request) -> stored.Found:
    """A page of the shortest list that holds what is asked for."""
    told, of_page = request.query, (request.call.now, request.limit, request.cursor)
    if "block" in told:
        return stored.of_block(told["block"], *of_page)
    if "project" in told:
        return stored.of_project(told["project"], *of_page)
    if "by" in told:
        return stored.of_person(told["by"], *of_page)
    now, limit, start = of_page
    return stored.everywhere(now, request.call.settings.audit_days, limit, start)


def _is_wanted(request: Request, entry: Entry) -> bool:
    limits = request.call.projects
    if limits is not None and entry.subject.project_uid not in limits.values():
        return False
    by = request.query.get("by")
    if by is not None and by not in (entry.by.name, entry.by.id):
        return False
    names = [name for name in request.query if name != "by"]
    return all(getattr(entry.subject, name) == request.query[name] for name in names)
