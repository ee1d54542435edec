"""Requests to hosts that users name, against servers of ours on real sockets; only name servers are played."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import socket
import threading
import time

import pytest

from chalicelib.domain.configured_blocks import Ref
from chalicelib.sources import git, network, registries
from chalicelib.sources.network import Refused
from chalicelib.sources.outside import MOST_REDIRECTS, Outside
from tests.certificates import serving

HERE = network.parse("127.0.0.1")
DIGEST = f"sha256:{'a' * 64}"


class Server:
    """A server that does what a test tells it; `seen` are the requests it got."""

    def __init__(self, tls=None):
        self.seen, self.answer = [], lambda handler: handler.tell(200)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def tell(self, status, headers=(), body=b""):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **dict(headers)}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # who has enough hangs up
                    self.wfile.write(body)

            def do_GET(self):
                outer.seen.append((self.command, self.path, dict(self.headers)))
                outer.answer(self)

            do_HEAD = do_POST = do_GET  # noqa: N815  # as the server looks them up

            def log_message(self, *_):
                """Requests are no news."""

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """Clients that hang up are what is tested."""

        self.server, self.tls = Quiet(("127.0.0.1", 0), Handler), tls
        self.port = self.server.server_address[1]


@pytest.fixture
def servers(tls):
    """`servers()` is a server over TLS, `servers(plain=True)` one without."""
    with contextlib.ExitStack() as stack:

        def serve(plain=False):
            server = Server()
            stack.enter_context(serving(server.server, None if plain else tls))
            return server

        yield serve


@pytest.fixture
def names(monkeypatch):
    """`names(host=[addresses])`: what a name server says; a list of lists is one answer after the other."""
    real = socket.getaddrinfo

    def told(**hosts):
        def getaddrinfo(host, port, *more, **kinds):
            found = hosts.get(host.replace(".", "_"), [host])
            found = found.pop(0) if isinstance(found[0], list) else found
            return [one for address in found for one in real(address, port, *more, **kinds)]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return told


def asked(url, allowed=HERE, **more):
    with Outside(allowed, **more) as outside:
        return outside.request("GET", url).read()


def redirecting(to, status=302):
    return lambda handler: handler.tell(status, {"Location": to})


def test_a_request_is_answered(servers):
    server = servers()
    server.answer = lambda handler: handler.tell(200, body=b"on")
    assert asked(f"https://127.0.0.1:{server.port}/x") == b"on"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://ada@127.0.0.1/",
        "https://ada:x@127.0.0.1/",
        "https://good.example\\@127.0.0.1/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:x/",
        "https://[::1/",
        "https:///x",
        "//127.0.0.1/x",
    ],
)
def test_what_is_not_plain_https_is_refused(url):
    with pytest.raises(Refused):
        asked(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "127.1"]
)
def test_without_leave_the_machine_itself_is_never_asked(servers, host):
    server = servers()
    with pytest.raises(Refused, match="not public"):
        asked(f"https://{host}:{server.port}/x", network.Network())
    assert server.seen == []


@pytest.mark.parametrize(
    "to",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://169.254.170.2/v2/credentials",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://metadata.example/",
    ],
)
def test_a_redirect_to_metadata_or_a_private_address_is_refused(servers, names, to):
    names(metadata_example=["169.254.169.254"])
    server = servers()
    server.answer = redirecting(to)
    with pytest.raises(Refused, match=r"is never asked|not public"):
        asked(f"https://127.0.0.1:{server.port}/x")


def test_a_redirect_from_https_to_http_is_refused(servers):
    server, plain = servers(), servers(plain=True)
    server.answer = redirecting(f"http://127.0.0.1:{plain.port}/")
    with pytest.raises(Refused, match="not https"):
        asked(f"https://127.0.0.1:{server.port}/x")
    assert plain.seen == []


def test_a_few_redirects_are_followed_and_no_more(servers):
    server = servers()

    def answer(handler):
        number = int(handler.path.strip("/"))
        handler.tell(302, {"Location": f"/{number - 1}"}) if number else handler.tell(200, body=b"there")

    server.answer = answer
    assert asked(f"https://127.0.0.1:{server.port}/{MOST_REDIRECTS}") == b"there"
    with pytest.raises(Refused, match="more than 3 times"):
        asked(f"https://127.0.0.1:{server.port}/{MOST_REDIRECTS + 1}")


def test_the_address_that_was_checked_is_the_one_connected_to(servers, names):
    """A name that says something else when it is asked a second time is not asked a second time."""
    server = servers()
    names(git_example=[["127.0.0.1"], ["169.254.169.254"], ["169.254.169.254"]])
    assert asked(f"https://git.example:{server.port}/x") == b""
    assert server.seen[0][2]["Host"] == f"git.example:{server.port}"


def test_a_name_that_moves_to_metadata_between_two_connections_is_refused(servers, names):
    server = servers()
    names(git_example=[["127.0.0.1"], ["169.254.169.254"]])
    server.answer = lambda handler: handler.tell(200, {"Connection": "close"})
    with Outside(HERE) as outside:
        assert outside.request("GET", f"https://git.example:{server.port}/x").read() == b""
        with pytest.raises(Refused, match="never asked"):
            outside.request("GET", f"https://git.example:{server.port}/x")
    assert len(server.seen) == 1


def test_a_private_answer_beside_an_allowed_one_is_refused(servers, names):
    server = servers()
    names(git_example=["127.0.0.1", "169.254.169.254"])
    with pytest.raises(Refused, match="never asked"):
        asked(f"https://git.example:{server.port}/x")
    assert server.seen == []


def test_the_certificate_is_for_the_name_not_for_the_address(servers, names):
    server = servers()
    names(git_example=["127.0.0.1"], evil_example=["127.0.0.1"])
    assert asked(f"https://git.example:{server.port}/x") == b""
    with pytest.raises(Exception, match=r"[Hh]ostname mismatch|evil\.example"):
        asked(f"https://evil.example:{server.port}/x")
    assert len(server.seen) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(servers, monkeypatch, tmp_path):
    server = servers()
    (tmp_path / "none.pem").write_text("")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        asked(f"https://127.0.0.1:{server.port}/x")
    assert server.seen == []


def test_credentials_go_to_their_own_host_only(servers, names):
    theirs, other = servers(), servers()
    names(git_example=["127.0.0.1"])
    theirs.answer = redirecting(f"https://127.0.0.1:{other.port}/x")
    asked(f"https://git.example:{theirs.port}/x", origin=f"https://git.example:{theirs.port}", authorization="Basic x")
    assert theirs.seen[0][2]["Authorization"] == "Basic x"
    assert "Authorization" not in other.seen[0][2]
    asked(f"https://127.0.0.1:{other.port}/y", origin=f"https://git.example:{theirs.port}", authorization="Basic x")
    assert "Authorization" not in other.seen[1][2]


def test_a_token_of_git_does_not_follow_a_redirect(servers, names):
    theirs, other = servers(), servers()
    names(git_example=["127.0.0.1"])
    theirs.answer = lambda handler: redirecting(f"https://127.0.0.1:{other.port}{handler.path}")(handler)
    with pytest.raises(git.Unresolved):
        git.resolve(f"https://git.example:{theirs.port}/shop", Ref(branch="main"), HERE, "s3cret")
    assert "Authorization" in theirs.seen[0][2]
    assert other.seen
    assert all("Authorization" not in headers for _, _, headers in other.seen)


def test_an_endless_answer_is_cut(servers):
    server = servers()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"003d" + b"a" * 40 + b" refs/heads/branch\n" + b"\0" * 65536)

    server.answer = answer
    with pytest.raises(Refused, match="more than 1000 bytes"):
        asked(f"https://127.0.0.1:{server.port}/x", most_bytes=1000)
    with pytest.raises(git.Unresolved, match="can't be read"):
        git.resolve(f"https://127.0.0.1:{server.port}/x", Ref(branch="main"), HERE)


def test_an_answer_that_would_unpack_itself_is_refused(servers):
    server = servers()
    packed = gzip.compress(b"\0" * 10_000_000)
    server.answer = lambda handler: handler.tell(200, {"Content-Encoding": "gzip"}, packed)
    with pytest.raises(Refused, match="compressed"):
        asked(f"https://127.0.0.1:{server.port}/x")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_answers_byte_by_byte_is_cut(servers, part):
    server = servers()

    def answer(handler):
        if part == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(1000):
                handler.wfile.write(b"H")
                time.sleep(0.05)

    server.answer = answer
    with pytest.raises(Refused, match=r"longer than 0\.4 seconds"):
        asked(f"https://127.0.0.1:{server.port}/x", seconds=0.4)


def test_a_server_that_never_ends_its_handshake_is_cut():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        held = []
        thread = threading.Thread(target=lambda: held.append(silent.accept()))
        thread.start()
        with pytest.raises(Refused, match=r"longer than 0\.3 seconds"):
            asked(f"https://127.0.0.1:{port}/x", seconds=0.3)
        thread.join()
        held[0][0].close()


class Registry:
    """An image registry that wants a token."""

    def __init__(self, servers):
        self.registry, self.auth = servers(), servers()
        self.realm = f"https://auth.example:{self.auth.port}/token"
        self.token, self.digest = json.dumps({"token": "t0ken"}).encode(), DIGEST
        self.registry.answer = self.manifest
        self.auth.answer = lambda handler: handler.tell(200, body=self.token)

    def manifest(self, handler):
        if handler.headers.get("Authorization") != "Bearer t0ken":
            told = f'Bearer realm="{self.realm}",service="r",scope="repository:shop:pull"'
            return handler.tell(401, {"WWW-Authenticate": told})
        return handler.tell(200, {"Docker-Content-Digest": self.digest})

    @property
    def image(self):
        return f"registry.example:{self.registry.port}/shop:1"

    def pinned(self, allowed=HERE):
        return registries.resolve_all([self.image], allowed)[self.image]


@pytest.fixture
def registry(servers, names):
    names(registry_example=["127.0.0.1"], auth_example=["127.0.0.1"], metadata_example=["169.254.169.254"])
    return Registry(servers)


def test_an_image_is_pinned_to_the_digest_that_its_registry_tells(registry):
    assert registry.pinned() == f"registry.example:{registry.registry.port}/shop@{DIGEST}"
    assert registry.auth.seen[0][1] == "/token?service=r&scope=repository%3Ashop%3Apull"
    assert "Authorization" not in registry.auth.seen[0][2]


def test_a_registry_at_a_private_address_is_not_asked(registry):
    assert registry.pinned(network.Network()) is None
    assert registry.registry.seen == []


@pytest.mark.parametrize(
    "realm", ["http://{}/token", "https://169.254.169.254/", "https://metadata.example/", "file:///etc/passwd", ""]
)
def test_a_registry_does_not_choose_where_else_we_ask(registry, servers, realm):
    plain = servers(plain=True)
    registry.realm = realm.format(f"127.0.0.1:{plain.port}")
    assert registry.pinned() is None
    assert plain.seen == []


def test_a_token_is_not_sent_on_to_where_the_registry_redirects(registry, servers):
    other, manifest = servers(), registry.manifest
    registry.registry.answer = lambda handler: (
        manifest(handler)
        if "Authorization" not in handler.headers
        else redirecting(f"https://127.0.0.1:{other.port}/x", 307)(handler)
    )
    registry.pinned()
    assert other.seen
    assert "Authorization" not in other.seen[0][2]


@pytest.mark.parametrize(
    "digest", ["--privileged", f"{DIGEST} -v /:/host", "sha256:abc", f"{DIGEST}a", "sha256:" + "A" * 64, ""]
)
def test_what_is_no_digest_is_not_taken_for_one(registry, digest):
    registry.digest = digest
    assert registry.pinned() is None


def test_a_token_of_a_gigabyte_is_not_read(registry):
    registry.token = b'{"token": "' + b"t" * 100_000 + b'"}'
    assert registry.pinned() is None
