"""Configure KintoBlock: putting a block into an environment under a hostname, changing that, taking it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.actions import audit, publish, secrets
from chalicelib.actions.blocks import raise_any
from chalicelib.call import Call
from chalicelib.domain import blocks as block_rules
from chalicelib.domain import configured_blocks as rules
from chalicelib.domain import schedules, variables
from chalicelib.domain.blocks import Block
from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock
from chalicelib.domain.problems import Conflict, FieldError, Invalid, NotFound, Stale
from chalicelib.domain.projects import MOST_BLOCKS, Environment
from chalicelib.store import blocks, configured_blocks, locks, results, runs
from chalicelib.store import projects as stored_projects
from chalicelib.store import secrets as stored_secrets
from chalicelib.store.table import Raced, Write, commit
from chalicelib.store.update import until_written


def put(
    call: Call,
    environment: Environment,
    hostname: str,
    configuration: Configuration,
    present: ConfiguredBlock | None,
) -> ConfiguredBlock:
    """Configure a block under `hostname`, or change what is there; its schedule is published at once if AWS lets us.

    Raises Invalid with all errors, Conflict, or Stale where somebody else changed it meanwhile.
    """
    block = _block(call, configuration)
    if block is None:
        raise Invalid(_without_block(configuration))
    configuration = rules.with_defaults(configuration, block)
    raise_any(_errors(configuration, block, present, environment))
    given = variables.masked_values(configuration.variables)
    kept = variables.kept(present.masked_values if present else {}, configuration.variables)
    new = _new(call, environment, hostname, block, present)
    new = msgspec.structs.replace(
        new,
        configuration=msgspec.structs.replace(
            configuration, variables=variables.without_masked_values(configuration.variables)
        ),
        masked_values=kept | secrets.stamps(call, new.uid, given),
        unpublished=None,
        schedule_status="pending" if isinstance(configuration.run, rules.RepeatSchedule) or new.rules else None,
        updated_at=call.now,
    )
    new = schedules.renewed(new, present, call.now)
    sealed = secrets.write(call, new.uid, given, kept)
    sealed += audit.writes(call, "configured_block.change" if present else "configured_block.create", present, new)
    stored = _add(environment, block, new, sealed) if present is None else _replace(present, new, sealed)
    return publish.publish(call, stored)


def errors(
    call: Call, told: Mapping[str, Any], present: ConfiguredBlock | None, environment: Environment | None
) -> list[FieldError]:
    """What is wrong with those fields of a configuration that are told, each of which is right by itself."""
    configuration = Configuration(**{"block": "", **told})
    block = _block(call, configuration) if "block" in told else None
    if block is not None:
        return _errors(rules.with_defaults(configuration, block), block, present, environment)
    return _without_block(configuration) if "block" in told else variables.errors(configuration.variables)


def _block(call: Call, configuration: Configuration) -> Block | None:
    """Return the block if the token sees it."""
    block = blocks.get(configuration.block)
    return block if block is not None and block_rules.is_visible(block, call.projects) else None


def _without_block(configuration: Configuration) -> list[FieldError]:
    missing = FieldError("block", f"there is no block {configuration.block}; write the internal name of one")
    return [missing, *variables.errors(configuration.variables)]


def _errors(
    configuration: Configuration, block: Block, present: ConfiguredBlock | None, environment: Environment | None
) -> list[FieldError]:
    errors = rules.errors(configuration, block)
    if environment is not None and not block_rules.may_use(block, environment.project_uid):
        errors.append(FieldError("block", _not_allowed(block, environment)))
    if present is not None and present.configuration.block != configuration.block:
        errors.append(FieldError("block", f"{present.hostname} is {present.configuration.block}; use another hostname"))
    stored = block.masked_values | (present.masked_values if present else {})
    for index, variable in enumerate(configuration.variables):
        if variable.masked and variable.value is None and variable.name not in stored:
            message = f"no value of {variable.name} is stored yet; give one"
            errors.append(FieldError(f"variables[{index}].value", message))
    return errors


def _not_allowed(block: Block, environment: Environment) -> str:
    name, project = block.internal_name, environment.project
    return f"{name} may not be used in the project {project}; choose another, or add {project} to its projects"


def _new(
    call: Call, environment: Environment, hostname: str, block: Block, present: ConfiguredBlock | None
) -> ConfiguredBlock:
    if present is not None:
        # Who is publishing it just now has not noted yet what this change takes away again.
        put = publish.entries(call, present)
        return msgspec.structs.replace(present, rules=tuple(dict.fromkeys((*present.rules, *put))))
    return ConfiguredBlock(
        uid=call.new_id(),
        hostname=hostname,
        project=environment.project,
        project_uid=environment.project_uid,
        environment=environment.internal_name,
        environment_uid=environment.uid,
        block_uid=block.uid,
        flavor=block.flavor,
        configuration=Configuration(block=block.internal_name),
        created_at=call.now,
        updated_at=call.now,
    )


def _add(environment: Environment, block: Block, new: ConfiguredBlock, sealed: list[Write]) -> ConfiguredBlock:
    """Add it to the environment as it is then, however often that changes."""

    def attempt() -> ConfiguredBlock:
        nonlocal environment, block
        if environment.blocks >= MOST_BLOCKS:
            raise_any([FieldError("hostname", f"an environment holds at most {MOST_BLOCKS} configured blocks")])
        if environment.deleting:
            raise NotFound(f"{environment.project}/{environment.internal_name} is being deleted")
        counted = msgspec.structs.replace(environment, blocks=environment.blocks + 1)
        writes = (configured_blocks.create(new), stored_projects.replace_environment(counted))
        try:
            commit(*writes, *blocks.use(block, _place(new)), results.create(new), *sealed)
        except Raced:
            there = configured_blocks.get(environment.uid, new.hostname)
            if there is not None and there.uid == new.uid:
                return there
            environment, block = _still_possible(environment, block, new, there)
            raise
        return msgspec.structs.replace(new, version=1)

    return until_written(attempt)


def _still_possible(
    environment: Environment, block: Block, new: ConfiguredBlock, there: ConfiguredBlock | None
) -> tuple[Environment, Block]:
    """The environment and the block as they are now, where nothing stands in the way.

    Raises Stale, Conflict or NotFound.
    """
    if there is not None:
        raise Stale(f"{new.hostname} was configured by somebody else just now; read it again")
    known = blocks.get(block.internal_name)
    if known is None or known.uid != block.uid:
        raise Conflict(f"{block.internal_name} was deleted just now")
    if not block_rules.may_use(known, environment.project_uid):
        raise Conflict(_not_allowed(known, environment))
    present = stored_projects.same_environment(environment)
    if present is None:
        raise NotFound(f"There is no environment {environment.project}/{environment.internal_name} any more")
    return present, known


def _replace(present: ConfiguredBlock, new: ConfiguredBlock, sealed: list[Write]) -> ConfiguredBlock:
    try:
        commit(configured_blocks.replace(new), *sealed)
    except Raced:
        raise Stale(f"{present.hostname} was changed by somebody else just now; read it again") from None
    return msgspec.structs.replace(new, version=present.version + 1)


def remove(call: Call, environment: Environment, configured: ConfiguredBlock) -> None:
    """Take a block out of an environment; raises Conflict while a run of it is active, naming that.

    Rules go first, so that nothing fires for what is not there; its history stays until it expires.
    """
    if active := runs.open_of(configured.environment_uid, configured.uid):
        raise Conflict(f"Run {active[0].id} of {_place(configured)} is {active[0].status}; wait for it or cancel it")
    publish.withdraw(call, configured)

    def attempt() -> None:
        present = configured_blocks.get(environment.uid, configured.hostname)
        where = stored_projects.same_environment(environment)
        if present is None or present.uid != configured.uid or where is None:
            return
        fewer = msgspec.structs.replace(where, blocks=where.blocks - 1)
        commit(
            configured_blocks.delete(present),
            stored_projects.replace_environment(fewer),
            *blocks.disuse(configured.configuration.block, configured.block_uid, _place(configured)),
            stored_secrets.delete(configured.uid),
            locks.forget(configured.uid),
            results.delete(configured.environment_uid, configured.uid),
            *audit.writes(call, "configured_block.delete", present, None),
        )

    until_written(attempt)


def _place(configured: ConfiguredBlock) -> str:
    return f"{configured.project}/{configured.environment}/{configured.hostname}"
