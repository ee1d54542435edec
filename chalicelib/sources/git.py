"""Refs of git repositories, resolved without a git binary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.domain.configured_blocks import Ref

TIMEOUT_SECONDS = 8
_COMMIT = re.compile("[0-9a-f]{40}")

Wanted = tuple[str, Ref]


class Unresolved(Exception):
    """A ref that can't be resolved now; the text says why, for people."""


def resolve_all(wanted: Iterable[Wanted]) -> dict[Wanted, str | Unresolved]:
    """The commit of each (url, ref), or why there is none; each repository is asked once, side by side."""
    pairs = list(dict.fromkeys(wanted))
    urls = list(dict.fromkeys(url for url, ref in pairs if ref.commit is None))
    with ThreadPoolExecutor(max_workers=10) as pool:
        listed = dict(zip(urls, pool.map(_refs, urls), strict=True))
    return {(url, ref): _commit(url, ref, listed.get(url, {})) for url, ref in pairs}


def resolve(url: str, ref: Ref) -> str:
    """The commit of one ref; raises Unresolved."""
    found = resolve_all([(url, ref)])[url, ref]
    if isinstance(found, Unresolved):
        raise found
    return found


def _commit(url: str, ref: Ref, listed: Mapping[bytes, Any] | Unresolved) -> str | Unresolved:
    if ref.commit is not None:
        return ref.commit
    if isinstance(listed, Unresolved):
        return listed
    kind, short, name = ("branch", "heads", ref.branch) if ref.branch else ("tag", "tags", ref.tag)
    full = f"refs/{short}/{name}".encode()
    # An annotated tag is an object of its own; ^{} names the commit it stands for.
    found = listed.get(full + b"^{}") or listed.get(full)
    if not found:
        return Unresolved(f"there is no {kind} {name} in {url}")
    return bytes(found).decode()


def _refs(url: str) -> Mapping[bytes, Any] | Unresolved:
    from dulwich.client import get_transport_and_path

    try:
        client, path = get_transport_and_path(url, timeout=TIMEOUT_SECONDS)  # type: ignore[arg-type]
        answer = client.get_refs(path.encode())
        return getattr(answer, "refs", answer)
    except Exception as error:
        return Unresolved(f"{url} can't be read: {_reason(error)}")


def _reason(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return re.sub(r"\s+", " ", text)[:200]
