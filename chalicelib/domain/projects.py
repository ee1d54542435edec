"""A project is a set of environments; an environment is a list of configured blocks, deployments and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chalicelib.domain.names import DisplayName, InternalName, check_lines
from chalicelib.domain.problems import FieldError

MOST_BLOCKS = 50
MOST_ENVIRONMENTS = 50
MAX_CHOSEN = 50

RoleArn = Annotated[
    str,
    Meta(
        max_length=512,
        pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/kintoblocks/[A-Za-z0-9+=,.@_/-]+$",
        description="the ARN of a role below the path /kintoblocks/",
        examples=["arn:aws:iam::123456789012:role/kintoblocks/shop-prod"],
    ),
]
Description = Annotated[
    str, Meta(max_length=200, description="at most 200 characters", extra={"check": check_lines})
]
ChosenProjects = Annotated[
    tuple[InternalName, ...],
    Meta(max_length=MAX_CHOSEN, description=f"internal names of at most {MAX_CHOSEN} projects"),
]
PostDeploymentPolicy = Literal["keep", "fail", "rollback"]
RunOverrides = Annotated[
    Literal["deployer", "admin"],
    Meta(description="the role that may start a run with another command or variables; null: see the documentation"),
]
DeploymentStatus = Literal["running", "deployed", "deployed_with_failures", "failed", "cancelled"]
EnvironmentStatus = Literal[
    "not_deployed", "running", "deployed", "deployed_with_failures", "failed", "cancelled", "shutdown"
]


def role_errors(role_arn: str | None, account: str) -> list[FieldError]:
    """Say what is wrong with a role for the jobs of a stack in `account`."""
    if role_arn is None or role_arn.split(":")[4] == account:
        return []
    return [FieldError("role_arn", f"must be a role of this stack's own account, {account}: AWS passes no other")]


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project; `environments` counts them and `deleting` is set while it is being taken down."""

    uid: str
    internal_name: InternalName
    name: DisplayName
    description: str = ""
    environments: int = 0
    deleting: bool = False
    created_at: datetime
    updated_at: datetime
    version: int = 0


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """One environment of a project.

    `active` is the number of the deployment that runs now (the deployment lock), `latest` of the last one begun,
    `current` of the last whose services all deployed, `last_good` of the last that ended well; `latest_at` is when the
    latest one began or ended. `released` are those that have ended, are neither current nor last good, and whose
    history has not been given its expiry yet.
    """

    uid: str
    project: str
    project_uid: str
    internal_name: InternalName
    name: DisplayName
    on_post_deployment_failure: PostDeploymentPolicy = "keep"
    role_arn: RoleArn | None = None
    run_overrides: RunOverrides | None = None
    blocks: int = 0
    active: int | None = None
    latest: int = 0
    latest_status: DeploymentStatus | None = None
    latest_at: datetime | None = None
    current: int | None = None
    last_good: int | None = None
    released: tuple[int, ...] = ()
    shutdown: bool = False
    deleting: bool = False
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def kept(self) -> set[int]:
        """The deployments whose history does not expire."""
        return {number for number in (self.current, self.last_good) if number is not None}

    @property
    def status(self) -> EnvironmentStatus:
        """What people see: the latest deployment's status, or that there is none, or that it is shut down."""
        if self.shutdown and self.active is None:
            return "shutdown"
        return self.latest_status or "not_deployed"
