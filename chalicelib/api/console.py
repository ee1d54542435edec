"""The web console: a page and its assets, for everybody; whatever it shows it asks the API for, with a token."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from chalice.app import Blueprint, Response

from chalicelib.api import problems
from chalicelib.domain.problems import NotFound

FOLDER = Path(__file__).parents[1] / "console"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
PAGE, ASSET = "no-cache", "public, max-age=31536000, immutable"
SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOT_BUILT = """<!doctype html>
<html lang="en"><title>KintoBlocks</title>
<p>The console is not built here. Run <code>make console</code>, then reload this page.
The API answers as always; it is written down at <a href="openapi.json">openapi.json</a>.</p></html>
"""

# Not http.route: these are no calls of the API, take no token, and are not in its document.
console = Blueprint(__name__)


class File(NamedTuple):
    """A file that is served."""

    text: str
    kind: str
    etag: str


@console.route("/", methods=["GET", "HEAD"], content_types=["*/*"])
def get_console() -> Response:
    """The page."""
    # The page's addresses are relative: below `/api` they would miss the stage.
    asked = str(console.current_request.context.get("path") or "/")
    if not asked.endswith("/"):
        return Response("", status_code=308, headers={**SAFE, "Location": f"./{asked.rpartition('/')[2]}/"})
    page = _files().get("index.html")
    if page is None:
        return Response(NOT_BUILT, status_code=503, headers={**SAFE, "Content-Type": KINDS[".html"]})
    return _served(page, PAGE)


@console.route("/assets/{name}", methods=["GET", "HEAD"], content_types=["*/*"])
def get_asset(name: str) -> Response:
    """A file that is named after what it holds, so that it never changes."""
    asset = _files().get(f"assets/{name}")
    if asset is None:
        return problems.answer(NotFound("There is nothing at this address."))
    return _served(asset, ASSET)


def _served(file: File, kept: str) -> Response:
    headers = {**SAFE, "Cache-Control": kept, "Content-Type": file.kind, "ETag": file.etag}
    known = console.current_request.headers.get("if-none-match", "").split(",")
    if {tag.strip().removeprefix("W/") for tag in known} & {file.etag, "*"}:
        return Response("", status_code=304, headers=headers)
    return Response(file.text, headers=headers)


def _files() -> Mapping[str, File]:
    """What is built, by its path; nothing while there is none."""
    try:
        return _read(FOLDER, (FOLDER / "index.html").stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=1)
def _read(folder: Path, built: int) -> Mapping[str, File]:
    """Everything at once, which is little: page and assets of one build."""
    paths = (folder / "index.html", *folder.glob("assets/*"))
    return {path.relative_to(folder).as_posix(): _file(path) for path in paths if path.suffix in KINDS}


def _file(path: Path) -> File:
    content = path.read_bytes()
    return File(content.decode(), KINDS[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
