"""Journal a request by what it changed, so that replay needs neither the request nor the service's reading of it."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from infra.local.journal import Journal

State = dict[str, Any]
_READS = ("Describe", "Get", "List")


def keep(
    journal: Journal,
    kind: str,
    handler: Any,
    stock_call: Callable[[Any], Any],
    actions: Container[str],
    state: Callable[[Any], State],
) -> None:
    """`state` gives the part of the service's state that a request can change, as JSON by key.

    One request is one record: it is there whole or not at all.
    """

    def call_action(request: Any) -> Any:
        action = request._get_action()
        if action.startswith(_READS):
            with journal.lock:  # moto reads its dictionaries while another thread may write to them
                return stock_call(request)
        if action not in actions:
            return stock_call(request)
        with journal.lock:
            before = state(request)
            answer = stock_call(request)
            changes = _changes(before, state(request))
            if changes:
                journal.append(kind, {"changes": changes})
        return answer

    handler.call_action = call_action


def _changes(before: State, after: State) -> list[tuple[str, Any]]:
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return [(key, after.get(key)) for key in changed]
