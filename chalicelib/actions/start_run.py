"""Starting a run outside a deployment: its row and its lock in one write, then its execution."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from chalicelib.actions import audit, settle
from chalicelib.actions.begin import LEASE
from chalicelib.call import Call
from chalicelib.domain import run_overrides, variables
from chalicelib.domain.blocks import Block, may_use
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run, run_id
from chalicelib.domain.variables import Variable
from chalicelib.store import blocks, locks, runs
from chalicelib.store.table import Raced, Write, commit
from chalicelib.store.update import until_written

CHECK_AFTER = timedelta(minutes=2)


def run_now(
    call: Call,
    environment: Environment,
    configured: ConfiguredBlock,
    *,
    command: str | None,
    values: tuple[Variable, ...],
    reason: str | None,
    force: bool,
) -> Run:
    """Start a manual run; raises Conflict naming the active run, unless `force`, and Forbidden."""
    block = blocks.get(configured.configuration.block)
    if block is None:
        raise NotFound(f"There is no block {configured.configuration.block} any more")
    if block.flavor == "service":
        raise Conflict(f"{configured.hostname} is a service; it runs in deployments only")
    if environment.deleting:
        raise Conflict(f"{environment.project}/{environment.internal_name} is being deleted")
    if not may_use(block, environment.project_uid):
        raise Conflict(f"The block {block.internal_name} may no longer be used in the project {environment.project}")
    if command is not None or values:
        _check_overrides(call, environment, block, configured)
    _check(block, configured, values)
    suffix = f"m{call.new_id()}"
    if (begun := _begun(call, configured, suffix)) is not None:
        return begun
    run = new(call, configured, run_id(configured.uid, call.now, suffix), "manual")
    run = msgspec.structs.replace(run, command=command, variables=values, because=reason, force=force)
    noted = audit.writes(call, "run.start", None, run)
    if (holder := create(call, run, not force, also=noted)) is not None and holder != run.id:
        raise Conflict(f"Run {holder} of {configured.hostname} is active; wait for it, cancel it or send force")
    settle.start(call, run.id)
    return runs.get(run.id) or run


def _begun(call: Call, configured: ConfiguredBlock, suffix: str) -> Run | None:
    """Return the run that an earlier attempt at this request has stored, with its execution started."""
    run = runs.since(configured.uid, call.repeated_since, suffix) if call.repeated_since is not None else None
    if run is not None and run.status == "queued":
        settle.start(call, run.id)
    return run and runs.get(run.id)


def _check_overrides(call: Call, environment: Environment, block: Block, configured: ConfiguredBlock) -> None:
    values = variables.merged(block.variables, configured.configuration.variables)
    rule = run_overrides.rule(environment, values)
    if rule.role == "admin" and call.role != "admin":
        allowed = f"Only an admin may run {configured.hostname} with another command or variables"
        raise Forbidden(f"{allowed}: {rule.reason}.")


def _check(block: Block, configured: ConfiguredBlock, values: tuple[Variable, ...]) -> None:
    """Raise Invalid where a run's variables, with those configured, are too many, or name one that is masked."""
    known = variables.merged(block.variables, configured.configuration.variables)
    masked = {one.name for one in known if one.masked}
    errors = [
        FieldError(f"variables[{index}].name", f"{one.name} is masked; its value is changed in the configuration alone")
        for index, one in enumerate(values)
        if one.name in masked
    ]
    together = variables.errors(variables.merged(known, values))
    errors += [FieldError(one.field, f"{one.message}, those that are configured included") for one in together]
    if errors:
        raise Invalid(errors)


def new(call: Call, configured: ConfiguredBlock, run_id: str, trigger: str) -> Run:
    """A run of a configured block, queued, not yet stored."""
    fields = {
        "id": run_id,
        "uid": configured.uid,
        "project": configured.project,
        "project_uid": configured.project_uid,
        "environment": configured.environment,
        "environment_uid": configured.environment_uid,
        "hostname": configured.hostname,
        "block": configured.configuration.block,
        "trigger": trigger,
        "by": call.by,
        "created_at": call.now,
        "timeout_seconds": configured.configuration.timeout_seconds,
        "check_at": call.now + CHECK_AFTER,
    }
    return msgspec.convert(fields, Run)


def create(
    call: Call, run: Run, locked: bool, moved_on: Sequence[Write] = (), also: Sequence[Write] = ()
) -> str | None:
    """Store a new run, with its lock if `locked` and what is `also` to be written; None where that was done.

    `moved_on` goes along where its condition holds; where it doesn't, somebody else has moved it on already.

    Otherwise the id of the active run that has the lock, or the run's own id where it is stored already.
    """
    stored = runs.create(run, call.settings.history_days)
    until = call.now + timedelta(seconds=run.timeout_seconds) + LEASE
    instead_of: str | None = None

    def attempt() -> str | None:
        nonlocal instead_of, moved_on
        take = [locks.take(run.uid, run.id, call.now, until, instead_of)] if locked else []
        try:
            commit(stored, *take, *moved_on, *also)
        except Raced as raced:
            if 0 in raced.failed and runs.get(run.id) is not None:
                return run.id
            if moved_on and set(raced.failed) == {1 + len(take)}:
                moved_on = ()
                raise
            instead_of = locks.holder(run.uid)
            active = runs.get(instead_of) if instead_of else None
            if active is not None and not active.is_final:
                return active.id
            raise
        return None

    return until_written(attempt)
