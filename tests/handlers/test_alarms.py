"""What the stack's alarms look for is what the functions say."""

from __future__ import annotations

import pytest

from chalicelib.actions import missed, reconcile, watch
from chalicelib.actions.reconcile import Result
from chalicelib.handlers import schedules as handlers
from infra import template


@pytest.fixture(autouse=True)
def embedded(embed):
    return embed("Table")


def pattern():
    """The words in which the metric filter is interested."""
    return template.load()["Resources"]["MissedTicks"]["Properties"]["FilterPattern"].strip('"')


@pytest.mark.parametrize(("written", "told"), [(0, False), (3, True)])
def test_missed_ticks_are_said_in_the_words_of_the_metric(monkeypatch, caplog, written, told):
    monkeypatch.setattr(watch, "watch", lambda *_: 0)
    monkeypatch.setattr(missed, "account_for_missed", lambda _: written)
    assert handlers.watchdog({}, None) == {"looked_at": 0, "missed": written}
    assert (pattern() in caplog.text) is told


def test_a_reconcile_that_could_not_put_everything_right_has_failed(monkeypatch):
    monkeypatch.setattr(reconcile, "reconcile", lambda _: Result(1, ("publish x: it is missing",), ("publish x",)))
    with pytest.raises(RuntimeError, match="1 steps failed, the first of them: publish x"):
        handlers.reconcile({}, None)
