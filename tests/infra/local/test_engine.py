from __future__ import annotations

import os

import pytest

from infra.local import engine
from infra.local.engine import Engine, choose


@pytest.fixture
def search(tmp_path):
    """A path with programs that say something and end with a code."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def add(name, code, version=""):
        path = folder / name
        path.write_text(
            f'#!/bin/sh\nif [ "$1" = info ]; then echo "$0 says no" >&2; exit {code}; fi\necho {version or name}\n'
        )
        path.chmod(0o755)

    add.path = str(folder)
    return add


def test_docker_is_taken_where_it_works(search, tmp_path):
    search("docker", 0)
    search("podman", 0)
    assert choose(tmp_path / "engine", search.path).name == "docker"


def test_podman_is_taken_where_docker_has_no_daemon(search, tmp_path):
    search("docker", 1)
    search("podman", 0)
    found = choose(tmp_path / "engine", search.path)
    assert (found.name, found.program) == ("podman", f"{search.path}/podman")


def test_a_docker_that_is_podman_is_known_as_podman(search, tmp_path):
    search("docker", 0, "podman version 5")
    assert choose(tmp_path / "engine", search.path).name == "podman"


def test_why_no_engine_works_is_told(search, tmp_path):
    assert choose(tmp_path / "engine", search.path) == "docker is not installed; podman is not installed"
    search("docker", 1)
    assert "docker says no; podman is not installed" in choose(tmp_path / "engine", search.path)


def test_what_was_found_is_remembered_but_what_was_not_is_looked_for_again(search, tmp_path):
    assert isinstance(choose(tmp_path / "engine", search.path), str)
    search("podman", 0)
    found = choose(tmp_path / "engine", search.path)
    assert isinstance(found, Engine)
    assert choose(tmp_path / "engine", "/nowhere") == found


def test_podman_as_root_without_systemd_gets_settings_of_ours(search, tmp_path, monkeypatch):
    search("podman", 0)
    monkeypatch.delenv("CONTAINERS_CONF", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engine.sys, "platform", "linux")
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path / "nothing")
    assert choose(tmp_path / "a", search.path).environment == {"CONTAINERS_CONF": str(engine.CONTAINERS_CONF)}
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose(tmp_path / "b", search.path).environment == {}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path)
    assert choose(tmp_path / "c", search.path).environment == {}
