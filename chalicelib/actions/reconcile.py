"""Reconcile: what is published is compared with the store, and only what differs is changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from chalicelib import metrics
from chalicelib.actions import publish
from chalicelib.aws import pace, published
from chalicelib.aws.published import Backend
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import ConfiguredBlock, rule_key, schedule_id
from chalicelib.domain.reconciliation import Step, plan
from chalicelib.store import configured_blocks

log = logging.getLogger(__name__)

# AWS allows about 50 a second to all callers together.
REQUESTS_PER_SECOND = 40
TO_PUT, TO_REPLACE, TO_DELETE = 2, 8, 3


class Result(msgspec.Struct, frozen=True):
    """What was found: `schedules` in the store, the `steps` that were needed, those that `failed`."""

    schedules: int
    steps: tuple[str, ...]
    failed: tuple[str, ...]


class Owner(NamedTuple):
    """The schedule that an entry should carry, and how."""

    environment_uid: str
    hostname: str
    uid: str
    expression: str


Owners = dict[str, Owner]


def reconcile(call: Call) -> Result:
    """Compare and repair everything, shard by shard; what fails is told and tried again by the next."""
    backend, at_most = published.backend(call.settings), pace.Pace(REQUESTS_PER_SECOND)
    targeted = backend.targeted(call.settings)
    count, steps, failed = 0, list[str](), list[str]()
    for shard in range(configured_blocks.SHARDS):
        owners = _owners(call, configured_blocks.of_shard(shard))
        count += len({owner.uid for owner in owners.values()})
        listed = _listed(call, backend, configured_blocks.letters(shard))
        for step, done in _repaired(call, owners, plan(_wanted(owners), listed, targeted), at_most):
            steps.append(str(step))
            failed += [] if done else [str(step)]
        log.info("reconciled shard %s of %s: %s steps so far", shard + 1, configured_blocks.SHARDS, len(steps))
    if not failed:
        steps += _cleared(call, at_most)
    return Result(count, tuple(steps), tuple(failed))


def of_environment(call: Call, environment_uid: str) -> None:
    """The same for one environment, but for what nobody owns; what fails is left to the daily one."""
    backend, at_most = published.backend(call.settings), pace.Pace(REQUESTS_PER_SECOND)
    for configured in configured_blocks.all_of(environment_uid):
        if configured.schedule is not None:
            owners = _owners(call, [configured])
            listed = _listed(call, backend, [rule_key(configured.uid)])
            steps = [step for step in plan(_wanted(owners), listed, None) if step.kind == "publish"]
            list(_repaired(call, owners, steps, at_most))


def _owners(call: Call, schedules: Iterable[ConfiguredBlock]) -> Owners:
    """The names that should be published, each with its schedule."""
    return {
        name: Owner(configured.environment_uid, configured.hostname, configured.uid, expression)
        for configured in schedules
        for name, expression in publish.entries(call, configured).items()
    }


def _wanted(owners: Owners) -> dict[str, str]:
    return {name: owner.expression for name, owner in owners.items()}


def _listed(call: Call, backend: Backend, beginnings: Iterable[str]) -> Iterator[tuple[str, str | None, bool]]:
    for beginning in beginnings:
        for entry in backend.listed(call.settings, call.settings.rule_prefix + beginning):
            if published.is_ours(call.settings, entry[0]):
                yield entry


def _repaired(call: Call, owners: Owners, steps: list[Step], at_most: pace.Pace) -> Iterator[tuple[Step, bool]]:
    """Carries out the steps; each with whether that succeeded."""
    for step in steps:
        log.warning("reconcile: %s", step)
        try:
            done = _carried_out(call, owners, step, at_most)
        except Exception:
            log.exception("reconcile could not carry out: %s", step)
            done = False
        if done:
            metrics.repaired(call.settings.stack, str(step))
        yield step, done


def _carried_out(call: Call, owners: Owners, step: Step, at_most: pace.Pace) -> bool:
    if step.kind == "publish":
        return _publish(call, step.name, owners[step.name], at_most)
    _delete(call, step.name, at_most)
    return True


def _publish(call: Call, name: str, owner: Owner, at_most: pace.Pace) -> bool:
    present = configured_blocks.get(owner.environment_uid, owner.hostname)
    wanted = publish.entries(call, present) if present is not None and present.uid == owner.uid else {}
    if present is None or name not in wanted:
        return True  # changed or removed meanwhile, by who sees to its entries
    if set(present.rules) == set(wanted):
        at_most.wait(TO_PUT)
        published.backend(call.settings).put(call.settings, name, wanted[name], schedule_id(present))
        return True
    at_most.wait(TO_REPLACE)
    return publish.publish(call, present).schedule_status != "pending"


def _delete(call: Call, name: str, at_most: pace.Pace) -> None:
    """Delete what nobody owns. The index may be behind, so the schedule that the entry names is asked itself."""
    backend = published.backend(call.settings)
    at_most.wait(TO_DELETE)
    environment_uid, uid, hostname, *_ = *(backend.schedule_of(call.settings, name) or "").split(".", 2), "", "", ""
    present = configured_blocks.get(environment_uid, hostname) if hostname else None
    if present is None or present.uid != uid or name not in publish.entries(call, present):
        backend.delete(call.settings, [name])


def _cleared(call: Call, at_most: pace.Pace) -> list[str]:
    """Delete what the other backend still carries; all of it is published by the present one."""
    other, steps = published.left_behind(call.settings), list[str]()
    try:
        for name, _, _ in list(_listed(call, other, [""])):
            at_most.wait(TO_DELETE)
            other.delete(call.settings, [name])
            steps.append(str(Step("delete", name, "the other backend carried it")))
            log.warning("reconcile: %s", steps[-1])
    except Exception:
        log.exception("what the other backend carries can't be deleted now")
    return steps
