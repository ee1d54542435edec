"""moto makes an RSA key pair for each symmetric or HMAC key, which nothing uses and which takes long to find."""

from __future__ import annotations

from typing import Any

from moto.kms import models

_stock = models.generate_private_key


def apply() -> None:
    models.generate_private_key = _generate_private_key


def _generate_private_key(key_spec: str) -> Any:
    return None if key_spec in ("SYMMETRIC_DEFAULT", "HMAC_256") else _stock(key_spec)
