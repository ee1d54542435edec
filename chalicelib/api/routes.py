"""What a route is, what its view gets, and what the mechanism needs from outside."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, get_origin

from chalicelib.api import fields, idempotency, pages
from chalicelib.api.patch import Patch
from chalicelib.call import Call
from chalicelib.domain.problems import FieldError
from chalicelib.settings import Settings

ROLES = ("viewer", "deployer", "admin")
# What a route does for a token that is limited to projects: nothing, what its address names of them, what it itself
# chooses to tell it, or the same as for every token.
Limited = Literal["refused", "address", "filtered", "shared"]
# What else is wrong with a request: its call, the parts of its address, the fields that are right by themselves.
Beside = Callable[[Call, Sequence[str], Mapping[str, Any]], list[FieldError]]
PAGING = {"limit": pages.Limit, "cursor": pages.Cursor}

T = TypeVar("T")


class Token(Protocol):
    """Who asks."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def projects(self) -> Mapping[str, str] | None: ...


@dataclasses.dataclass(frozen=True)
class Edges:
    """What the mechanism needs from outside: the time, the settings, who a token is, where claims are kept.

    `find_token` gets the name of KMS's key, what was sent and the time. `reach` raises NotFound unless what an address
    names (its parameters) is of one of a token's projects.
    """

    now: Callable[[], datetime]
    settings: Callable[[], Settings]
    find_token: Callable[[str, str, datetime], Token | None]
    claims: idempotency.Claims
    reach: Callable[[Mapping[str, str], Mapping[str, str]], None]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a view gets: `if_match` is None for any version; `query` has the parameters that were sent."""

    call: Call
    if_match: int | None
    query: Mapping[str, Any]
    limit: int
    cursor: Mapping[str, Any] | None
    of_list: str

    def page(self, items: Sequence[T], after: Mapping[str, Any] | None) -> pages.Page[T]:
        """A page whose `next`, sent back as `cursor`, gives `request.cursor` = `after`; None: it is the last."""
        return pages.Page(list(items), pages.encode(after, self.of_list))


@dataclasses.dataclass(frozen=True)
class Route:
    """One method of one address, as it is served and as openapi.py tells it."""

    method: str
    path: str
    role: str | None
    limited: Limited
    answers: Any
    body: Any
    status: int
    query: Mapping[str, Any]
    idempotent: bool
    paged: bool
    versioned: bool
    conflicts: bool
    summary: str
    view: Callable[..., Any]
    beside: Beside | None = None

    @property
    def operation(self) -> str:
        """The name of this method of this address, unique in the API."""
        name: str = self.view.__name__
        return f"head_{name.removeprefix('get_')}" if self.method == "HEAD" else name

    @property
    def parameters(self) -> list[str]:
        """The names in the path, in order."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def known_query(self) -> Mapping[str, Any]:
        """The query parameters and their types."""
        return {**self.query, **PAGING} if self.paged else self.query

    @property
    def needs_body(self) -> bool:
        """Whether an empty body can't be right."""
        if self.body is None or self.patches:
            return self.patches
        return any(field.required for field in getattr(fields.of(self.body), "fields", ()))

    @property
    def patches(self) -> bool:
        """Whether the body is a merge patch."""
        return get_origin(self.body) is Patch
