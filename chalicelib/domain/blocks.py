"""A block: a named thing built from a repository, run as a job or deployed as a service."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from chalicelib.domain import variables as variable_rules
from chalicelib.domain.credentials import TOKEN, SecretText, host_of
from chalicelib.domain.names import DisplayName, InternalName
from chalicelib.domain.problems import FieldError
from chalicelib.domain.variables import Variable

CommandText = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"\S", description="a shell command")]
Flavor = Literal["job", "service"]
_REF_NAME = re.compile(r"(?!-)(?!/)(?!.*(?:\.\.|//|@\{|\.lock$|\.$|/$|[\x00-\x20\x7f~^:?*\[\\]))[^\x00-\x20]+")
_HOST = re.compile(r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?")
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)


def check_url(url: str) -> None:
    """Raise ValueError where `url` can't be a repository's address."""
    if re.search(r"[\s\x00-\x20\x7f]", url):
        raise ValueError("no spaces or control characters; write https://host/owner/name")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not an address; write https://host/owner/name") from None
    if parts.scheme and not url.startswith(parts.scheme):  # which the build compares letter by letter
        raise ValueError("not in capital letters; write https://host/owner/name")
    if parts.scheme == "file" and parts.path.startswith("/") and not host:
        return
    if parts.scheme != "https" or not host:
        raise ValueError("only https:// addresses; write https://host/owner/name")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user or password, which every reader of the block would see; write https://host/owner/name")
    # What programs read in different ways leads each of them elsewhere.
    if not _HOST.fullmatch(parts.netloc) or re.search(r"[\\?#]", url) or not _is_plain(host):
        raise ValueError("not a plain address; write https://host/owner/name")


def _is_plain(host: str) -> bool:
    """Whether a host that is a number is written the one way that everybody reads alike: 192.0.2.1."""
    return not _NUMBER.fullmatch(host.rpartition(".")[2]) or _IPV4.fullmatch(host) is not None


def check_ref(name: str) -> None:
    """Raise ValueError where `name` can't be a branch's or tag's name (git check-ref-format)."""
    if not _REF_NAME.fullmatch(name):
        raise ValueError("not a name that git allows; write e.g. main or release/1.2")


def check_path(path: str) -> None:
    """Raise ValueError where `path` leaves the repository."""
    outside = path.startswith(("/", "-")) or ".." in path.split("/") or "\\" in path
    if outside or re.search(r"[\x00-\x1f\x7f]", path):
        raise ValueError("a path inside the repository, no .. and no leading / or -; write e.g. services/api")


def check_image(image: str) -> None:
    """Raise ValueError where `image` can't be an image's name."""
    if not _IMAGE.fullmatch(image):
        raise ValueError("not the name of an image; write e.g. public.ecr.aws/docker/library/alpine:3.20")


RefName = Annotated[str, Meta(min_length=1, max_length=250, examples=["main"], extra={"check": check_ref})]
FilePath = Annotated[str, Meta(max_length=500, examples=["services/api"], extra={"check": check_path})]
Url = Annotated[
    str, Meta(min_length=1, max_length=1000, examples=["https://host/owner/name"], extra={"check": check_url})
]
ImageName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        description="the name of an image",
        examples=["public.ecr.aws/docker/library/alpine:3.20"],
        extra={"check": check_image},
    ),
]


class Repository(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a block's code is: a git repository, its default branch and a folder in it (empty: the root).

    `token` is for a private one: it is only ever sent to us, encrypted at once and never told.
    """

    url: Url
    token: SecretText | None = None
    branch: RefName = "main"
    source_folder: FilePath = ""


class DockerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="dockerfile"):
    """Build the Docker File in the source folder, run the image."""

    dockerfile: FilePath = "Dockerfile"
    command: CommandText | None = None


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="image"):
    """Run a published image; there is no repository and no ref."""

    image: ImageName
    command: CommandText | None = None


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="command"):
    """An optional build command, then a command, in the standard build image."""

    command: CommandText
    build: CommandText | None = None


Source = DockerFile | Image | Command


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A block as it is stored; `masked_values` says which masked defaults have a value, with a stamp for each.

    `projects` are those that may use it, uids by internal name, so that a project that gets the name of one that was
    deleted may not; None: all of them.
    """

    uid: str
    internal_name: InternalName
    name: DisplayName
    flavor: Flavor
    repository: Repository | None
    source: Source
    variables: tuple[Variable, ...] = ()
    masked_values: dict[str, str] = {}
    projects: Mapping[str, str] | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def has_token(self) -> bool:
        """Whether a token for its repository is kept."""
        return TOKEN in self.masked_values


def may_use(block: Block, project_uid: str) -> bool:
    """Whether a project may configure the block."""
    return block.projects is None or project_uid in block.projects.values()


def is_visible(block: Block, limits: Mapping[str, str] | None) -> bool:
    """Whether a token sees the block; `limits` are the projects that it is limited to, None: it is not limited."""
    return limits is None or any(may_use(block, uid) for uid in limits.values())


def errors(repository: Repository | None, source: Source, flavor: Flavor) -> list[FieldError]:
    """What the fields of a block say wrongly together."""
    found: list[FieldError] = []
    if isinstance(source, Image) and repository is not None:
        found.append(FieldError("repository", "an image has no repository; leave it out"))
    if not isinstance(source, Image) and repository is None:
        found.append(FieldError("repository", 'needed for this source type; write {"url": "https://..."}'))
    if flavor == "service" and source.command is None:
        found.append(FieldError("source.command", "a service needs a command: the one that deploys it"))
    return found


def tokenless(repository: Repository | None) -> Repository | None:
    """The repository as it may be stored and told."""
    return msgspec.structs.replace(repository, token=None) if repository is not None else None


def secrets_of(repository: Repository | None, values: tuple[Variable, ...]) -> dict[str, str]:
    """The values of a block that must be encrypted: masked variables, and the repository's token."""
    token = repository.token if repository is not None else None
    return variable_rules.masked_values(values) | ({TOKEN: token} if token is not None else {})


def kept_token(block: Block, repository: Repository | None) -> dict[str, str]:
    """The stamp of the stored token, where the new repository keeps it: one for another host must be given anew."""
    if block.repository is None or repository is None or repository.token is not None:
        return {}
    same_host = host_of(block.repository.url) == host_of(repository.url)
    return {TOKEN: block.masked_values[TOKEN]} if same_host and TOKEN in block.masked_values else {}


def image_tag(repository: Repository, commit: str, source: DockerFile) -> str:
    """The immutable tag of the image of a Docker File: the same for the same repository, commit, folder and file."""
    told = "\n".join((repository.url, commit, repository.source_folder.strip("/"), source.dockerfile))
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def all_errors(
    repository: Repository | None, source: Source, flavor: Flavor, variables: tuple[Variable, ...], folders: bool = True
) -> list[FieldError]:
    """Everything that is wrong with a block; `folders`: whether a repository may be a folder of the machine."""
    told = {"repository": repository, "source": source, "flavor": flavor, "variables": variables}
    return errors_among(told, folders)


def errors_among(told: Mapping[str, Any], folders: bool = True) -> list[FieldError]:
    """Everything that is wrong with those fields of a block that are told, each of which is right by itself."""
    found: list[FieldError] = []
    if told.keys() >= {"repository", "source", "flavor"}:
        found += errors(told["repository"], told["source"], told["flavor"])
    found += variable_rules.errors(told.get("variables", ()))
    repository = told.get("repository")
    if repository is not None and not folders and urlsplit(repository.url).scheme == "file":
        found.append(FieldError("repository.url", "folders are for laptops; write https://host/owner/name"))
    return found
