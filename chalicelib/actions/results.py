"""Last results of jobs: what is written with the end of a run, and what a shutdown hides."""

from __future__ import annotations

from chalicelib.domain import results as rules
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run
from chalicelib.store import results
from chalicelib.store.table import Write


def noted(run: Run) -> list[Write]:
    """Return the write that goes with the end of a run: none where it is no job's result, or a later one is known.

    Its condition is that nothing else was noted since it was read: who gets Raced asks again.
    """
    last = results.get(run.environment_uid, run.uid) if rules.says_something(run) else None
    following = rules.after(last, run) if last is not None else None
    return [results.replace(following)] if following is not None else []


def hidden(environment: Environment) -> list[Write]:
    """Return the writes by which no job of an environment is listed as failing: it is shut down on purpose."""
    return [results.unlist(last) for last in results.all_of(environment.uid) if last.is_failing]


def shown(environment: Environment) -> list[Write]:
    """Return the writes by which they are listed again: its shutdown ends."""
    return [results.replace(last) for last in results.all_of(environment.uid) if last.is_failing]
