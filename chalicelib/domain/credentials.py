"""Credentials for a host of the stack: a git server's token, or an image registry's login."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

TOKEN = "@token"  # can't be a variable's name
_HOST = re.compile(r"(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")


def check_secret(secret: str) -> None:
    """Raise ValueError for what can't be a token or password."""
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        raise ValueError("write visible ASCII characters only, no spaces or line ends; was it pasted whole?")


SecretText = Annotated[
    str, Meta(min_length=1, max_length=2048, description="a token or password", extra={"check": check_secret})
]


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """That there is a secret for a host; the secret itself is encrypted elsewhere, and `stamp` tells it from others."""

    host: str
    username: str | None = None
    stamp: str = ""
    by: str
    updated_at: datetime
    version: int = 0


def is_host(host: str) -> bool:
    """Whether `host` is a host's name, perhaps with a port."""
    return _HOST.fullmatch(host) is not None


def host_of(url: str) -> str | None:
    """The host of a repository's address; None for a folder."""
    parts = urlsplit(url)
    return parts.netloc.lower() if parts.scheme == "https" else None


def registry_of(image: str) -> str:
    """The registry that an image's name points to."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"
