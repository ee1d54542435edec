"""Resolving what an environment's configuration means at this moment: every ref to a commit, every block copied."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.call import Call
from chalicelib.domain import variables
from chalicelib.domain.blocks import Block
from chalicelib.domain.configured_blocks import ConfiguredBlock, Ref
from chalicelib.domain.deployments import SnapshotBlock, frozen
from chalicelib.sources import git
from chalicelib.store import blocks

Problems = list[str]


def freeze(call: Call, configured: Sequence[ConfiguredBlock]) -> tuple[list[SnapshotBlock], Problems]:
    """The snapshot of these configured blocks, and a sentence for each ref or block that could not be resolved."""
    found = blocks.get_many(one.configuration.block for one in configured)
    gone = [one for one in configured if one.configuration.block not in found]
    problems = [f"{one.hostname}: there is no block {one.configuration.block}" for one in gone]
    wanted = {one.hostname: _wanted(one, found[one.configuration.block]) for one in configured if one not in gone}
    commits = git.resolve_all(pair for pair in wanted.values() if pair is not None)
    snapshot: list[SnapshotBlock] = []
    for one in configured:
        if one.hostname not in wanted:
            continue
        pair = wanted[one.hostname]
        commit = commits[pair] if pair is not None else None
        if isinstance(commit, git.Unresolved):
            problems.append(f"{one.hostname}: {commit}")
            commit = None
        snapshot.append(frozen(one, found[one.configuration.block], commit, call.settings.image_repository))
    return snapshot, problems


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
