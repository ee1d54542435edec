"""Changing what the product keeps in a run or environment from its present version, however often that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib import metrics
from chalicelib.actions import results
from chalicelib.call import Call
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run
from chalicelib.store import projects, runs
from chalicelib.store.table import Write
from chalicelib.store.update import update


def run(
    call: Call,
    run_id: str,
    amended: Callable[[Run], Run | None],
    also: Callable[[Run, Run], Sequence[Write]] = lambda old, new: (),
) -> Run | None:
    """The run after `amended` changed it; a run that has ended is never changed, and answered as it is.

    `amended` answers the new run, or None for no change; what `also` makes of the old and the new one is written with
    it. None is answered where there is no such run.
    """
    return update(
        lambda: runs.get(run_id),
        lambda present: None if present.is_final else amended(present),
        lambda new: runs.replace(new, call.settings.history_days),
        lambda old, new: [*results.noted(new), *also(old, new)],
        lambda new: metrics.run_ended(call.settings.stack, new) if new.is_final else None,
    )


def environment(
    known: Environment,
    amended: Callable[[Environment], Environment | None],
    also: Callable[[Environment, Environment], Sequence[Write]] = lambda old, new: (),
) -> Environment | None:
    """The environment after `amended` changed it, with what `also` makes of the old and the new; None: it is gone."""
    return update(lambda: projects.same_environment(known), amended, projects.replace_environment, also)
