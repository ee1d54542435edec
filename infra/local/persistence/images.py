"""Images of ECR repositories; a repository that does not exist yet is created with its first image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import BaseResponse
from moto.ecr.models import Image, Repository, ecr_backends
from moto.ecr.responses import ECRResponse

from infra.local.persistence import ACCOUNT, REGION, requests
from infra.local.persistence.database import Database

_ACTIONS = {"PutImage", "BatchDeleteImage"}


def keep(database: Database) -> None:
    """Store every change of an image."""
    requests.keep(database, "image", ECRResponse, BaseResponse.call_action, _ACTIONS, _touched, _restore)


def _touched(request: Any) -> dict[str, Any]:
    repository = _repositories().get(request._get_param("repositoryName"))
    return dict(_entries(repository)) if repository else {}


def _restore(key: str, attributes: dict[str, Any] | None) -> None:
    name, manifest = key.split("\n", 1)
    images = _repository(name).images
    images[:] = [image for image in images if image.image_manifest != manifest]
    if attributes is not None:
        images.append(Image.__new__(Image))
        vars(images[-1]).update(attributes)


def _entries(repository: Repository) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield images by their manifest. Their digest is fixed here: without layers moto draws one at random."""
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
