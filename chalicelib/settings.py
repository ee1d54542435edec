"""The settings of one stack, read from the environment variables that infra/resources.yaml sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """Names of this stack's own resources and its few knobs."""

    table: str
    deployment_machine: str
    job_run_machine: str
    run_project: str
    image_project: str
    image_repository: str
    key: str
    tick_function: str
    rule_prefix: str
    run_role: str
    token_key: str
    stack: str = "kintoblocks"
    dead_letters: str | None = None
    schedule_backend: Literal["rules", "scheduler"] = "rules"
    scheduler_group: str = "default"
    scheduler_role: str | None = None
    history_days: int = 90
    private_hosts: str = ""
    local_repositories: bool = False
    audit_days: int = 365

    @property
    def account(self) -> str:
        """The number of the stack's AWS account."""
        return self.deployment_machine.split(":")[4]


VARIABLES = {
    "table": "KINTO_TABLE",
    "deployment_machine": "KINTO_DEPLOYMENT_MACHINE",
    "job_run_machine": "KINTO_JOB_RUN_MACHINE",
    "run_project": "KINTO_RUN_PROJECT",
    "image_project": "KINTO_IMAGE_PROJECT",
    "image_repository": "KINTO_IMAGE_REPOSITORY",
    "key": "KINTO_KEY",
    "tick_function": "KINTO_TICK_FUNCTION",
    "rule_prefix": "KINTO_RULE_PREFIX",
    "run_role": "KINTO_RUN_ROLE",
    "token_key": "KINTO_TOKEN_KEY",
    "stack": "KINTO_STACK",
    "dead_letters": "KINTO_DEAD_LETTERS",
    "schedule_backend": "SCHEDULE_BACKEND",
    "scheduler_group": "KINTO_SCHEDULER_GROUP",
    "scheduler_role": "KINTO_SCHEDULER_ROLE",
    "history_days": "KINTO_HISTORY_DAYS",
    "private_hosts": "KINTO_PRIVATE_HOSTS",
    "local_repositories": "KINTO_LOCAL_REPOSITORIES",
    "audit_days": "KINTO_AUDIT_DAYS",
}


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; raises msgspec.ValidationError naming what is missing or wrong."""
    present = {field: environment[name] for field, name in VARIABLES.items() if name in environment}
    return msgspec.convert(present, Settings, strict=False)
