"""The console's page and assets, as whatever is built; what they ask of the API is tried in tests/console/."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from chalice.test import Client

from app import app
from chalicelib.api import console

ROOT = Path(__file__).parents[2]
PAGE = '<!doctype html><script type="module" src="./assets/index-AbC.js"></script>\n'
FILES = {
    "index.html": PAGE,
    "assets/index-AbC.js": "console.log('ü')\n",
    "assets/style-1.css": "body { margin: 0 }\n",
    "assets/icon-2.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "assets/secret.txt": "no kind that is served\n",
    ".built": "a digest\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(console, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def get(folder):
    client = Client(app).http
    return lambda path, **headers: client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_the_page_needs_no_token_and_is_asked_for_each_time(get):
    answer = get("/")
    assert (answer.status_code, answer.body.decode()) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index-AbC.js", "text/javascript; charset=utf-8"),
        ("style-1.css", "text/css; charset=utf-8"),
        ("icon-2.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_an_asset_is_kept_for_good(get, name, kind):
    answer = get(f"/assets/{name}")
    assert (answer.status_code, answer.body.decode()) == (200, FILES[f"assets/{name}"])
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/assets/style-1.css"])
def test_what_the_browser_has_is_not_sent_again(get, path):
    known = get(path).headers["ETag"]
    for sent in (known, f"W/{known}", f'"other", {known}', "*"):
        answer = get(path, If_None_Match=sent)
        assert (answer.status_code, answer.body) == (304, b"")
        assert answer.headers["ETag"] == known
        assert answer.headers["Cache-Control"] == get(path).headers["Cache-Control"]
    assert get(path, If_None_Match='"other"').status_code == 200


def test_head_returns_the_pages_status_and_headers_without_its_body(get):
    page, client = get("/"), Client(app).http
    head = client.request("HEAD", "/", headers={})
    assert (head.status_code, head.body) == (200, b"")
    assert head.headers == page.headers
    same = client.request("HEAD", "/", headers={"If-None-Match": page.headers["ETag"]})
    assert (same.status_code, same.body) == (304, b"")


def test_another_text_has_another_etag(get):
    tags = {get(path).headers["ETag"] for path in ("/", "/assets/style-1.css", "/assets/icon-2.svg")}
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/", "/assets/index-AbC.js", "/assets/icon-2.svg"])
def test_nothing_but_ourselves_is_let_in(get, path):
    headers = get(path).headers
    policy = dict(one.strip().split(" ", 1) for one in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"  # browsers pass it over where there is no TLS
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "name",
    [
        *("index-old.js", "index.html", "secret.txt", ".built", "%00"),
        *("..", "../index.html", "..%2Findex.html", "%2e%2e%2findex.html"),
    ],
)
def test_nothing_else_is_served(get, name):
    answer = get(f"/assets/{name}")
    assert answer.status_code in (403, 404), "403 is the client's word for no route"
    if answer.status_code == 404:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_lies_deeper_is_not_served(get, folder):
    (folder / "assets" / "inner").mkdir()
    (folder / "assets" / "inner" / "deep.js").write_text("1")
    for name in ("inner", "inner%2Fdeep.js", "inner/deep.js"):
        assert get(f"/assets/{name}").status_code in (403, 404)


def test_a_new_build_is_served_without_a_restart(get, folder):
    before = get("/").headers["ETag"]
    (folder / "index.html").write_text("<!doctype html>new")
    answer = get("/")
    assert answer.body == b"<!doctype html>new"
    assert answer.headers["ETag"] != before


def test_what_is_not_built_is_said(get, folder):
    (folder / "index.html").unlink()
    answer = get("/")
    assert answer.status_code == 503
    assert b"make console" in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert get("/assets/style-1.css").status_code == 404


@pytest.mark.parametrize(
    ("asked", "to"), [("/api", "./api/"), ("/team/console", "./console/"), ("//evil.example", "./evil.example/")]
)
def test_a_stage_without_its_slash_is_sent_where_relative_addresses_hold(folder, asked, to):
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", "path": asked, "identity": {"sourceIp": "::1"}},
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": "",
        "isBase64Encoded": False,
    }
    event["requestContext"]["path"] = asked
    answer = app(event, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, to)
    event["requestContext"]["path"] = f"{asked}/"
    assert app(event, None)["statusCode"] == 200


def test_serving_it_imports_neither_aws_nor_the_store():
    code = "import chalicelib.api.console, sys, json; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    modules = json.loads(ran.stdout)
    assert "chalicelib.api.console" in modules
    assert [m for m in modules if m.startswith(("boto", "pynamodb", "chalicelib.store", "chalicelib.aws"))] == []
