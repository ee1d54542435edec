"""Refs of git repositories, resolved without a git binary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from chalicelib.domain.configured_blocks import Ref
from chalicelib.sources.certificates import rejection
from chalicelib.sources.network import Network, Refused

_COMMIT = re.compile(rb"[0-9a-f]{40}")

Wanted = tuple[str, Ref]
Listed = Mapping[bytes, bytes]


class Unresolved(Exception):
    """A ref that can't be resolved now; the text says why, for people."""


def resolve_all(
    wanted: Iterable[Wanted], network: Network, tokens: Mapping[str, str] = {}
) -> dict[Wanted, str | Unresolved]:
    """The commit of each (url, ref), or why there is none; each repository is asked once, side by side.

    `network` says what may be asked at all; `tokens` by URL let us into private repositories.
    """
    pairs = list(dict.fromkeys(wanted))
    names: dict[str, set[bytes]] = {}
    for url, ref in pairs:
        if ref.commit is None:
            names.setdefault(url, set()).add(_full_name(ref))
    with ThreadPoolExecutor(max_workers=10) as pool:
        asked = ((url, full_names, network, tokens.get(url)) for url, full_names in names.items())
        listed = dict(zip(names, pool.map(_listed, asked), strict=True))
    return {(url, ref): _commit(url, ref, listed.get(url, {})) for url, ref in pairs}


def resolve(url: str, ref: Ref, network: Network, token: str | None = None) -> str:
    """The commit of one ref; raises Unresolved."""
    found = resolve_all([(url, ref)], network, {url: token} if token else {})[url, ref]
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
    if not found or not _COMMIT.fullmatch(found):
        told = f"branch {ref.branch}" if ref.branch else f"tag {ref.tag}"
        return Unresolved(f"there is no {told} in {url}")
    return found.decode()


def _listed(asked: tuple[str, set[bytes], Network, str | None]) -> Listed | Unresolved:
    url, names, network, token = asked
    try:
        if not url.startswith("file://"):
            return _of_server(url, names, network, token)
        if not network.folders:
            raise Refused("only https:// addresses are read here")
        return _of_folder(url, names)
    except Exception as error:
        return Unresolved(f"{url} can't be read: {_reason(error)}")


def _of_folder(url: str, names: set[bytes]) -> Listed:
    from dulwich.refs import Ref as Name
    from dulwich.repo import Repo

    with Repo(unquote(urlsplit(url).path)) as repository:
        present = repository.get_refs()
        return {name: bytes(repository.get_peeled(Name(name))) for name in names if name in present}


def _of_server(url: str, names: set[bytes], network: Network, token: str | None) -> Listed:
    import urllib3
    from dulwich.client import HTTPUnauthorized, get_transport_and_path

    from chalicelib.sources.outside import Outside

    login = urllib3.make_headers(basic_auth=f"{_user(url)}:{token}")["authorization"] if token else None
    with Outside(network, url, login) as outside:
        client, path = get_transport_and_path(url, pool_manager=outside)
        try:
            answer = client.get_refs(path.encode(), ref_prefix=sorted(names))
        except HTTPUnauthorized:
            hint = "the token that is kept for it is refused" if token else "it is private; give the block a token"
            raise PermissionError(hint) from None
        return {name: bytes(found) for name, found in answer.refs.items() if found is not None}


def _user(url: str) -> str:
    return "x-token-auth" if "bitbucket" in url else "x-access-token"


def _reason(error: Exception) -> str:
    rejected = rejection(error)
    if rejected is not None:
        return rejected
    text = str(error).strip() or type(error).__name__
    return re.sub(r"\s+", " ", text)[:200]
