"""Published images: which digest a tag stands for now, asked of its registry (OCI distribution specification)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import msgspec

TIMEOUT_SECONDS = 5
_NAME = re.compile(r"(?:(?P<host>[^/]+[.:][^/]+)/)?(?P<path>[^:@]+)(?::(?P<tag>[^@]+))?(?P<digest>@.+)?")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


def resolve_all(images: Iterable[str]) -> dict[str, str | None]:
    """Each image pinned to its digest (`name@sha256:...`); None where the registry doesn't tell us."""
    names = list(dict.fromkeys(images))
    with ThreadPoolExecutor(max_workers=10) as pool:
        return dict(zip(names, pool.map(_resolve, names), strict=True))


def _resolve(image: str) -> str | None:
    found = _NAME.fullmatch(image)
    if found is None or found["digest"]:
        return image if found else None
    host, path = found["host"] or "registry-1.docker.io", found["path"]
    if host in ("docker.io", "registry-1.docker.io"):
        host, path = "registry-1.docker.io", path if "/" in path else f"library/{path}"
    try:
        digest = _digest(f"https://{host}/v2/{path}/manifests/{found['tag'] or 'latest'}")
    except Exception:  # whatever a registry does, the tag as it is written still runs
        return None
    return f"{image.rsplit(':', 1)[0] if found['tag'] else image}@{digest}" if digest else None


def _digest(url: str) -> str | None:
    import urllib3

    pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
    answer = pool.request("HEAD", url, headers={"Accept": _MANIFESTS})
    if answer.status == 401:
        token = _token(pool, answer.headers.get("WWW-Authenticate", ""))
        answer = pool.request("HEAD", url, headers={"Accept": _MANIFESTS, "Authorization": f"Bearer {token}"})
    digest = answer.headers.get("Docker-Content-Digest")
    return digest if answer.status == 200 and digest else None


def _token(pool: Any, challenge: str) -> str:
    """An anonymous token, as the registry's challenge says where to get one."""
    told = dict(_CHALLENGE.findall(challenge))
    if not told.get("realm", "").startswith("https://"):
        raise ValueError("a realm that is not https")
    query = urlencode({name: value for name, value in told.items() if name in ("service", "scope")})
    answer = msgspec.json.decode(pool.request("GET", f"{told['realm']}?{query}").data)
    return str(answer.get("token") or answer["access_token"])
