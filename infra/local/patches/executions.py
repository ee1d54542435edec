"""Executions of moto's interpreter: each has a name, is told of when it starts and ends, and ends once."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

_stock_init = Execution.__init__
_stock_start = StepFunctionsParserBackend.start_execution
_stock_logic = ExecutionWorker._execution_logic


@dataclass(frozen=True)
class End:
    status: str
    at: datetime
    output: str | None = None  # JSON, also when it is a string: moto would give a string bare
    error: str | None = None
    cause: str | None = None


@dataclass
class Watcher:
    """Who is told: `ending` before anybody can see the end, `ended` after it."""

    ending: Callable[[Execution, End], None] = lambda execution, end: None
    ended: Callable[[Execution], None] = lambda execution: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


watcher = Watcher()


def apply() -> None:
    Execution.__init__ = _init
    StepFunctionsParserBackend.start_execution = start_execution
    BaseExecutionWorkerCommunication._reflect_execution_status = _reflect
    ExecutionWorker._execution_logic = _logic
    StepFunctionResponse.stop_execution = _stop_execution


def start_execution(backend: Any, arn: str, name: str | None = None, text: str | None = None, trace: Any = None) -> Any:
    return _stock_start(backend, arn, name or str(uuid.uuid4()), text, trace)


def stop(execution: Any, error: str | None = None, cause: str | None = None) -> None:
    """It is ABORTED when this returns; what it waits for is woken, so that builds and children are stopped too."""
    if not isinstance(execution, Execution) or execution.ended.is_set():
        return
    finish(execution, End("ABORTED", watcher.now(), None, error, cause))
    env = _environment(execution)
    if env is not None:
        env.set_stop(stop_date=execution.stop_date, error=error, cause=cause)
        for endpoint in list(env.callback_pool_manager._pool.values()):
            endpoint.interrupt_all()


def finish(execution: Any, end: End) -> None:
    with execution.finishing:
        if execution.ended.is_set():
            return
        watcher.ending(execution, end)
        execution.stop_date, execution.output = end.at, end.output
        execution.error, execution.cause = end.error, end.cause
        execution.exec_status = ExecutionStatus(end.status)
        execution.ended.set()
    watcher.ended(execution)


def _init(execution: Any, *args: Any, **kwargs: Any) -> None:
    _stock_init(execution, *args, **kwargs)
    execution.start_date = watcher.now()
    execution.exec_status = ExecutionStatus.RUNNING  # it can be listed before moto starts it
    execution.finishing = threading.Lock()
    execution.ended = threading.Event()


def _reflect(communication: BaseExecutionWorkerCommunication) -> None:
    execution = communication.execution
    finish(execution, _end(execution.exec_worker.env))


def _end(env: Any) -> End:
    state, at = env.program_state(), watcher.now()
    if isinstance(state, ProgramEnded):
        return End("SUCCEEDED", at, json.dumps(env.states.get_input()))
    if isinstance(state, ProgramTimedOut):
        return End("TIMED_OUT", at, None, "States.Timeout")
    if isinstance(state, ProgramStopped):
        return End("ABORTED", at, None, state.error, state.cause)
    failure = state.error if isinstance(state, ProgramError) and state.error else {}
    return End("FAILED", at, None, failure.get("error"), failure.get("cause"))


def _logic(worker: Any) -> None:
    """A fault of the interpreter itself ends the execution, too."""
    try:
        _stock_logic(worker)
    except Exception as fault:
        logging.getLogger(__name__).exception("The interpreter failed")
        end = End("FAILED", watcher.now(), None, "States.Runtime", repr(fault))
        finish(worker._execution_communication.execution, end)
    finally:
        # moto keeps each thread that it ever started.
        utils.TMP_THREADS[:] = [thread for thread in utils.TMP_THREADS if thread.is_alive()]


def _environment(execution: Any) -> Any:
    """The worker makes it in its own thread, a moment after the start."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        env = execution.exec_worker.env
        if env is not None and env.program_state() is not None:
            return env
        time.sleep(0.005)
    return None


def _stop_execution(request: Any) -> ActionResult:
    execution = request.stepfunction_backend.describe_execution(request._get_param("executionArn"))
    stop(execution, request._get_param("error"), request._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})
