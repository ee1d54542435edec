"""Log streams: their lines live in the database, in the batches in which they came; a few streams also in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from moto.core.responses import BaseResponse
from moto.logs.models import LogEvent, LogGroup, LogsBackend, LogStream, logs_backends
from moto.logs.responses import LogsResponse

from infra.local.patches import log_ages
from infra.local.persistence import ACCOUNT, REGION
from infra.local.persistence.database import Change, Database, NotStored

# A log begins before its run ends, by a day at most.
LONGEST_RUN = timedelta(days=2)
_LINES_IN_MEMORY = 100_000
_SEARCHES = {"DescribeLogStreams", "FilterLogEvents"}
_stock_create = LogsBackend.create_log_stream


def keep(database: Database, now: Callable[[], datetime]) -> None:
    """Take over writing and reading log streams."""

    def create_log_stream(backend: LogsBackend, group: str, name: str) -> None:
        with database.lock:
            _load(database, group, name)
            _stock_create(backend, group, name)
            streams = _groups()[group].streams
            streams[name].creation_time = now().replace(tzinfo=None)
            with _dropped_if_not_stored(streams, name):
                database.write(Change(_kind(group), name, "", _text({"created": now().timestamp()})))

    def put_log_events(backend: LogsBackend, log_group_name: str, log_stream_name: str, log_events: Any) -> Any:
        with database.lock:
            _load(database, log_group_name, log_stream_name)
            response = log_ages.put_log_events(backend, log_group_name, log_stream_name, log_events)
            streams = _groups()[log_group_name].streams
            with _dropped_if_not_stored(streams, log_stream_name):
                database.write(_batch(log_group_name, streams[log_stream_name], len(log_events)))
            _trim(streams)
            return response

    LogsBackend.create_log_stream = create_log_stream
    LogsBackend.put_log_events = put_log_events
    LogsResponse.call_action = lambda request: _call_action(database, request)


def expire(database: Database, now: datetime, history: timedelta) -> None:
    """Delete the streams of runs that are no longer in the history."""
    oldest = (now - history - LONGEST_RUN).timestamp()
    created = "sort = '' AND json_extract(value, '$.created') < ?"
    old = f"SELECT kind, key FROM entries WHERE kind BETWEEN 'log:' AND 'log;' AND {created}"
    with database.lock:
        database.delete(f"(kind, key) IN ({old})", oldest)
        for group in _groups().values():
            group.streams.clear()


def _call_action(database: Database, request: Any) -> Any:
    """Handle a request with the streams in memory that it reads."""
    with database.lock:
        group, action = request._get_param("logGroupName"), request._get_action()
        if action in _SEARCHES:
            for name in {key for key, _ in database.all(_kind(group))}:
                _load(database, group, name)
        elif action == "GetLogEvents":
            _load(database, group, request._get_param("logStreamName"))
        try:
            return BaseResponse.call_action(request)
        except NotStored as error:
            return error.answer(request.response_headers)
        finally:
            if group in _groups():
                _trim(_groups()[group].streams)


def _load(database: Database, group: str, name: str) -> None:
    """Have a stream in memory, if there is one of this name."""
    streams = _groups()[group].streams if group in _groups() else {}
    if name in streams:
        streams[name] = streams.pop(name)  # the latest is trimmed last
        return
    rows = database.select("SELECT value FROM entries WHERE kind = ? AND key = ? ORDER BY sort", _kind(group), name)
    header, *batches = [msgspec.json.decode(value) for (value,) in rows] or [None]
    if header is None or group not in _groups():
        return
    stream = streams[name] = LogStream(_groups()[group], name)
    stream.creation_time = _date(header["created"])
    for batch in batches:
        for timestamp, message in batch["events"]:
            stream.events.append(LogEvent(batch["at"], {"timestamp": timestamp, "message": message}))
            stream.stored_bytes += len(message)
        stream.last_ingestion_time = _date(batch["at"] / 1000)


@contextmanager
def _dropped_if_not_stored(streams: dict[str, LogStream], name: str) -> Iterator[None]:
    """Let go of a stream whose change is not stored: it is loaded again as it was."""
    try:
        yield
    except NotStored:
        del streams[name]
        raise


def _batch(group: str, stream: LogStream, count: int) -> Change:
    """Return the row of the last events of a stream."""
    events = stream.events[len(stream.events) - count :]
    batch = {"at": events[0].ingestion_time, "events": [(event.timestamp, event.message) for event in events]}
    return Change(_kind(group), stream.log_stream_name, f"{len(stream.events) - count:012d}", _text(batch))


def _trim(streams: dict[str, LogStream]) -> None:
    """Keep in memory what was used last."""
    lines = 0
    for name in list(streams)[::-1]:
        lines += len(streams[name].events)
        if lines > _LINES_IN_MEMORY and name != next(reversed(streams)):
            del streams[name]


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _kind(group: str) -> str:
    return f"log:{group}"


def _groups() -> dict[str, LogGroup]:
    groups: dict[str, LogGroup] = logs_backends[ACCOUNT][REGION].groups
    return groups
