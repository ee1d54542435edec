"""Refs of git repositories, resolved without a git binary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from chalicelib.domain.configured_blocks import Ref

TIMEOUT_SECONDS = 8

Wanted = tuple[str, Ref]
Listed = Mapping[bytes, bytes]


class Unresolved(Exception):
    """A ref that can't be resolved now; the text says why, for people."""


def resolve_all(wanted: Iterable[Wanted]) -> dict[Wanted, str | Unresolved]:
    """The commit of each (url, ref), or why there is none; each repository is asked once, side by side."""
    pairs = list(dict.fromkeys(wanted))
    names: dict[str, set[bytes]] = {}
    for url, ref in pairs:
        if ref.commit is None:
            names.setdefault(url, set()).add(_full_name(ref))
    with ThreadPoolExecutor(max_workers=10) as pool:
        listed = dict(zip(names, pool.map(_listed, names.items()), strict=True))
    return {(url, ref): _commit(url, ref, listed.get(url, {})) for url, ref in pairs}


def resolve(url: str, ref: Ref) -> str:
    """The commit of one ref; raises Unresolved."""
    found = resolve_all([(url, ref)])[url, ref]
    if isinstance(found, Unresolved):
        raise found
    return found


def _full_name(ref: Ref) -> bytes:
    return (f"refs/heads/{ref.branch}" if ref.branch else f"refs/tags/{ref.tag}").encode()


def _commit(url: str, ref: Ref, listed: Listed | Unresolved) -> str | Unresolved:
    if ref.commit is not None:
        return ref.commit
    if isinstance(listed, Unresolved):
        return listed
    # An annotated tag is an object of its own; ^{} names the commit it stands for.
    found = listed.get(_full_name(ref) + b"^{}") or listed.get(_full_name(ref))
    if not found:
        told = f"branch {ref.branch}" if ref.branch else f"tag {ref.tag}"
        return Unresolved(f"there is no {told} in {url}")
    return found.decode()


def _listed(asked: tuple[str, set[bytes]]) -> Listed | Unresolved:
    url, names = asked
    try:
        return _of_folder(url, names) if url.startswith("file://") else _of_server(url, names)
    except Exception as error:
        return Unresolved(f"{url} can't be read: {_reason(error)}")


def _of_folder(url: str, names: set[bytes]) -> Listed:
    from dulwich.refs import Ref as Name
    from dulwich.repo import Repo

    with Repo(unquote(urlsplit(url).path)) as repository:
        present = repository.get_refs()
        return {name: bytes(repository.get_peeled(Name(name))) for name in names if name in present}


def _of_server(url: str, names: set[bytes]) -> Listed:
    import urllib3
    from dulwich.client import get_transport_and_path

    pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
    client, path = get_transport_and_path(url, pool_manager=pool)
    answer = client.get_refs(path.encode(), ref_prefix=sorted(names))
    return {name: bytes(found) for name, found in answer.refs.items() if found is not None}


def _reason(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return re.sub(r"\s+", " ", text)[:200]
