"""Log streams and their events, line by line in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.logs.models import LogEvent, LogGroup, LogsBackend, LogStream, logs_backends

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION
from infra.local.patches import log_ages

KEPT_FOR = timedelta(days=90)
_EVENTS_A_RECORD = 1000
_stock_create = LogsBackend.create_log_stream


def keep(journal: Journal, now: Callable[[], datetime]) -> None:
    def create_log_stream(backend: LogsBackend, log_group_name: str, log_stream_name: str) -> None:
        with journal.lock:
            _stock_create(backend, log_group_name, log_stream_name)
            stream = backend.groups[log_group_name].streams[log_stream_name]
            stream.creation_time = now().replace(tzinfo=None)
            journal.append("log", _record(stream, []))

    def put_log_events(backend: LogsBackend, log_group_name: str, log_stream_name: str, log_events: list[Any]) -> Any:
        with journal.lock:
            answer = log_ages.put_log_events(backend, log_group_name, log_stream_name, log_events)
            stream = backend.groups[log_group_name].streams[log_stream_name]
            journal.append("log", _record(stream, stream.events[len(stream.events) - len(log_events) :]))
            return answer

    LogsBackend.create_log_stream = create_log_stream
    LogsBackend.put_log_events = put_log_events
    journal.register("log", _load, lambda: _dump(now() - KEPT_FOR))


def _load(record: Record) -> None:
    stream = _stream(record["group"], record["stream"])
    stream.creation_time = datetime.fromtimestamp(record["created"], UTC).replace(tzinfo=None)
    for timestamp, message, at in record["events"]:
        stream.events.append(LogEvent(at, {"timestamp": timestamp, "message": message}))
        stream.stored_bytes += len(message)
        stream.last_ingestion_time = datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None)


def _dump(oldest: datetime) -> Iterator[Record]:
    for group in list(_groups().values()):
        for stream in list(group.streams.values()):
            if _last_written(stream) >= oldest.timestamp():
                yield from _records(stream)


def _records(stream: LogStream) -> Iterable[Record]:
    yield _record(stream, stream.events[:_EVENTS_A_RECORD])
    for start in range(_EVENTS_A_RECORD, len(stream.events), _EVENTS_A_RECORD):
        yield _record(stream, stream.events[start : start + _EVENTS_A_RECORD])


def _record(stream: LogStream, events: list[LogEvent]) -> Record:
    return {
        "group": stream.log_group.name,
        "stream": stream.log_stream_name,
        "created": _created(stream),
        "events": [(event.timestamp, event.message, event.ingestion_time) for event in events],
    }


def _created(stream: LogStream) -> float:
    created: datetime = stream.creation_time.replace(tzinfo=UTC)
    return created.timestamp()


def _last_written(stream: LogStream) -> float:
    return float(stream.events[-1].timestamp / 1000) if stream.events else _created(stream)


def _groups() -> dict[str, LogGroup]:
    groups: dict[str, LogGroup] = logs_backends[ACCOUNT][REGION].groups
    return groups


def _stream(group: str, name: str) -> LogStream:
    """A group that the template has not made yet is made with its first stream."""
    if group not in _groups():
        logs_backends[ACCOUNT][REGION].create_log_group(group, {})
    streams = _groups()[group].streams
    if name not in streams:
        streams[name] = LogStream(_groups()[group], name)
    return streams[name]
