from __future__ import annotations

import pytest
from _pytest.reports import TestReport

from tests.plugins import workers


class Config:
    workerinput = ()


class Item:
    """What a collected test shows to the plugins."""

    def __init__(self, path, *fixturenames):
        self.path = path
        self.fixturenames = fixturenames

    def get_closest_marker(self, name):
        return None


def test_modules_that_drive_a_stack_come_first_in_their_own_order():
    first, pure, second, third = Item("b"), Item("a"), Item("b", "stack"), Item("c", "tmp_path", "browser")
    items = [pure, first, second, third]
    workers.pytest_collection_modifyitems(Config(), items)
    assert items == [first, second, third, pure]


@pytest.mark.parametrize("text", ["\ud800", "a\udfff b", "\U0001f600", ""])
def test_a_report_of_any_text_can_be_sent(pytestconfig, text):
    report = TestReport("a", ("a", 1, "a"), {"a": 1}, "skipped", ("a", 1, text), "call", sections=[("log", text)])
    data = pytestconfig.hook.pytest_report_to_serializable(config=pytestconfig, report=report)
    got = pytestconfig.hook.pytest_report_from_serializable(config=pytestconfig, data=data)
    expected = text.encode("utf-8", "backslashreplace").decode()
    assert got.sections == [("log", expected)]
    assert got.longrepr == ("a", 1, expected)
    assert got.location == ("a", 1, "a")
