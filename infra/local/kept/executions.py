"""Executions by their start and end: a name stays taken, and what a kill interrupted is settled as ABORTED."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION
from infra.local.patches import executions
from infra.local.patches.executions import End

KEPT_FOR = timedelta(days=90)
# Of so many ended executions the history stays readable.
_HISTORIES = 200
_LOST = ("States.Runtime", "The machine went away while this execution was running.")
_stock_create = StepFunctionsParserBackend.create_state_machine


class Past:
    """An execution of an earlier process, as moto's handlers read one."""

    def __init__(self, start: Record) -> None:
        self.execution_arn, self.state_machine_arn = start["arn"], start["machine"]
        self.name, self.execution_input = start["name"], start["input"]
        self.start_date = _date(start["at"])
        self.stop_date: datetime | None = None
        self.status = "RUNNING"
        self.output: str | None = None
        self.output_details = {"included": True}
        self.error: str | None = None
        self.cause: str | None = None

    def end(self, record: Record) -> None:
        self.stop_date, self.status, self.output = _date(record["at"]), record["status"], record["output"]
        self.error, self.cause = record["error"], record["cause"]

    def to_history_output(self) -> dict[str, Any]:
        return {"events": []}


class Executions:
    def __init__(self, journal: Journal) -> None:
        self.on_end: Callable[[Record], None] | None = None
        self._journal = journal
        self._past: dict[str, Past] = {}
        self._running: set[str] = set()
        self._finished: deque[Any] = deque()

    def keep(self) -> None:
        executions.watcher.ending, executions.watcher.ended = self._ending, self._ended
        StepFunctionsParserBackend.start_execution = lambda *args, **kwargs: self._start(*args, **kwargs)
        StepFunctionsParserBackend.create_state_machine = lambda *args, **kwargs: self._create(*args, **kwargs)
        self._journal.register("execution", self._load, self._dump)

    def running(self) -> int:
        return len(self._running)

    def settle_lost(self) -> None:
        for execution in [past for past in self._past.values() if past.status == "RUNNING"]:
            end = _end_record(execution, End("ABORTED", executions.watcher.now(), None, *_LOST))
            self._journal.append("execution", end)
            execution.end(end)
            self._tell(execution)

    def _start(self, backend: Any, arn: str, *args: Any, **kwargs: Any) -> Any:
        with self._journal.lock:
            known = len(backend.describe_state_machine(arn).executions)
            execution = executions.start_execution(backend, arn, *args, **kwargs)
            if len(backend.describe_state_machine(arn).executions) > known:
                self._running.add(execution.execution_arn)
                self._journal.append("execution", _start_record(execution))
        return execution

    def _create(self, backend: Any, *args: Any, **kwargs: Any) -> StateMachine:
        with self._journal.lock:
            machine = _stock_create(backend, *args, **kwargs)
            known = {execution.execution_arn for execution in machine.executions}
            for past in self._past.values():
                if past.state_machine_arn == machine.arn and past.execution_arn not in known:
                    machine.executions.append(past)
        return machine

    def _ending(self, execution: Any, end: End) -> None:
        with self._journal.lock:
            self._journal.append("execution", _end_record(execution, end))

    def _ended(self, execution: Any) -> None:
        try:
            self._tell(execution)
        finally:
            self._running.discard(execution.execution_arn)
        self._finished.append(execution)
        if len(self._finished) > _HISTORIES:
            self._finished.popleft().exec_worker = _NoHistory

    def _tell(self, execution: Any) -> None:
        if self.on_end is not None:
            self.on_end(_detail(execution))

    def _load(self, record: Record) -> None:
        if "machine" in record:
            past = self._past[record["arn"]] = Past(record)
            for machine in _machines():
                if machine.arn == past.state_machine_arn:
                    machine.executions.append(past)
        elif record["arn"] in self._past:
            self._past[record["arn"]].end(record)

    def _dump(self) -> Iterable[Record]:
        oldest = executions.watcher.now() - KEPT_FOR
        current = {execution.execution_arn: execution for execution in _known()}
        for execution in {**self._past, **current}.values():
            if execution.start_date >= oldest:
                yield _start_record(execution)
                if execution.status != "RUNNING":
                    yield _end_record(execution, _end_of(execution))


class _NoHistory:
    env = None


def _known() -> list[Any]:
    return [execution for machine in _machines() for execution in machine.executions]


def _machines() -> list[StateMachine]:
    machines: list[StateMachine] = stepfunctions_parser_backends[ACCOUNT][REGION].state_machines
    return machines


def _start_record(execution: Any) -> Record:
    return {
        "arn": execution.execution_arn,
        "machine": execution.state_machine_arn,
        "name": execution.name,
        "input": execution.execution_input,
        "at": execution.start_date.timestamp(),
    }


def _end_record(execution: Any, end: End) -> Record:
    fields = {"status": end.status, "output": end.output, "error": end.error, "cause": end.cause}
    return {"arn": execution.execution_arn, "at": end.at.timestamp(), **fields}


def _end_of(execution: Any) -> End:
    return End(execution.status, execution.stop_date, execution.output, execution.error, execution.cause)


def _detail(execution: Any) -> Record:
    """The detail of "Step Functions Execution Status Change"."""
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
