"""Retention of deployments and their snapshots: all expire, but an environment's current and last good one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from chalicelib.actions import amend
from chalicelib.call import Call
from chalicelib.domain.projects import Environment
from chalicelib.store import deployments
from chalicelib.store.table import commit


def expire_released(call: Call, environment: Environment) -> None:
    """Give the deployments that an environment has released their expiry.

    The environment's row names them since the write that released them, so that the next deployment, or the
    deletion of the environment, does what a crash has left undone.
    """
    released = frozenset(environment.released)
    expire(call, environment.uid, released)

    def without(present: Environment) -> Environment:
        left = tuple(number for number in present.released if number not in released)
        return msgspec.structs.replace(present, released=left)

    if released:
        amend.environment(environment, without)


def expire(call: Call, environment_uid: str, numbers: Iterable[int]) -> None:
    """Let the history of these deployments expire from now on; a second time is harmless."""
    at = call.now + timedelta(days=call.settings.history_days)
    for number in sorted(set(numbers)):
        if writes := deployments.expire(environment_uid, number, at):
            commit(*writes)
