"""Resolving what an environment's configuration means at this moment: every ref to a commit, every block copied."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.actions import credentials
from chalicelib.call import Call
from chalicelib.domain import variables
from chalicelib.domain.blocks import Block, Image, may_use
from chalicelib.domain.configured_blocks import ConfiguredBlock, Ref
from chalicelib.domain.deployments import SnapshotBlock, frozen
from chalicelib.sources import git, network, registries
from chalicelib.store import blocks

Problems = list[str]


def freeze(call: Call, configured: Sequence[ConfiguredBlock], private: bool) -> tuple[list[SnapshotBlock], Problems]:
    """The snapshot of these configured blocks, and a sentence for each ref or block that could not be resolved.

    `private`: tokens may be decrypted to look into private repositories; the API may not. A published image whose
    registry doesn't tell us its digest stays as it is written.
    """
    found = blocks.get_many(one.configuration.block for one in configured)
    present = [(one, found[one.configuration.block]) for one in configured if one.configuration.block in found]
    problems = [
        f"{one.hostname}: there is no block {one.configuration.block}"
        for one in configured
        if one.configuration.block not in found
    ]
    problems += [_forbidden(one.hostname, block) for one, block in present if not may_use(block, one.project_uid)]
    tokens = credentials.tokens(call, (block for _, block in present)) if private else {}
    allowed = network.parse(call.settings.private_hosts, call.settings.local_repositories)
    pairs = (pair for one, block in present if (pair := _wanted(one, block)) is not None)
    commits = git.resolve_all(pairs, allowed, tokens)
    images = registries.resolve_all((b.source.image for _, b in present if isinstance(b.source, Image)), allowed)
    snapshot: list[SnapshotBlock] = []
    for one, block in present:
        pair = _wanted(one, block)
        commit = commits[pair] if pair is not None else None
        if isinstance(commit, git.Unresolved):
            problems.append(f"{one.hostname}: {commit}")
            commit = None
        published = images[block.source.image] if isinstance(block.source, Image) else None
        snapshot.append(frozen(one, block, commit, call.settings.image_repository, published))
    return snapshot, problems


def forbidden(snapshot: Sequence[SnapshotBlock], project_uid: str) -> Problems:
    """A sentence for each block of a former snapshot that the project may not use any more.

    Its runs would get the block's masked values as they are now.
    """
    found = blocks.get_many(one.block.internal_name for one in snapshot)
    return [
        _forbidden(one.hostname, block)
        for one in snapshot
        if (block := found.get(one.block.internal_name)) is not None
        and block.uid == one.block.uid
        and not may_use(block, project_uid)
    ]


def _forbidden(hostname: str, block: Block) -> str:
    return f"{hostname}: the block {block.internal_name} may no longer be used in this project"


def with_present_secrets(
    snapshot: Sequence[SnapshotBlock], configured: Sequence[ConfiguredBlock]
) -> list[SnapshotBlock]:
    """A former snapshot with the stamps of the masked values that its runs get: no rollback brings old ones back."""
    found = blocks.get_many(one.configuration.block for one in configured)
    of_blocks = {name: block.masked_values for name, block in found.items()}
    stamps = {one.uid: of_blocks.get(one.configuration.block, {}) | one.masked_values for one in configured}
    return [replace(block, masked_values=stamps.get(block.uid, block.masked_values)) for block in snapshot]


def _wanted(one: ConfiguredBlock, block: Block) -> git.Wanted | None:
    if block.repository is None:
        return None
    return block.repository.url, one.configuration.ref or Ref(branch=block.repository.branch)


def unset(configured: Sequence[ConfiguredBlock]) -> Problems:
    """A sentence for each configured block with required variables that have no value."""
    found = blocks.get_many(one.configuration.block for one in configured)
    told: Problems = []
    for one in configured:
        block = found.get(one.configuration.block)
        if block is None:
            continue
        values = variables.merged(block.variables, one.configuration.variables)
        if names := variables.unset(values, block.masked_values | one.masked_values):
            told.append(f"{one.hostname}: {', '.join(names)}")
    return told
