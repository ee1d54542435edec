"""What is published of schedules, whichever service carries them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from chalicelib.aws import rules, scheduler
from chalicelib.domain.configured_blocks import ConfiguredBlock, rule_key, schedule_id
from chalicelib.settings import Settings


class Backend(Protocol):
    """EventBridge rules and EventBridge Scheduler, alike."""

    def put(self, settings: Settings, name: str, expression: str, schedule: str) -> None:
        """Create the entry, or put it back as it should be."""

    def delete(self, settings: Settings, names: Sequence[str]) -> None:
        """Remove entries; one that is gone already is as good."""

    def schedule_of(self, settings: Settings, name: str) -> str | None:
        """The id of the schedule that an entry says it carries; None where there is no such entry."""

    def listed(self, settings: Settings, prefix: str) -> Iterator[tuple[str, str | None, bool]]:
        """Names that begin with `prefix`, with the expression where the listing tells it, and whether it is sound."""

    def targeted(self, settings: Settings) -> frozenset[str] | None:
        """The names whose target is the tick function; None where `listed` has seen to that."""


def backend(settings: Settings) -> Backend:
    """The one that this stack uses."""
    return scheduler if settings.schedule_backend == "scheduler" else rules


def left_behind(settings: Settings) -> Backend:
    """The one that this stack may have used before."""
    return rules if settings.schedule_backend == "scheduler" else scheduler


def name(settings: Settings, configured: ConfiguredBlock, expression: str) -> str:
    """An entry's name: a digest of all that it says, so that listing is comparing (64 characters at most)."""
    told = "\n".join((schedule_id(configured), expression, settings.tick_function, settings.dead_letters or ""))
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    return f"{settings.rule_prefix}{rule_key(configured.uid)}-{digest}"


def is_ours(settings: Settings, name: str) -> bool:
    """Whether this is a name as `name` makes them: another stack's prefix may begin with ours."""
    return re.fullmatch(re.escape(settings.rule_prefix) + "[0-9a-z]{16}-[0-9a-f]{12}", name) is not None
