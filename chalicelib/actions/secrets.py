"""Secret values: encrypted one by one as they come in, and once more for the one run that may read them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

import msgspec

from chalicelib.aws import keys
from chalicelib.call import Call
from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.store import secrets
from chalicelib.store.table import Write

PURPOSE = "kintoblocks masked values 1"
# Of ciphertext; room for what one request may give, in however many values.
MOST_SEALED = 64 * 1024


def write(call: Call, owner: str, given: Mapping[str, str], kept: Iterable[str]) -> list[Write]:
    """The writes that store new values beside those kept, which stay as they are: nothing is decrypted here.

    Raises Invalid where they are too much together.
    """
    names = set(kept)
    stored = {name: value for name, value in secrets.get(owner).items() if name in names} if names else {}
    sealed = {name: keys.encrypt(call.settings.key, value, _context(owner, name)) for name, value in given.items()}
    if sum(len(piece) for pieces in (stored | sealed).values() for piece in pieces) > MOST_SEALED:
        raise Invalid([FieldError("variables", "the masked values are too long together, those kept included")])
    return [secrets.put(owner, stored | sealed)]


def stamps(call: Call, owner: str, given: Mapping[str, str]) -> dict[str, str]:
    """What tells a value from any other without telling it, by name: so the same one sent again is no change.

    A keyed hash of the owner, the name and the value: who reads the table alone can try no values against it.
    """
    key = keys.derived(call.settings.token_key, PURPOSE) if given else b""
    told = {name: "\0".join((owner, name, value)) for name, value in given.items()}
    return {name: hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32] for name, text in told.items()}


def read(call: Call, owner: str, names: Iterable[str]) -> dict[str, str]:
    """Those of these values that are stored, in the clear: only for a run or deployment that is about to begin."""
    wanted = set(names)
    if not wanted:
        return {}
    found = {name: value for name, value in secrets.get(owner).items() if name in wanted}
    return {name: keys.decrypt(call.settings.key, value, _context(owner, name)) for name, value in found.items()}


class ForRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the runner decrypts: masked variables, the repository's token, the image registry's login."""

    variables: dict[str, str] = {}
    token: str | None = None
    registry: dict[str, str] | None = None


def for_run(call: Call, run_id: str, told: ForRun) -> tuple[str, ...]:
    """The values encrypted for one run; empty where there are none."""
    if told == ForRun():
        return ()
    return keys.encrypt(call.settings.key, msgspec.json.encode(told).decode(), {"run": run_id})


def _context(owner: str, name: str) -> dict[str, str]:
    return {"owner": owner, "name": name}
