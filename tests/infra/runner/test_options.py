"""Specifications that mean to be options: what the runner says to git, the engine and AWS, by what these were told."""

from __future__ import annotations

import os
import stat

import pytest

from infra.runner import containers
from infra.runner.source import CannotStart, fetch
from tests.infra.conftest import specification

HOSTILE = [
    *("--privileged", "-v=/:/host", "--help", "a b", "a\n--privileged", "a\0b", "$(id)", "`id`", ";id", "", "../x"),
    "\x1b[2J",
]
OURS = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
COMMIT = "a" * 40


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What `docker` and `aws` were told: they write it down, and the registry lets everybody in."""
    for name in ("docker", "aws"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' {name} \"$@\" >> {tmp_path}/told\ncat > {tmp_path}/stdin\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return lambda: (tmp_path / "told").read_text().splitlines() if (tmp_path / "told").exists() else []


@pytest.mark.parametrize("image", HOSTILE)
def test_what_is_no_image_never_reaches_the_engine(told, tmp_path, image):
    for act in (containers.pull, lambda image: containers.create(image, None, {}, 128, tmp_path)):
        with pytest.raises(CannotStart, match="not the name of a container image"):
            act(image)
    assert told() == []


@pytest.mark.parametrize("host", [*HOSTILE, "-h", "https://host", "host/path", "Host"])
def test_what_is_no_host_is_not_logged_in_to(told, host):
    with pytest.raises(CannotStart, match="can't be one"):
        containers.login("host/image", {"host": host, "username": "ada", "password": "p"})
    assert told() == []


@pytest.mark.parametrize("username", ["--password=x", "-u", "a b", "", "a\nb"])
def test_what_is_no_user_is_not_logged_in(told, username):
    with pytest.raises(CannotStart, match="can't be one"):
        containers.login("host/image", {"host": "host.example", "username": username, "password": "p"})
    assert told() == []


@pytest.mark.parametrize(
    "image",
    [f"{OURS}.evil.example/x:1", f"{OURS}.cn.evil/x:1", f"evil/{OURS}/x:1", f"{OURS}:443/x:1",
     "123456789012.dkr.ecr.--endpoint-url.amazonaws.com/x:1", "123456789012.dkr.ecr.x.amazonaws.com/x:1",
     f"{OURS}@evil.example/x:1", f"{OURS}-evil.example/x"],
)  # fmt: skip
def test_the_password_for_our_images_goes_to_aws_alone(told, image):
    containers.login(image)
    assert told() == []
    assert containers.published_digest(image) == ""


def test_our_own_registry_is_logged_in_to(told):
    containers.login(f"{OURS}/shop:1")
    assert told()[:3] == ["aws", "ecr", "get-login-password"]
    assert told()[-1] == OURS


@pytest.mark.parametrize("name", ["--privileged", "-v", "A=B", "A B", "A\nB", "", "1A", "Ä"])
def test_what_is_no_variable_never_reaches_the_engine(told, tmp_path, name):
    with pytest.raises(CannotStart, match="can't be a variable"):
        containers.create("image", None, {name: "value"}, 128, tmp_path)
    assert told() == []


def test_a_command_comes_after_the_image_and_is_one_word(told, tmp_path):
    containers.create("image", "--privileged; -v", {"A": "--privileged"}, 128, tmp_path)
    assert told()[-4:] == ["sh", "image", "-c", "--privileged; -v"]
    assert "A" in told()
    assert told().count("--privileged") == 0


@pytest.mark.parametrize(
    "url",
    [*HOSTILE, "https://-oProxyCommand=x/y", "https:///x", "https://a@b/x", "https://a:b@c/x", "ext::sh -c id",
     "file://-x", "ssh://x/y", "git://x/y", "https://x/y\n--upload-pack=z", "/etc", "HTTPS://x/y", "https://x\\y/z"],
)  # fmt: skip
def test_what_is_no_address_never_reaches_git(tmp_path, monkeypatch, url):
    monkeypatch.setenv("KINTO_JOB_PATH", "x")
    monkeypatch.setenv("PATH", str(tmp_path))  # there is no git: whoever starts it fails otherwise
    with pytest.raises(CannotStart, match="none that can be fetched"):
        fetch({"url": url, "commit": COMMIT}, None, tmp_path / "checkout", print)


@pytest.mark.parametrize("commit", [*HOSTILE, "HEAD", "a" * 39, "--all".ljust(40, "a"), "refs/heads/main"])
def test_what_is_no_commit_never_reaches_git(tmp_path, monkeypatch, commit):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="not a full commit id"):
        fetch({"url": "https://host/x", "commit": commit}, None, tmp_path / "checkout", print)


@pytest.mark.parametrize("folder", ["../..", "a/../../..", "link", "link/etc", "a\0b", "--help", "nowhere\n"])
def test_a_source_folder_is_in_the_repository_or_the_job_does_not_start(bench, repository, folder):
    (repository.folder / "link").symlink_to("/")
    commit = repository.commit({"a/b": "c"})
    source = {"type": "command", "build": None, "command": "echo never"}
    result = bench.run(specification(source, repository=repository.at(commit, folder)))
    assert (result.outcome, "never" in result.lines) == ("start_failed", False), result


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "link", "folder/passwd", "a\0b", "--file=/etc/passwd"]
)
def test_a_docker_file_is_in_the_repository_or_the_job_does_not_start(bench, repository, name):
    """Whether or not there is an engine: it is not asked."""
    (repository.folder / "link").symlink_to("/etc/passwd")
    (repository.folder / "folder").symlink_to("/etc")
    commit = repository.commit({"a": "b"})
    source = {"type": "dockerfile", "dockerfile": name, "command": None, "image": f"{OURS}/kinto-test:1"}
    result = bench.run(specification(source, stage="image", repository=repository.at(commit)), project="kinto-image")
    assert result.outcome == "start_failed", result
    assert any(text in result.reason for text in ("leads out of", "no Docker File", "can't be one")), result.reason
