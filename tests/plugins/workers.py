"""Let the tests run by several workers (pytest-xdist): in which order, and what they report."""

from __future__ import annotations

import pytest

from tests.plugins.flaky import drives


def pytest_collection_modifyitems(config, items):
    """Give out the long tests first, so that no worker waits at the end for another."""
    if hasattr(config, "workerinput"):
        long = {item.path for item in items if drives(item)}
        # The order within a module stays: its tests share a worker and what the module has started.
        items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Escape lone surrogates, which tests print on purpose and a worker can't send."""
    return _sendable((yield))


def _sendable(value):
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_sendable(key): _sendable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_sendable, value))
    return value
