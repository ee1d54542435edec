"""The product's Lambda functions, run in this process whenever something invokes them."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from chalice import Chalice
from chalice.local import LambdaContext
from chalice.utils import to_cfn_resource_name
from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda_simple.models import LambdaSimpleBackend

log = logging.getLogger(__name__)

# AWS waits one minute, then two, before it retries an asynchronous invocation.
RETRY_DELAYS = (0.5, 2.0)
# As long as the watchdog has on AWS; nothing is ended here.
TIMEOUT_MS = 300_000

Handler = Callable[[Any, Any], Any]


class Lambdas:
    """Every function of the Chalice application, by its CloudFormation logical id."""

    def __init__(self, app: Chalice) -> None:
        configured = [*app.pure_lambda_functions, *app.event_sources]
        self._handlers: dict[str, Handler] = {
            to_cfn_resource_name(function.name): app.handler_map[function.name] for function in configured
        }
        self._running = 0
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The logical ids of all functions."""
        return sorted(self._handlers)

    def idle(self) -> bool:
        """Whether no invocation is running or waiting to be retried."""
        return self._running == 0

    def invoke(self, name: str, payload: Any, told_beside: Any = None) -> Any:
        """What the function returns for `payload`; whatever it raises is raised here.

        `told_beside` is the `custom` of the client context, where a caller says something beside the event.
        """
        if name not in self._handlers:
            raise LookupError(f"There is no Lambda function {name}")
        context = LambdaContext(name, 1024, TIMEOUT_MS)
        context.client_context = SimpleNamespace(custom=told_beside)
        with self._counted():
            return _plain(self._handlers[name](_plain(payload), context))

    def deliver(self, name: str, payload: Any) -> None:
        """An asynchronous invocation, as events are delivered: retried twice; raises when that was in vain."""
        with self._counted():
            for delay in RETRY_DELAYS:
                try:
                    self.invoke(name, payload)
                    return
                except Exception:
                    log.warning("%s failed and will be tried again in %s s", name, delay, exc_info=True)
                    time.sleep(delay)
            self.invoke(name, payload)

    def install(self) -> None:
        """Answers moto's Lambda Invoke with the real functions."""

        def invoke(
            backend: Any, function_name: str, qualifier: Any, body: Any, headers: Any, response_headers: Any
        ) -> bytes:
            name = _name(function_name)
            if name not in self._handlers:
                raise UnknownFunctionException(function_name)
            payload = json.loads(body or "{}")
            if headers.get("X-Amz-Invocation-Type") == "Event":
                self._deliver_later(name, payload)
                return b""
            return self._answer(name, payload, _custom(headers), response_headers)

        LambdaSimpleBackend.invoke = invoke

    def _answer(self, name: str, payload: Any, told_beside: Any, response_headers: dict[str, str]) -> bytes:
        try:
            return json.dumps(self.invoke(name, payload, told_beside)).encode()
        except Exception as error:
            log.warning("%s failed", name, exc_info=True)
            response_headers["x-amz-function-error"] = "Unhandled"
            return json.dumps(_described(error)).encode()

    def _deliver_later(self, name: str, payload: Any) -> None:
        def run() -> None:
            try:
                self.deliver(name, payload)
            except Exception:
                log.exception("%s failed three times; its event is given up", name)
            finally:
                counted.__exit__(None, None, None)

        counted = self._counted()
        counted.__enter__()  # before the thread runs, so that idle() never misses it
        threading.Thread(target=run, name=f"lambda-{name}", daemon=True).start()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1


def _name(name_or_arn: str) -> str:
    return name_or_arn.split(":")[6] if name_or_arn.startswith("arn:") else name_or_arn.split(":")[0]


def _custom(headers: Mapping[str, str]) -> Any:
    """What an invocation's client context says."""
    sent = headers.get("X-Amz-Client-Context")
    return json.loads(base64.b64decode(sent)).get("custom") if sent else None


def _plain(value: Any) -> Any:
    """What is left of a value once it went over the wire."""
    return json.loads(json.dumps(value))


def _described(error: Exception) -> Mapping[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": str(uuid.uuid4()),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
