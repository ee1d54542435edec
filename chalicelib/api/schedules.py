"""Quick patterns, and what a schedule would do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.api.http import Request, route
from chalicelib.domain.configured_blocks import CronPattern, ZoneName
from chalicelib.domain.previews import USUAL_COUNT, Preview, preview
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.domain.quick_patterns import QUICK_PATTERNS, QuickPattern

schedules = Blueprint(__name__)

# The years of EventBridge's own expressions.
FIRST_YEAR, LAST_YEAR = 1970, 2199


class QuickPatterns(msgspec.Struct, frozen=True):
    """The five ready patterns."""

    items: tuple[QuickPattern, ...]


class PreviewBody(msgspec.Struct, frozen=True, rename={"after": "from"}):
    """A pattern to look at; `from` is now if not said."""

    cron: CronPattern
    timezone: ZoneName = "UTC"
    after: Annotated[datetime, Meta(tz=True)] | None = None
    count: Annotated[int, Meta(ge=1, le=100)] = USUAL_COUNT


@route(schedules, "GET", "/quick-patterns", role="viewer", limited="shared", answers=QuickPatterns)
def list_quick_patterns(request: Request) -> QuickPatterns:
    """The five quick patterns."""
    return QuickPatterns(QUICK_PATTERNS)


@route(schedules, "POST", "/schedules/preview", role="viewer", limited="shared", answers=Preview, body=PreviewBody)
def preview_schedule(request: Request, body: PreviewBody) -> Preview:
    """What a pattern means, and when it is due next; nothing is stored."""
    now = request.call.now
    after = body.after or now
    if not FIRST_YEAR <= after.year <= LAST_YEAR:
        raise Invalid([FieldError("from", f"write a time in the years {FIRST_YEAR} to {LAST_YEAR}")])
    return preview(body.cron, body.timezone, after, now, body.count)
