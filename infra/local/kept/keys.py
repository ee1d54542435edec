"""KMS keys with their material and aliases: what was encrypted before a restart is decrypted after it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from moto.core.responses import BaseResponse
from moto.kms.models import Key, kms_backends
from moto.kms.responses import KmsResponse

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION, changes

_ACTIONS = {
    *("CreateKey", "CreateAlias", "UpdateAlias", "DeleteAlias", "DisableKey", "EnableKey"),
    *("EnableKeyRotation", "DisableKeyRotation", "UpdateKeyDescription", "PutKeyPolicy"),
}
_FIELDS = ("policy", "key_usage", "key_spec", "key_state", "description", "enabled", "key_rotation_status")


def keep(journal: Journal) -> None:
    changes.keep(journal, "key", KmsResponse, BaseResponse.call_action, _ACTIONS, lambda request: _state())
    journal.register("key", _load, _dump)


def _state() -> dict[str, Any]:
    return {key.id: _plain(key) for key in _keys().values() if key.key_spec == "SYMMETRIC_DEFAULT"}


def _load(record: Record) -> None:
    for key_id, plain in record["changes"]:
        _keys().pop(key_id, None)
        if plain is not None:
            _restore(key_id, plain)


def _dump() -> Iterable[Record]:
    return [{"changes": [entry]} for entry in _state().items()]


def _keys() -> dict[str, Key]:
    keys: dict[str, Key] = kms_backends[ACCOUNT][REGION].keys
    return keys


def _plain(key: Key) -> dict[str, Any]:
    fields = {name: getattr(key, name) for name in _FIELDS}
    material = base64.b64encode(key.key_material).decode()
    return {**fields, "created": key.creation_date, "material": material, "aliases": list(key.aliases)}


def _restore(key_id: str, plain: dict[str, Any]) -> None:
    key = Key(plain["policy"], plain["key_usage"], plain["key_spec"], plain["description"], ACCOUNT, REGION)
    for name in _FIELDS:
        setattr(key, name, plain[name])
    key.id, key.creation_date = key_id, plain["created"]
    key.arn = f"{key.arn.rpartition('/')[0]}/{key_id}"
    key.key_material = base64.b64decode(plain["material"])
    _keys()[key_id] = key
    for alias in plain["aliases"]:
        kms_backends[ACCOUNT][REGION].create_alias(key_id, alias)
