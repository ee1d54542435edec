"""A certificate authority that every test here trusts."""

from __future__ import annotations

import pytest

from tests.certificates import authority


@pytest.fixture(scope="package")
def certified(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("certified"), "git.example", "registry.example", "auth.example")


@pytest.fixture(scope="package")
def tls(certified):
    """The context of a server for 127.0.0.1, git.example, registry.example and auth.example."""
    return certified[1]


@pytest.fixture(autouse=True)
def trusted(certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
