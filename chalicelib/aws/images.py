"""ECR: whether the image of a Docker File is there already."""

from __future__ import annotations

from chalicelib.aws.clients import client


def exists(repository: str, tag: str) -> bool:
    """Whether the stack's image repository (its URI) holds the tag."""
    ecr = client("ecr")
    name = repository.split("/", 1)[1]
    try:
        ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])
    except ecr.exceptions.ImageNotFoundException:
        return False
    return True
