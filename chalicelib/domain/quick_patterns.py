"""The five ready patterns that the console and the API offer."""

from __future__ import annotations

import msgspec


class QuickPattern(msgspec.Struct, frozen=True):
    """A pattern and what people call it."""

    label: str
    cron: str


QUICK_PATTERNS = (
    QuickPattern("Every minute", "* * * * *"),
    QuickPattern("Every 30 minutes", "*/30 * * * *"),
    QuickPattern("Hourly", "0 * * * *"),
    QuickPattern("Daily at 8:00 UTC", "0 8 * * *"),
    QuickPattern("Mondays at 8:00 UTC", "0 8 * * 1"),
)
