"""Compare Versions: what a deployment would add, change and remove, field by field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from chalicelib.domain.deployments import SnapshotBlock
from chalicelib.domain.variables import Variable

MASKED = "masked"
# All that fifty blocks may have on both sides fits into the 6 MB that a function may answer.
MAX_VARIABLE = 128
MAX_TEXT = 1024


class FieldChange(msgspec.Struct, frozen=True, rename={"old": "from", "new": "to"}):
    """One field that differs; a masked variable shows only that it does."""

    field: str
    old: Any
    new: Any


class BlockChange(msgspec.Struct, frozen=True):
    """One configured block that a deployment adds, changes or removes."""

    hostname: str
    block: str
    fields: tuple[FieldChange, ...]


class Changes(msgspec.Struct, frozen=True):
    """All that differs between what is live and what is configured; `warnings` say what could not be told."""

    added: tuple[BlockChange, ...] = ()
    changed: tuple[BlockChange, ...] = ()
    removed: tuple[BlockChange, ...] = ()
    warnings: tuple[str, ...] = ()


def changes(live: Iterable[SnapshotBlock], wanted: Iterable[SnapshotBlock], warnings: Iterable[str] = ()) -> Changes:
    """The difference from `live` to `wanted`; a hostname made again for another uid was removed and added."""
    old, new = {block.uid: block for block in live}, {block.uid: block for block in wanted}
    both = [(old[uid], new[uid]) for uid in old.keys() & new.keys()]
    changed = [(after, fields) for before, after in both if (fields := differences(_flat(before), _flat(after)))]
    return Changes(
        added=_sorted((new[uid], differences({}, _flat(new[uid]))) for uid in new.keys() - old.keys()),
        changed=_sorted(changed),
        removed=_sorted((old[uid], differences(_flat(old[uid]), {})) for uid in old.keys() - new.keys()),
        warnings=tuple(warnings),
    )


def _sorted(found: Iterable[tuple[SnapshotBlock, tuple[FieldChange, ...]]]) -> tuple[BlockChange, ...]:
    told = [BlockChange(block.hostname, block.block.internal_name, fields) for block, fields in found]
    return tuple(sorted(told, key=lambda change: change.hostname))


def _flat(block: SnapshotBlock) -> dict[str, Any]:
    of_block = {"repository": block.block.repository, "source": block.block.source}
    of_configuration = {
        name: getattr(block.configuration, name) for name in ("ref", "run", "memory_mb", "timeout_seconds", "retries")
    }
    fields = flatten("", msgspec.to_builtins(of_block | of_configuration))
    fields |= {"commit": block.commit, "image": block.image, **values(block.variables, block.masked_values)}
    return {name: value for name, value in fields.items() if value is not None}


def values(variables: Iterable[Variable], masked_values: Mapping[str, str]) -> dict[str, Any]:
    """The values of variables by field; of a masked one only its stamp, which another value changes."""
    return {
        f"variables.{one.name}": (MASKED, masked_values.get(one.name)) if one.masked else one.value for one in variables
    }


def flatten(prefix: str, value: Any) -> dict[str, Any]:
    """The leaves of nested mappings by their paths."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {path: leaf for key, inner in value.items() for path, leaf in flatten(_join(prefix, key), inner).items()}


def _join(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What differs between the fields of two things; of masked values only that they do."""
    names = [*old, *(name for name in new if name not in old)]
    differing = [name for name in names if old.get(name) != new.get(name)]
    return tuple(FieldChange(name, _shown(name, old.get(name)), _shown(name, new.get(name))) for name in differing)


def _shown(name: str, value: Any) -> Any:
    """A value for people; of a long text its beginning and a digest: all of fifty blocks is one answer."""
    if isinstance(value, tuple) and value[0] == MASKED:
        return "(masked)"
    longest = MAX_VARIABLE if name.startswith("variables.") else MAX_TEXT
    if isinstance(value, str) and len(value) > longest:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"{value[:longest]}… ({len(value)} characters, SHA-256 {digest}…)"
    return value
