"""Shutting an environment down: its schedules rest until the next deployment."""

from __future__ import annotations

import msgspec

from chalicelib.actions import amend, audit, results
from chalicelib.actions.projects import must_be_idle
from chalicelib.call import Call
from chalicelib.domain.problems import NotFound
from chalicelib.domain.projects import Environment


def shut_down(call: Call, environment: Environment) -> Environment:
    """The environment, shut down; a second time changes nothing. Raises Conflict while a deployment runs."""

    def resting(present: Environment) -> Environment | None:
        must_be_idle(present)
        return None if present.shutdown else msgspec.structs.replace(present, shutdown=True)

    found = amend.environment(
        environment,
        resting,
        lambda old, new: [*audit.writes(call, "environment.shutdown", old, new), *results.hidden(new)],
    )
    if found is None:
        raise NotFound(f"There is no environment {environment.project}/{environment.internal_name} any more")
    return found
