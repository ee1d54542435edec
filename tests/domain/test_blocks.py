from __future__ import annotations

import msgspec
import pytest

from chalicelib.domain import blocks
from chalicelib.domain.blocks import Command, DockerFile, Image, Repository
from chalicelib.domain.variables import Variable
from tests.domain.examples import COMMIT, REPOSITORY

OF = {
    "command": Command(command="x"),
    "dockerfile": DockerFile(),
    "dockerfile with a command": DockerFile(command="x"),
    "image": Image(image="alpine"),
    "image with a command": Image(image="alpine", command="x"),
}


def refused(check, value):
    with pytest.raises(ValueError, match="write") as caught:
        check(value)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("https://host/owner/name", "https://host:8443/x.git", "https://host", "file:///srv/git/x"),
        *("https://host/a%20b", "https://192.0.2.10/x", "https://[2001:db8::1]:8443/x", "https://xn--hst-sna/x"),
        "https://h_1.a-b.c/~x",
    ],
)
def test_these_are_addresses_of_repositories(url):
    blocks.check_url(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://host/x", "only https"),
        ("ssh://git@host/x", "only https"),
        ("git@host:owner/name", "only https"),
        ("host/owner/name", "only https"),
        ("https:///x", "only https"),
        ("https://", "only https"),
        ("file://host/x", "only https"),
        ("file:x", "only https"),
        ("https://host/a b", "no spaces"),
        ("https://host/a\n", "no spaces"),
        ("https://host/\x00", "no spaces"),
        ("https://[::1", "not an address"),
        ("https://ada@host/x", "no user or password"),
        ("https://ada:secret@host/x", "no user or password"),
        ("https://:secret@host/x", "no user or password"),
        ("https://@host/x", "no user or password"),
        ("https://good\\@evil/x", "no user or password"),
        ("https://good\\evil/x", "not a plain address"),
        ("https://-oProxyCommand=x/y", "not a plain address"),
        ("https://host-/x", "not a plain address"),
        ("https://host:/x", "not a plain address"),
        ("https://host:99999/x", "not an address"),
        ("https://host:x/x", "not an address"),
        ("https://host/x?y=z", "not a plain address"),
        ("https://host/x#y", "not a plain address"),
        ("https://2130706433/x", "not a plain address"),
        ("https://0x7f.0.0.1/x", "not a plain address"),
        ("https://0177.0.0.1/x", "not a plain address"),
        ("https://127.1/x", "not a plain address"),
        ("https://1.2.3.4.5/x", "not a plain address"),
        ("https://1.2.3.256/x", "not a plain address"),
        ("https://hôst/x", "not a plain address"),
        ("HTTPS://host/x", "capital letters"),
        ("File:///srv/x", "capital letters"),
        ("https://host/a\u00a0b", "no spaces"),
    ],
)
def test_these_are_not(url, why):
    assert why in refused(blocks.check_url, url)


@pytest.mark.parametrize("name", ["main", "release/1.2", "v1", "a-b_c", "ä", "feature/#12", "a.b", "@"])
def test_these_are_names_that_git_allows(name):
    blocks.check_ref(name)


@pytest.mark.parametrize(
    "name",
    [
        *("-x", "/x", "x/", "a..b", "a//b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "x.lock", "x."),
        *("a@{1}", "", "a\tb", "a\n", "\x7f"),
    ],
)
def test_these_git_refuses(name):
    assert "release/1.2" in refused(blocks.check_ref, name)


@pytest.mark.parametrize("path", ["", "services/api", "a b", "Dockerfile", "a/Dockerfile.prod", "..a", "a..", "a/./b"])
def test_these_paths_are_inside_the_repository(path):
    blocks.check_path(path)


@pytest.mark.parametrize("path", ["/etc", "..", "../x", "a/../../b", "-x", "a\\b", "a\x00", "a\n", "a/.."])
def test_these_are_outside_or_no_paths(path):
    assert "services/api" in refused(blocks.check_path, path)


@pytest.mark.parametrize(
    "image",
    [
        *("alpine", "alpine:3.20", "public.ecr.aws/docker/library/alpine:3.20", "localhost:5000/a/b"),
        *("a@sha256:" + "0" * 64, "a:1@sha256:" + "0" * 64, "Registry.example/x", "a_b/c-d.e"),
    ],
)
def test_these_are_names_of_images(image):
    blocks.check_image(image)


@pytest.mark.parametrize(
    "image",
    [
        *("", "Alpine", "a b", "a:", ":1", "a@sha256:0", "-a", "https://host/a", "a:" + "x" * 129, "a\n", "a//b/ "),
        *("-v/a", ".a/b", "--privileged/a", "a:é", "a:٣", "host:٣/a"),
    ],
)
def test_these_are_not_names_of_images(image):
    assert "alpine:3.20" in refused(blocks.check_image, image)


@pytest.mark.parametrize(
    ("source", "repository", "flavor", "wrong"),
    [
        ("command", REPOSITORY, "job", []),
        ("command", None, "job", ["repository"]),
        ("command", REPOSITORY, "service", []),
        ("dockerfile", REPOSITORY, "job", []),
        ("dockerfile", None, "job", ["repository"]),
        ("dockerfile", REPOSITORY, "service", ["source.command"]),
        ("dockerfile", None, "service", ["repository", "source.command"]),
        ("dockerfile with a command", REPOSITORY, "service", []),
        ("image", None, "job", []),
        ("image", REPOSITORY, "job", ["repository"]),
        ("image", None, "service", ["source.command"]),
        ("image", REPOSITORY, "service", ["repository", "source.command"]),
        ("image with a command", None, "service", []),
    ],
)
def test_source_repository_and_flavor_go_together(source, repository, flavor, wrong):
    assert [error.field for error in blocks.errors(repository, OF[source], flavor)] == wrong


def test_everything_that_is_wrong_with_a_block_is_told_at_once():
    found = blocks.all_errors(None, OF["dockerfile"], "service", (Variable("A"), Variable("A")))
    assert [error.field for error in found] == ["repository", "source.command", "variables[1].name"]


TAG = blocks.image_tag(REPOSITORY, COMMIT, DockerFile())


def test_the_tag_of_an_image_is_one_that_registries_take():
    assert len(TAG) == 40
    assert set(TAG) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("repository", "commit", "source"),
    [
        (Repository(url="https://example.org/shop/api"), COMMIT, DockerFile()),
        (REPOSITORY, COMMIT[::-1], DockerFile()),
        (msgspec.structs.replace(REPOSITORY, source_folder="web"), COMMIT, DockerFile()),
        (REPOSITORY, COMMIT, DockerFile(dockerfile="Dockerfile.prod")),
    ],
)
def test_another_repository_commit_folder_or_file_is_another_image(repository, commit, source):
    assert blocks.image_tag(repository, commit, source) != TAG


@pytest.mark.parametrize(
    ("repository", "source"),
    [
        (msgspec.structs.replace(REPOSITORY, branch="other"), DockerFile()),
        (REPOSITORY, DockerFile(command="something else")),
    ],
)
def test_what_does_not_go_into_the_image_is_the_same_image(repository, source):
    assert blocks.image_tag(repository, COMMIT, source) == TAG


def test_a_folder_written_with_a_slash_at_its_end_is_the_same_folder():
    told = [msgspec.structs.replace(REPOSITORY, source_folder=folder) for folder in ("web", "web/")]
    assert len({blocks.image_tag(repository, COMMIT, DockerFile()) for repository in told}) == 1


@pytest.mark.parametrize(("folders", "wrong"), [(True, []), (False, ["repository.url"])])
def test_a_folder_is_a_repository_on_a_laptop_only(folders, wrong):
    repository = blocks.Repository("file:///srv/git/x")
    found = blocks.all_errors(repository, blocks.Command("true"), "job", (), folders)
    assert [error.field for error in found] == wrong
