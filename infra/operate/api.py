"""The HTTP API of a stack, for commands that need a token instead of AWS rights."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from infra.operate.refusals import Refused, plainly
from infra.operate.stage import chosen
from infra.pipeline.kinto_pipeline import Api, Stop

__all__ = ["Api", "Stop", "connected", "each", "parser", "said"]

PATIENCE_SECONDS = 120


def parser(what: str) -> argparse.ArgumentParser:
    """The options by which a stack's API is found."""
    made = argparse.ArgumentParser(description=what)
    made.add_argument("stage", nargs="?", default="dev", help="a stage whose stack tells its address (dev)")
    made.add_argument("--stack", help="the stack's name (kintoblocks-STAGE)")
    made.add_argument("--url", help="the API's address, instead of asking the stack for it; a laptop's too")
    made.add_argument("--token-env", default="KINTO_TOKEN", metavar="NAME", help="where the token is (KINTO_TOKEN)")
    made.add_argument("--file", default="-", help="the document (standard input or output)")
    return made


def connected(options: argparse.Namespace) -> Api:
    """The API with an admin's token; raises Refused."""
    token = os.environ.get(options.token_env, "").strip()
    if not token:
        raise Refused(
            f"There is no token in {options.token_env}. For a stage: "
            f"{options.token_env}=$(make -s token STAGE={options.stage}); on a laptop: "
            f"{options.token_env}=$(cat .kinto/admin-token)"
        )
    url = options.url or chosen(options).outputs().get("EndpointURL", "")
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Refused(f"A token is sent to https:// addresses only, and on this machine; not to {url or 'nowhere'}.")
    return Api(url, token, PATIENCE_SECONDS)


def each(api: Api, path: str) -> Iterator[dict[str, Any]]:
    """All items of a list."""
    cursor: str | None = ""
    while cursor is not None:
        page = api("GET", f"{path}?limit=100" + (f"&cursor={quote(cursor)}" if cursor else ""))
        yield from page["items"]
        cursor = page["next"]


def said(command: Callable[[], int]) -> int:
    """The command's exit code; what the API refuses is a sentence."""

    def with_sentences() -> int:
        try:
            return command()
        except Stop as stop:
            raise Refused(str(stop)) from None

    return plainly(with_sentences)
