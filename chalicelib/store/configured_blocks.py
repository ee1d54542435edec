"""Configured blocks, by environment and hostname."""

from __future__ import annotations

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.store import table
from chalicelib.store.table import Item, Write


def get(environment_uid: str, hostname: str) -> ConfiguredBlock | None:
    """The configured block under a hostname."""
    return table.get(_pk(environment_uid), hostname, ConfiguredBlock)


def all_of(environment_uid: str) -> list[ConfiguredBlock]:
    """All configured blocks of an environment (50 at most), by hostname."""
    return [table.decode(item, ConfiguredBlock) for item in table.page(_pk(environment_uid)).items]


def create(configured: ConfiguredBlock) -> Write:
    """Put a new configured block."""
    return table.create(_pk(configured.environment_uid), configured.hostname, configured)


def replace(configured: ConfiguredBlock) -> Write:
    """Put the next version of a configured block."""
    return table.replace(_pk(configured.environment_uid), configured.hostname, configured)


def amend(configured: ConfiguredBlock) -> Write:
    """Put what the product itself notes of the present version (its rules); people's version stays as it is."""
    same = table.same_version(configured)
    return table.update(
        _pk(configured.environment_uid), configured.hostname, same, Item.version == configured.version
    )


def delete(configured: ConfiguredBlock) -> Write:
    """Delete a configured block that has not changed since it was read."""
    return table.delete(_pk(configured.environment_uid), configured.hostname, Item.version == configured.version)


def _pk(environment_uid: str) -> str:
    return f"configured#{environment_uid}"
