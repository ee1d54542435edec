"""Masked values: encrypted as they come in, and once more for the one run that may read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from chalicelib.aws import keys
from chalicelib.call import Call
from chalicelib.store import secrets
from chalicelib.store.table import Write


def read(call: Call, owner_uid: str) -> dict[str, str]:
    """The masked values of a block or configured block, in the clear: only for a run that is about to begin."""
    stored = secrets.get(owner_uid)
    if stored is None:
        return {}
    text = keys.decrypt(call.settings.key, stored.pieces, {"owner": owner_uid})
    return msgspec.json.decode(text, type=dict[str, str])


def write(call: Call, owner_uid: str, given: Mapping[str, str], kept: Iterable[str]) -> list[Write]:
    """The writes that store new values beside those kept; none where nothing is masked."""
    names = set(kept)
    if not given and not names:
        return [secrets.delete(owner_uid)]
    values = {name: value for name, value in read(call, owner_uid).items() if name in names} if names else {}
    text = msgspec.json.encode(values | dict(given)).decode()
    return [secrets.put(owner_uid, keys.encrypt(call.settings.key, text, {"owner": owner_uid}))]


def for_run(call: Call, run_id: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The values encrypted for one run; empty where there are none."""
    if not values:
        return ()
    text = msgspec.json.encode({"variables": dict(values), "token": None}).decode()
    return keys.encrypt(call.settings.key, text, {"run": run_id})
