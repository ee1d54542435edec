"""Changing what the product keeps in a run or environment from its present version, however often that moves."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from chalicelib import metrics
from chalicelib.call import Call
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run
from chalicelib.store import projects, runs
from chalicelib.store.table import Raced, commit


def run(call: Call, run_id: str, amended: Callable[[Run], Run | None]) -> Run | None:
    """The run after `amended` changed it; a run that has ended is never changed, and answered as it is.

    `amended` answers the new run, or None for no change. None is answered where there is no such run.
    """
    while True:
        present = runs.get(run_id)
        if present is None or present.is_final:
            return present
        new = amended(present)
        if new is None or new == present:
            return present
        try:
            commit(runs.replace(new, call.settings.history_days))
        except Raced:
            continue
        return msgspec.structs.replace(new, version=new.version + 1)


def environment(known: Environment, amended: Callable[[Environment], Environment | None]) -> Environment | None:
    """The environment after `amended` changed it; None where it is gone."""
    while True:
        if new.is_final:
            metrics.run_ended(call.settings.stack, new)
        present = projects.environment_by_uid(known.project_uid, known.internal_name)
        if present is None or present.uid != known.uid:
            return None
        new = amended(present)
        if new is None:
            return present
        try:
            commit(projects.replace_environment(new))
        except Raced:
            continue
        return msgspec.structs.replace(new, version=new.version + 1)
