"""Store what a request changed, so that a start needs neither the request nor the service's reading of it."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import msgspec

from infra.local.persistence.database import Database, NotStored, changes

State = dict[str, Any]
_READS = ("Describe", "Get", "List")


def keep(
    database: Database,
    kind: str,
    handler: Any,
    stock_call: Callable[[Any], Any],
    actions: Container[str],
    state: Callable[[Any], State],
    restore: Callable[[str, Any], None],
) -> None:
    """Restore what is stored, and store each change before it is acknowledged.

    `state` returns the part of the service's state that a request can change, as JSON by key; `restore` puts one key
    back, or removes it where the value is None.
    """

    def call_action(request: Any) -> Any:
        action = request._get_action()
        if action.startswith(_READS):
            with database.lock:  # moto reads its dictionaries while another thread may write to them
                return stock_call(request)
        if action not in actions:
            return stock_call(request)
        with database.lock:
            before = _encoded(state(request))
            response = stock_call(request)
            after = _encoded(state(request))
            changed = {key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)}
            try:
                if changed:
                    database.write(*changes(kind, changed.items()))
            except NotStored as error:
                for key in changed:
                    restore(key, msgspec.json.decode(before.get(key, "null")))
                return error.answer(request.response_headers)
            return response

    handler.call_action = call_action
    for key, value in database.all(kind):
        restore(key, msgspec.json.decode(value))


def _encoded(state: State) -> dict[str, str]:
    return {key: msgspec.json.encode(value).decode() for key, value in state.items()}
