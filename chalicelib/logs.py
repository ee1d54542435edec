"""The functions' log: one JSON object a line, which says what it belongs to; of a request no more than its route."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Any

from chalicelib.clock import stopwatch

__all__ = ["JsonLines", "about", "into", "stopwatch", "told"]

# CloudWatch takes 256 KB a line, escapes included.
LONGEST = 20_000
# Their lower levels tell whole requests.
CHATTY = ("botocore", "urllib3", "pynamodb", "dulwich")
_TOKEN = re.compile(r"(kinto_[0-9a-z]{12}_)[0-9A-Za-z_-]{43}")

_about: ContextVar[Mapping[str, Any]] = ContextVar("about", default={})  # noqa: B039 - it is never changed in place


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Every line within says these fields too; None says nothing."""
    known = {name: value for name, value in fields.items() if value is not None}
    reset = _about.set({**_about.get(), **known})
    try:
        yield
    finally:
        _about.reset(reset)


def told(**fields: Any) -> dict[str, Any]:
    """Fields of one line, as the `extra` of a logger's methods."""
    return {"told": fields}


def into(stream: IO[str]) -> None:
    """Write everything that is logged to `stream`, from INFO on, and nowhere else."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """`time`, `level`, `logger`, `message`, what the line is about, and the traceback as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in it."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
            **_about.get(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)[-LONGEST:]
        if hasattr(record, "metrics"):
            line["_aws"] = {"Timestamp": int(record.created * 1000), "CloudWatchMetrics": record.metrics}
        # Nobody writes a token into the log; a library's error may.
        return _TOKEN.sub(r"\1***", json.dumps(line, default=str))
