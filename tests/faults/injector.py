"""Faults at botocore's event layer: the n-th AWS call of a work fails, in one of three ways, once or for good."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.retries.quota import RetryQuota

# `throttled` and `cut` happen before the call takes effect, `lost` after it: the answer never comes.
KINDS = ("throttled", "lost", "cut")


@dataclass(frozen=True)
class Fault:
    """Call number `call` (from 0) of the work fails; `forever`: also when botocore sends it again."""

    call: int
    kind: str
    forever: bool


class Injector:
    """Counts the AWS calls of a piece of work, and makes one of them fail."""

    def __init__(self, session):
        self._session = URLLib3Session()
        self._local = threading.local()
        self._fault, self._counting = None, False
        self.calls, self.hits = [], 0
        events = session.get_component("event_emitter")
        events.register_first("before-call", self._called)
        events.register_first("before-send", self._sent)

    @contextlib.contextmanager
    def work(self, fault=None):
        """Everything asked of AWS meanwhile counts; what the fault names fails."""
        self._fault, self._counting, self.calls, self.hits = fault, True, [], 0
        try:
            yield self
        finally:
            self._fault, self._counting = None, False

    def _called(self, model, **_):
        if self._counting:
            self._local.number = len(self.calls)
            self.calls.append(f"{model.service_model.service_name}:{model.name}")

    def _sent(self, request, **_):
        fault = self._fault
        if fault is None or self._local.number != fault.call or (self.hits and not fault.forever):
            return None
        self.hits += 1
        if fault.kind == "cut":
            raise ConnectionClosedError(endpoint_url=request.url)
        if fault.kind == "lost":
            self._session.send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
        return _throttled(request)


def _throttled(request):
    body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
    headers = {"x-amzn-errortype": "ThrottlingException", "content-type": "application/x-amz-json-1.0"}
    answer = AWSResponse(request.url, 400, headers, None)
    answer._content = body
    return answer


@contextlib.contextmanager
def no_waiting():
    """botocore waits between its attempts, and makes none after many have failed; here neither makes sense."""
    endpoint_time, acquire = botocore.endpoint.time, RetryQuota.acquire
    try:
        botocore.endpoint.time = _Timeless(endpoint_time)
        RetryQuota.acquire = lambda quota, amount: True
        yield
    finally:
        botocore.endpoint.time, RetryQuota.acquire = endpoint_time, acquire


class _Timeless:
    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def sleep(self, seconds):
        pass
