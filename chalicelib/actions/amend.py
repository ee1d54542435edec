"""Changing what the product keeps in a run or environment from its present version, however often that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from chalicelib import metrics
from chalicelib.actions import results
from chalicelib.call import Call
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run
from chalicelib.store import projects, runs
from chalicelib.store.table import Raced, Write, commit


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
    while True:
        present = runs.get(run_id)
        if present is None or present.is_final:
            return present
        new = amended(present)
        if new is None or new == present:
            return present
        try:
            commit(runs.replace(new, call.settings.history_days), *results.noted(new), *also(present, new))
        except Raced:
            continue
        if new.is_final:
            metrics.run_ended(call.settings.stack, new)
        return msgspec.structs.replace(new, version=new.version + 1)


def environment(
    known: Environment,
    amended: Callable[[Environment], Environment | None],
    also: Callable[[Environment, Environment], Sequence[Write]] = lambda old, new: (),
) -> Environment | None:
    """The environment after `amended` changed it, with what `also` makes of the old and the new; None: it is gone."""
    while True:
        present = projects.environment_by_uid(known.project_uid, known.internal_name)
        if present is None or present.uid != known.uid:
            return None
        new = amended(present)
        if new is None:
            return present
        try:
            commit(projects.replace_environment(new), *also(present, new))
        except Raced:
            continue
        return msgspec.structs.replace(new, version=new.version + 1)
