"""What people read when an image can't be had: by the image's name and the engine's facts, not by its wording."""

from __future__ import annotations

import os

import pytest

from infra.runner import containers
from infra.runner.source import CannotStart

PODMAN, PODMAN_THAT_SEARCHES, DOCKER = "echo '{}'", """echo '{"search": ["docker.io"]}'""", "exit 1"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """`engine(info, words)`: a `docker` that has no image and fails to pull with these words."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def engine(info, words="hm"):
        script = f"#!/bin/sh\ncase $1 in\nversion) ;;\ninfo) {info};;\n*) echo {words!r} >&2; exit 125;;\nesac\n"
        (tmp_path / "docker").write_text(script)
        (tmp_path / "docker").chmod(0o755)

    return engine


def reason(image, login=None):
    with pytest.raises(CannotStart) as caught:
        containers.pull(image, login)
    return str(caught.value)


@pytest.mark.parametrize("words", ["hm", "denied: no such image", "Zugriff verweigert"])
def test_private_registry_is_named_whatever_the_engine_says(engine, words):
    engine(DOCKER, words)
    advice = " If it is private, keep a login for ghcr.io in the stack's credentials."
    assert reason("ghcr.io/ada/shop:1") == f"The image ghcr.io/ada/shop:1 can't be pulled: {words}.{advice}"
    assert "keep a login for docker.io" in reason("ada/shop:1")
    assert "login" not in reason("python:3.13")


def test_login_that_exists_is_not_advised(engine, monkeypatch):
    engine(DOCKER)
    monkeypatch.setattr(containers, "login", lambda image, known: None)
    assert reason("ghcr.io/ada/shop:1", {"host": "ghcr.io", "username": "a", "password": "b"}).endswith("hm.")


@pytest.mark.parametrize(
    ("info", "image", "advice"),
    [
        (PODMAN, "python:3.13", " Write the image's full name: docker.io/library/python:3.13."),
        (PODMAN, "docker.io/library/python:3.13", ""),
        (PODMAN, "localhost/shop", ""),
        ("echo null", "python:3.13", " Write the image's full name: docker.io/library/python:3.13."),
        (PODMAN_THAT_SEARCHES, "python:3.13", ""),
        (DOCKER, "python:3.13", ""),
    ],
)
def test_full_name_is_advised_where_the_engine_completes_none(engine, info, image, advice):
    engine(info)
    assert containers.advice("whatever", [image]) == advice


def test_limit_of_docker_hub_is_known_by_the_registrys_code(engine):
    engine(DOCKER, "toomanyrequests: slow down")
    assert reason("python:3.13").endswith("public.ecr.aws/docker/library has its official images without one.")


def test_base_images_of_a_docker_file():
    text = """
    # FROM comment
    FROM --platform=linux/amd64 node:24 AS build
    ARG VERSION=1
    from build as tests
    FROM scratch
    FROM python:$VERSION
    FROM docker.io/library/python:3.13
    """
    assert containers.base_images(text) == ["node:24", "docker.io/library/python:3.13"]
