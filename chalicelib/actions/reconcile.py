"""Reconcile: once a day, what is published is compared with the store and only what differs is changed."""

from __future__ import annotations

import logging

import msgspec

from chalicelib.actions import publish
from chalicelib.aws import pace, published
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.reconciliation import Step, plan
from chalicelib.store import configured_blocks

log = logging.getLogger(__name__)

PER_SECOND = 20


class Result(msgspec.Struct, frozen=True):
    """What was found: `schedules` in the store, the `steps` that were needed, those that `failed`."""

    schedules: int
    steps: tuple[str, ...]
    failed: tuple[str, ...]


def reconcile(call: Call) -> Result:
    """Compare and repair, shard by shard; what fails is told and tried again by the next."""
    targeted = published.backend(call.settings).targeted(call.settings)
    count, steps, failed = 0, list[str](), list[str]()
    at_most = pace.Pace(PER_SECOND)
    for shard in range(configured_blocks.SHARDS):
        owners = _owners(call, shard)
        count += len({owner.uid for owner, _ in owners.values()})
        for step in _plan(call, shard, owners, targeted):
            at_most.wait()
            steps.append(str(step))
            if not _carried_out(call, step, owners):
                failed.append(str(step))
        log.info("reconciled shard %s of %s: %s steps so far", shard + 1, configured_blocks.SHARDS, len(steps))
    return Result(count, tuple(steps), tuple(failed))


Owners = dict[str, tuple[ConfiguredBlock, str]]


def _owners(call: Call, shard: int) -> Owners:
    """The names that should be published of one shard, each with its schedule and expression."""
    return {
        name: (configured, expression)
        for configured in configured_blocks.of_shard(shard)
        for name, expression in publish.entries(call, configured).items()
    }


def _plan(call: Call, shard: int, owners: Owners, targeted: frozenset[str] | None) -> list[Step]:
    backend = published.backend(call.settings)
    listed = [
        entry
        for letter in configured_blocks.letters(shard)
        for entry in backend.listed(call.settings, call.settings.rule_prefix + letter)
    ]
    return plan({name: expression for name, (_, expression) in owners.items()}, listed, targeted)


def _carried_out(call: Call, step: Step, owners: Owners) -> bool:
    log.warning("reconcile: %s", step)
    try:
        if step.kind == "delete":
            published.backend(call.settings).delete(call.settings, [step.name])
            return True
        owner, _ = owners[step.name]
        present = configured_blocks.get(owner.environment_uid, owner.hostname)
        if present is None or present.uid != owner.uid:
            return True
        return publish.publish(call, present).schedule_status != "pending"
    except Exception:
        log.exception("reconcile could not carry out: %s", step)
        return False
