"""A block: a named thing built from a repository, run as a job or deployed as a service."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from chalicelib.domain import variables as variable_rules
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError
from chalicelib.domain.variables import Variable

CommandText = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"\S", description="a shell command")]
Branch = Annotated[str, Meta(min_length=1, max_length=250, description="the name of a branch")]
Flavor = Literal["job", "service"]
_REF_NAME = re.compile(r"(?!-)(?!/)(?!.*(?:\.\.|//|@\{|\.lock$|\.$|/$|[\x00-\x20\x7f~^:?*\[\\]))[^\x00-\x20]+")
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


class Repository(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a block's code is: a git repository, its default branch and a folder in it (empty: the root)."""

    url: Annotated[str, Meta(min_length=1, max_length=1000, description="an https:// address")]
    branch: Branch = "main"
    source_folder: Annotated[str, Meta(max_length=500, description="a folder in the repository")] = ""


class DockerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="dockerfile"):
    """Build the Docker File in the source folder, run the image."""

    dockerfile: Annotated[str, Meta(min_length=1, max_length=500)] = "Dockerfile"
    command: CommandText | None = None


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="image"):
    """Run a published image; there is no repository and no ref."""

    image: Annotated[str, Meta(min_length=1, max_length=500, description="name:tag or name@sha256:...")]
    command: CommandText | None = None


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="command"):
    """An optional build command, then a command, in the standard build image."""

    command: CommandText
    build: CommandText | None = None


Source = DockerFile | Image | Command


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A block as it is stored; `masked_values` says which masked defaults have a value, with a stamp for each."""

    uid: str
    internal_name: InternalName
    name: DisplayName
    flavor: Flavor
    repository: Repository | None
    source: Source
    variables: tuple[Variable, ...] = ()
    masked_values: dict[str, str] = {}
    created_at: datetime
    updated_at: datetime
    version: int = 0


def errors(repository: Repository | None, source: Source, flavor: Flavor) -> list[FieldError]:
    """What the fields of a block say wrongly together."""
    found = _repository_errors(repository, source)
    if isinstance(source, Image) and not _IMAGE.fullmatch(source.image):
        example = "public.ecr.aws/docker/library/alpine:3.20"
        found.append(FieldError("source.image", f"not the name of an image; write e.g. {example}"))
    if isinstance(source, DockerFile):
        found += folder_errors(source.dockerfile, "source.dockerfile", "Dockerfile")
    if flavor == "service" and source.command is None:
        found.append(FieldError("source.command", "a service needs a command: the one that deploys it"))
    return found


def _repository_errors(repository: Repository | None, source: Source) -> list[FieldError]:
    if isinstance(source, Image):
        return [] if repository is None else [FieldError("repository", "an image has no repository; leave it out")]
    if repository is None:
        return [FieldError("repository", 'needed for this source type; write {"url": "https://..."}')]
    found = folder_errors(repository.source_folder, "repository.source_folder", "services/api")
    if problem := url_problem(repository.url):
        found.append(FieldError("repository.url", problem))
    if problem := ref_problem(repository.branch):
        found.append(FieldError("repository.branch", problem))
    return found


def url_problem(url: str) -> str | None:
    """Why `url` can't be a repository's address; None where it can."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "not an address; write https://host/owner/name"
    if re.search(r"[\x00-\x20\x7f]", url):
        return "no spaces or control characters; write https://host/owner/name"
    if parts.scheme == "file":
        return None if parts.path.startswith("/") and not host else "write file:///folder/of/the/repository"
    if parts.scheme != "https" or not host:
        return "only https:// addresses; write https://host/owner/name"
    if parts.username is not None or parts.password is not None:
        return "no user or password in the address; it would be shown to everybody who can read the block"
    return None


def ref_problem(name: str) -> str | None:
    """Why `name` can't be a branch's or tag's name (git check-ref-format); None where it can."""
    return None if _REF_NAME.fullmatch(name) else "not a name that git allows; write e.g. main or release/1.2"


def folder_errors(path: str, field: str, example: str) -> list[FieldError]:
    """Whether `path` stays inside the repository."""
    parts = path.split("/")
    if path.startswith(("/", "-")) or ".." in parts or "\\" in path or re.search(r"[\x00-\x1f\x7f]", path):
        return [FieldError(field, f"a path inside the repository, no .. and no leading / or -; write e.g. {example}")]
    return []


def image_tag(repository: Repository, commit: str, source: DockerFile) -> str:
    """The immutable tag of the image of a Docker File: the same for the same repository, commit, folder and file."""
    told = "\n".join((repository.url, commit, repository.source_folder.strip("/"), source.dockerfile))
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def all_errors(
    repository: Repository | None, source: Source, flavor: Flavor, variables: tuple[Variable, ...]
) -> list[FieldError]:
    """Everything that is wrong with a block."""
    return errors(repository, source, flavor) + variable_rules.errors(variables)
