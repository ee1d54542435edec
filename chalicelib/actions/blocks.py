"""Creating, changing and deleting blocks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chalicelib.actions import audit, missing, secrets
from chalicelib.call import Call
from chalicelib.domain import blocks as rules
from chalicelib.domain import variables
from chalicelib.domain.blocks import Block, Flavor, Repository, Source
from chalicelib.domain.problems import Conflict, FieldError, Invalid, Stale
from chalicelib.domain.variables import Variable
from chalicelib.store import blocks
from chalicelib.store import secrets as stored_secrets
from chalicelib.store.table import Raced, commit

SHOWN_USES = 10


def create(
    call: Call,
    *,
    name: str,
    internal_name: str,
    flavor: Flavor,
    repository: Repository | None,
    source: Source,
    values: tuple[Variable, ...],
    projects: Mapping[str, str] | None = None,
) -> Block:
    """A new block; raises Invalid, or Conflict where the internal name is taken."""
    raise_any(rules.all_errors(repository, source, flavor, values, call.settings.local_repositories))
    given = rules.secrets_of(repository, values)
    uid = call.new_id()
    block = Block(
        uid=uid,
        internal_name=internal_name,
        name=name,
        flavor=flavor,
        repository=rules.tokenless(repository),
        source=source,
        variables=variables.without_masked_values(values),
        masked_values=secrets.stamps(call, uid, given),
        projects=projects,
        created_at=call.now,
        updated_at=call.now,
        version=0,
    )
    try:
        sealed = secrets.write(call, block.uid, given, ())
        commit(blocks.create(block), *sealed, *audit.writes(call, "block.create", None, block))
    except Raced:
        there = blocks.get(internal_name)
        if there is None or there.uid != block.uid:
            raise Conflict(f"There is a block {internal_name} already; choose another internal name") from None
        return there
    return msgspec.structs.replace(block, version=1)


def change(call: Call, block: Block, new: Block, forget_token: bool) -> Block:
    """The block with what `new` says, its masked values and its token included where they are given.

    Raises Invalid, Conflict where a project that uses it would lose it, or Stale where somebody else changed it
    meanwhile.
    """
    wanted = new.variables
    raise_any(rules.all_errors(new.repository, new.source, block.flavor, wanted, call.settings.local_repositories))
    given = rules.secrets_of(new.repository, wanted)
    kept = variables.kept(block.masked_values, wanted)
    kept |= {} if forget_token else rules.kept_token(block, new.repository)
    new = msgspec.structs.replace(
        new,
        repository=rules.tokenless(new.repository),
        variables=variables.without_masked_values(wanted),
        masked_values=kept | secrets.stamps(call, block.uid, given),
        updated_at=call.now,
        version=block.version,
    )
    used = _uses_kept(block, new)
    try:
        sealed = secrets.write(call, block.uid, given, kept)
        commit(blocks.replace(new, used), *sealed, *audit.writes(call, "block.change", block, new))
    except Raced:
        raise Stale("Somebody else changed this block just now; read it again") from None
    return msgspec.structs.replace(new, version=block.version + 1)


def _uses_kept(block: Block, new: Block) -> int | None:
    """Return how often the block is used where its projects change, None otherwise; raises Conflict.

    The number is the condition of the write: a project that loses the block may not begin to use it in between.
    """
    if new.projects is None or new.projects == block.projects:
        return None
    count = blocks.use_count(block)
    if count and (lost := blocks.uses_outside(block, new.projects, SHOWN_USES)):
        places = ", ".join(lost[:SHOWN_USES]) + (" and elsewhere" if len(lost) > SHOWN_USES else "")
        raise Conflict(f"{block.internal_name} is configured in {places}; remove it there first, or keep the project")
    return count


def delete(call: Call, block: Block) -> None:
    """Delete a block; raises Conflict naming where it is configured."""
    used = blocks.uses(block, SHOWN_USES)
    if used.items:
        more = " and elsewhere" if used.next else ""
        places = ", ".join(item.sk for item in used.items)
        raise Conflict(f"{block.internal_name} is configured in {places}{more}; remove it there first")
    try:
        noted = audit.writes(call, "block.delete", block, None)
        commit(blocks.delete(block), stored_secrets.delete(block.uid), *noted)
    except Raced:
        now = missing.block(block.internal_name)
        raise Stale(f"{now.internal_name} was changed or configured just now; read it again") from None


def raise_any(errors: list[FieldError]) -> None:
    """Raise Invalid with all errors, if there are any."""
    if errors:
        raise Invalid(errors)
