"""Published images: which digest a tag stands for now, asked of its registry (OCI distribution specification)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from chalicelib.sources.network import Network

MOST_SECONDS = 10.0
MOST_BYTES = 64 * 1024  # of a token's answer; a manifest's is not even read
_NAME = re.compile(r"(?:(?P<host>[^/]+[.:][^/]+)/)?(?P<path>[^:@]+)(?::(?P<tag>[^@]+))?(?P<digest>@.+)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,16000}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


def resolve_all(images: Iterable[str], network: Network) -> dict[str, str | None]:
    """Each image pinned to its digest (`name@sha256:...`); None where the registry doesn't tell us.

    `network` says what may be asked at all.
    """
    names = list(dict.fromkeys(images))
    with ThreadPoolExecutor(max_workers=10) as pool:
        return dict(zip(names, pool.map(partial(_resolve, network), names), strict=True))


def _resolve(network: Network, image: str) -> str | None:
    found = _NAME.fullmatch(image)
    if found is None or found["digest"]:
        return image if found else None
    host, path = found["host"] or "registry-1.docker.io", found["path"]
    if host in ("docker.io", "registry-1.docker.io"):
        host, path = "registry-1.docker.io", path if "/" in path else f"library/{path}"
    try:
        digest = _digest(network, f"https://{host}/v2/{path}/manifests/{found['tag'] or 'latest'}")
    except Exception:  # whatever a registry does, the tag as it is written still runs
        return None
    return f"{image.rsplit(':', 1)[0] if found['tag'] else image}@{digest}" if digest else None


def _digest(network: Network, url: str) -> str | None:
    from chalicelib.sources.outside import Outside

    with Outside(network, seconds=MOST_SECONDS, most_bytes=MOST_BYTES) as outside:
        answer = outside.request("HEAD", url, headers={"Accept": _MANIFESTS})
        if answer.status == 401:
            token = _token(outside, answer.headers.get("WWW-Authenticate", ""))
            answer = outside.request("HEAD", url, headers={"Accept": _MANIFESTS, "Authorization": f"Bearer {token}"})
        digest = answer.headers.get("Docker-Content-Digest", "")
        return digest if answer.status == 200 and _DIGEST.fullmatch(digest) else None


def _token(outside: Any, challenge: str) -> str:
    """An anonymous token, from where the registry's challenge says; nothing of ours is sent there."""
    told = dict(_CHALLENGE.findall(challenge))
    query = urlencode({name: value for name, value in told.items() if name in ("service", "scope")})
    answer = msgspec.json.decode(outside.request("GET", f"{told['realm']}?{query}").read())
    token = str(answer.get("token") or answer["access_token"])
    if not _TOKEN.fullmatch(token):
        raise ValueError("a token that is none")
    return token
