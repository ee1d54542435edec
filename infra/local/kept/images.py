"""Images of ECR repositories; a repository that is not there yet is made with its first image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import BaseResponse
from moto.ecr.models import Image, Repository, ecr_backends
from moto.ecr.responses import ECRResponse

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION, changes

_ACTIONS = {"PutImage", "BatchDeleteImage"}


def keep(journal: Journal) -> None:
    changes.keep(journal, "image", ECRResponse, BaseResponse.call_action, _ACTIONS, _touched)
    journal.register("image", _load, _dump)


def _touched(request: Any) -> dict[str, Any]:
    repository = _repositories().get(request._get_param("repositoryName"))
    return dict(_entries(repository)) if repository else {}


def _load(record: Record) -> None:
    for key, attributes in record["changes"]:
        name, manifest = key.split("\n", 1)
        images = _repository(name).images
        images[:] = [image for image in images if image.image_manifest != manifest]
        if attributes is not None:
            images.append(Image.__new__(Image))
            vars(images[-1]).update(attributes)


def _dump() -> Iterable[Record]:
    for repository in _repositories().values():
        yield from ({"changes": [entry]} for entry in _entries(repository))


def _entries(repository: Repository) -> Iterable[tuple[str, dict[str, Any]]]:
    """moto knows an image by its manifest. Its digest is fixed here: without layers moto draws one by lot."""
    for image in repository.images:
        image.get_image_digest()
        yield f"{repository.name}\n{image.image_manifest}", {**vars(image), "image_tags": list(image.image_tags)}


def _repositories() -> dict[str, Repository]:
    repositories: dict[str, Repository] = ecr_backends[ACCOUNT][REGION].repositories
    return repositories


def _repository(name: str) -> Repository:
    if name not in _repositories():
        ecr_backends[ACCOUNT][REGION].create_repository(name, None, None, None, None, [])
    return _repositories()[name]
