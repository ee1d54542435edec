"""People's own certificate authorities: what is wrong with them, as a sentence, on every Python."""

from __future__ import annotations

import http.server
import ssl
import urllib.error
import urllib.request

import pytest
from urllib3.util import ssl_

from chalicelib.domain.configured_blocks import Ref
from chalicelib.sources import git, network
from chalicelib.sources.certificates import rejection
from tests.certificates import authority, serving

HERE = network.parse("127.0.0.1 git.example")


@pytest.fixture
def strict(monkeypatch):
    """Verification as from Python 3.13 on."""
    make = ssl_.create_urllib3_context

    def strictly(*arguments, **more):
        context = make(*arguments, **more)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr("urllib3.connection.create_urllib3_context", strictly)


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """`serve(**how)`: the URL of a server whose CA is trusted here."""
    opened = []

    def serve(*names, trusted=True, **how):
        certificate, context = authority(tmp_path, *names, **how)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        opened.append(serving(server, context))
        return f"https://127.0.0.1:{opened[-1].__enter__()}/shop"

    yield serve
    for one in opened:
        one.__exit__(None, None, None)


def reason(url):
    with pytest.raises(git.Unresolved) as caught:
        git.resolve(url, Ref(branch="main"), HERE)
    return str(caught.value)


@pytest.mark.usefixtures("strict")
def test_authority_that_breaks_the_standard_is_explained(serve):
    url = serve(strict=False)
    words = reason(url)
    assert words.startswith(f"{url} can't be read: its certificate or its authority's does not conform to RFC 5280")
    assert "Basic Constraints" in words
    assert "have the authority issue conforming ones" in words


@pytest.mark.usefixtures("strict")
def test_authority_of_these_tests_conforms(serve):
    assert "certificate" not in reason(serve())


def test_authority_that_is_not_trusted_is_explained(serve):
    assert "an authority that is not trusted here" in reason(serve(trusted=False))


def test_certificate_for_another_name_is_explained(serve, monkeypatch):
    url = serve()
    monkeypatch.setattr(network.Network, "endpoints", lambda *_: [(2, ("127.0.0.1", int(url.split(":")[2][:-5])))])
    assert "its certificate is for another name" in reason(url.replace("127.0.0.1", "git.example"))


def test_expired_certificate_is_explained(serve):
    assert "has expired; renew it" in reason(serve(days=-1))


def test_cause_is_found_in_what_urllib_raises(serve):
    with pytest.raises(urllib.error.URLError) as caught:
        urllib.request.urlopen(serve(trusted=False))
    assert "not trusted here" in rejection(caught.value)
    assert rejection(OSError("no route")) is None
