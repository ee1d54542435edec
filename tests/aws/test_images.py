from __future__ import annotations

import json

import boto3
import pytest

from chalicelib.aws import images

MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}


@pytest.fixture(scope="module")
def repository(embed):
    return embed("ImageRepository").settings.image_repository


def test_an_image_is_there_once_it_was_pushed(repository):
    assert not images.exists(repository, "a" * 40)
    name = repository.split("/", 1)[1]
    boto3.client("ecr").put_image(repositoryName=name, imageManifest=json.dumps(MANIFEST), imageTag="a" * 40)
    assert images.exists(repository, "a" * 40)
    assert not images.exists(repository, "b" * 40)
