"""Where moto 5.2.5 differs from the AWS that the product needs: a file each, with a test that fails on stock moto."""

from __future__ import annotations

from infra.local.patches import (
    attribute_values,
    casing,
    children,
    clients,
    codebuild,
    executions,
    history,
    kms,
    log_ages,
    log_pages,
    parsing,
    task_failure,
)

ALL = (
    attribute_values,
    casing,
    children,
    clients,
    codebuild,
    executions,
    history,
    kms,
    log_ages,
    log_pages,
    parsing,
    task_failure,
)


def apply() -> None:
    """Before the first request; a second time changes nothing."""
    for patch in ALL:
        patch.apply()
