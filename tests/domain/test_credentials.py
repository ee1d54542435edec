from __future__ import annotations

import pytest

from chalicelib.domain.credentials import check_secret, host_of, is_host, registry_of


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("alpine", "docker.io"),
        ("library/alpine:3", "docker.io"),
        ("ghcr.io/owner/name:1", "ghcr.io"),
        ("localhost/name", "localhost"),
        ("registry:5000/name@sha256:" + "0" * 64, "registry:5000"),
    ],
)
def test_the_registry_of_an_image_is_read_as_docker_reads_it(image, host):
    assert registry_of(image) == host


def test_a_repository_in_a_folder_has_no_host():
    assert host_of("file:///srv/repository") is None
    assert host_of("https://Git.Example.org:8443/a/b") == "git.example.org:8443"


@pytest.mark.parametrize("host", ["github.com", "ghcr.io", "registry:5000", "a"])
def test_hosts_are_names_with_or_without_a_port(host):
    assert is_host(host)


@pytest.mark.parametrize("host", ["", "-a", "a-", "https://a", "a/b", "A.org", "a b", "a:port", "a" * 300])
def test_what_is_no_host_is_told_apart(host):
    assert not is_host(host)


@pytest.mark.parametrize("secret", ["two words", "line\n", "\u00e4", ""])
def test_a_secret_that_was_pasted_badly_is_refused(secret):
    with pytest.raises(ValueError, match="visible ASCII"):
        check_secret(secret)
