"""Clients of AWS services, made on first use from one shared session, and kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

_source: Callable[[], Session] = get_session


def share(source: Callable[[], Session]) -> None:
    """Make clients from the session that `source` has; a second one costs as much as ten clients."""
    global _source
    _source = source


@cache
def _session() -> Session:
    return _source()


@cache
def client(service: str) -> Any:
    """The client of a service, with short time-outs: a Lambda has no time to hang (the table: store/items.py)."""
    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
    return _session().create_client(service, config=config)
