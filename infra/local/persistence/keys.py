"""KMS keys with their material and aliases: what was encrypted before a restart is decrypted after it.

A key of a description has the same id at every start, by which the stack finds it again: KMS keys have no name.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

from moto.core.responses import BaseResponse
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from infra.local.persistence import ACCOUNT, REGION, requests
from infra.local.persistence.database import Database

_ACTIONS = {
    *("CreateKey", "CreateAlias", "UpdateAlias", "DeleteAlias", "DisableKey", "EnableKey"),
    *("EnableKeyRotation", "DisableKeyRotation", "UpdateKeyDescription", "PutKeyPolicy"),
}
_KEPT = ("SYMMETRIC_DEFAULT", "HMAC_256")
_stock_create = KmsBackend.create_key
_FIELDS = ("policy", "key_usage", "key_spec", "key_state", "description", "enabled", "key_rotation_status")


def id_of(description: str) -> str:
    """Return the id of the first key of a description."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, description))


def keep(database: Database) -> None:
    """Store every change of a key."""
    KmsBackend.create_key = _create_key
    requests.keep(database, "key", KmsResponse, BaseResponse.call_action, _ACTIONS, _state, _restore)


def _create_key(
    backend: KmsBackend, policy: Any, key_usage: Any, key_spec: Any, description: str | None, *rest: Any, **more: Any
) -> Key:
    key = _stock_create(backend, policy, key_usage, key_spec, description, *rest, **more)
    if description and id_of(description) not in backend.keys:
        del backend.keys[key.id]
        _rename(key, id_of(description))
        backend.keys[key.id] = key
    return key


def _state(request: Any) -> dict[str, Any]:
    return {key.id: _plain(key) for key in _keys().values() if key.key_spec in _KEPT}


def _keys() -> dict[str, Key]:
    keys: dict[str, Key] = kms_backends[ACCOUNT][REGION].keys
    return keys


def _plain(key: Key) -> dict[str, Any]:
    fields = {name: getattr(key, name) for name in _FIELDS}
    material = base64.b64encode(key.key_material).decode()
    return {**fields, "created": key.creation_date, "material": material, "aliases": list(key.aliases)}


def _restore(key_id: str, plain: dict[str, Any] | None) -> None:
    _keys().pop(key_id, None)
    if plain is None:
        return
    key = Key(plain["policy"], plain["key_usage"], plain["key_spec"], plain["description"], ACCOUNT, REGION)
    for name in _FIELDS:
        setattr(key, name, plain[name])
    _rename(key, key_id)
    key.creation_date, key.key_material = plain["created"], base64.b64decode(plain["material"])
    _keys()[key_id] = key
    for alias in plain["aliases"]:
        kms_backends[ACCOUNT][REGION].create_alias(key_id, alias)


def _rename(key: Key, key_id: str) -> None:
    key.id, key.arn = key_id, f"{key.arn.rpartition('/')[0]}/{key_id}"
