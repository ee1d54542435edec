"""KMS: small texts encrypted for one owner, in pieces of what KMS takes at a time; keys that are derived from one."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache

from chalicelib.aws.clients import client

PIECE = 4000


def encrypt(key: str, text: str, context: dict[str, str]) -> tuple[str, ...]:
    """The ciphertext in base64 pieces; `context` must be given again to decrypt."""
    raw = text.encode()
    parts = [raw[at : at + PIECE] for at in range(0, len(raw), PIECE)]
    return tuple(_encrypt(key, part, context) for part in parts)


def _encrypt(key: str, part: bytes, context: dict[str, str]) -> str:
    answer = client("kms").encrypt(KeyId=key, Plaintext=part, EncryptionContext=context)
    return base64.b64encode(answer["CiphertextBlob"]).decode()


def decrypt(key: str, pieces: Sequence[str], context: dict[str, str]) -> str:
    """The text that was encrypted."""
    return b"".join(_decrypt(key, piece, context) for piece in pieces).decode()


def _decrypt(key: str, piece: str, context: dict[str, str]) -> bytes:
    blob = base64.b64decode(piece)
    answer = client("kms").decrypt(KeyId=key, CiphertextBlob=blob, EncryptionContext=context)
    return bytes(answer["Plaintext"])


@cache
def derived(key: str, purpose: str) -> bytes:
    """32 bytes that only KMS can make, from an HMAC key that never leaves it; asked for once in a process."""
    answer = client("kms").generate_mac(KeyId=key, Message=purpose.encode(), MacAlgorithm="HMAC_SHA_256")
    return bytes(answer["Mac"])
