"""Executions, stored before they start: a name stays taken, and what a kill interrupted is settled as ABORTED.

Only the latest stay in memory. A start reads none: those of earlier processes are looked up one by one.
"""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from moto.stepfunctions.exceptions import ExecutionAlreadyExists, ExecutionDoesNotExist
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from infra.local.patches import executions
from infra.local.patches.executions import End
from infra.local.persistence import ACCOUNT, REGION
from infra.local.persistence.database import Change, Database, NotStored

log = logging.getLogger(__name__)

Record = dict[str, Any]
# AWS keeps a name for 90 days. The product starts again only what is not final, which is settled within minutes.
KEPT_FOR = timedelta(days=1)
_IN_MEMORY = 200
_LOST = ("States.Runtime", "The machine went away while this execution was running.")
_stock_describe = StepFunctionsParserBackend.describe_execution


class Past:
    """An execution that is in the database alone, as moto's handlers read one."""

    def __init__(self, arn: str, record: Record) -> None:
        self.execution_arn, self.state_machine_arn = arn, record["machine"]
        self.name, self.execution_input = arn.rpartition(":")[2], record["input"]
        self.start_date = _date(record["start"])
        self.output_details = {"included": True}
        self.end(_end(record))

    def end(self, end: End | None) -> None:
        """Take over an end; None: it is running."""
        self.status = end.status if end else "RUNNING"
        self.stop_date: datetime | None = end.at if end else None
        self.output: str | None = end.output if end else None
        self.error, self.cause = (end.error, end.cause) if end else (None, None)

    def to_history_output(self) -> dict[str, Any]:
        """Return nothing: a history is not stored."""
        return {"events": []}


class Executions:
    """The executions of the embedded AWS."""

    def __init__(self, database: Database) -> None:
        self.on_end: Callable[[Record], None] | None = None
        self._database = database
        self._running: set[str] = set()
        self._ended: deque[Any] = deque()

    def keep(self) -> None:
        """Take over starting, ending and describing."""
        executions.watcher.ending, executions.watcher.ended = self._store_end, self._after_end
        StepFunctionsParserBackend.start_execution = lambda *args, **kwargs: self._start(*args, **kwargs)
        StepFunctionsParserBackend.describe_execution = lambda backend, arn: self._describe(backend, arn)

    def running(self) -> int:
        """Return how many are running."""
        return len(self._running)

    def settle_lost(self) -> None:
        """End those that an earlier process left running, and announce their end."""
        with self._database.lock:
            lost = list(
                self._database.select(
                    "SELECT key, value FROM entries WHERE kind = 'execution' AND json_extract(value, '$.end') IS NULL"
                )
            )
        for arn, text in lost:
            execution = Past(arn, msgspec.json.decode(text))
            end = End("ABORTED", executions.watcher.now(), None, *_LOST)
            execution.end(end)
            self._store(execution, end)
            self._announce(execution)

    def expire(self, now: datetime) -> None:
        """Delete those that ended a day ago."""
        oldest = (now - KEPT_FOR).timestamp()
        self._database.delete("kind = 'execution' AND json_extract(value, '$.end.at') < ?", oldest)

    def _start(self, backend: Any, machine: str, name: str | None = None, text: Any = None, trace: Any = None) -> Any:
        name = name or str(uuid.uuid4())
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        with self._database.lock:
            if any(execution.name == name for execution in backend.describe_state_machine(machine).executions):
                return executions.start_execution(backend, machine, name, text, trace)
            if self._database.get("execution", arn) is not None:
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{arn}'")
            start = {"machine": machine, "input": text or "{}", "start": executions.watcher.now().timestamp()}
            self._database.write(_change(arn, start))
            self._running.add(arn)
            try:
                return executions.start_execution(backend, machine, name, text, trace)
            except BaseException:
                self._running.discard(arn)
                self._database.write(Change("execution", arn, "", None))
                raise

    def _describe(self, backend: Any, arn: str) -> Any:
        try:
            return _stock_describe(backend, arn)
        except ExecutionDoesNotExist:
            with self._database.lock:
                text = self._database.get("execution", arn)
            if text is None:
                raise
            return Past(arn, msgspec.json.decode(text))

    def _store_end(self, execution: Any, end: End) -> None:
        try:
            self._store(execution, end)
        except NotStored as error:
            # It has ended all the same. The next start finds it running and settles what it carried as interrupted.
            log.warning("The end of %s is not stored: %s", execution.execution_arn, error)

    def _store(self, execution: Any, end: End) -> None:
        record = {
            "machine": execution.state_machine_arn,
            "input": execution.execution_input,
            "start": execution.start_date.timestamp(),
            "end": {**dataclasses.asdict(end), "at": end.at.timestamp()},
        }
        self._database.write(_change(execution.execution_arn, record))

    def _after_end(self, execution: Any) -> None:
        try:
            self._announce(execution)
        finally:
            self._running.discard(execution.execution_arn)
        with self._database.lock:
            self._ended.append(execution)
            if len(self._ended) > _IN_MEMORY:
                _remove_from_memory(self._ended.popleft())

    def _announce(self, execution: Any) -> None:
        if self.on_end is not None:
            self.on_end(_detail(execution))


def _change(arn: str, record: Record) -> Change:
    return Change("execution", arn, "", msgspec.json.encode(record).decode())


def _remove_from_memory(execution: Any) -> None:
    for machine in stepfunctions_parser_backends[ACCOUNT][REGION].state_machines:
        if execution in machine.executions:
            machine.executions.remove(execution)


def _end(record: Record) -> End | None:
    end = record.get("end")
    return End(**{**end, "at": _date(end["at"])}) if end else None


def _detail(execution: Any) -> Record:
    """Return the detail of "Step Functions Execution Status Change"."""
    return {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": round(execution.start_date.timestamp() * 1000),
        "stopDate": round(execution.stop_date.timestamp() * 1000),
        "input": execution.execution_input,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
    }


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
