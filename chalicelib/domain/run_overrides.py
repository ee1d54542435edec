"""Which role may start a run with another command or with variables of its own: either can print masked values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from chalicelib.domain.projects import Environment
from chalicelib.domain.variables import Variable

MAX_NAMES = 3


class OverridesRule(msgspec.Struct, frozen=True):
    """The role that it takes, and why it takes an admin."""

    role: Literal["deployer", "admin"]
    reason: str | None = None


def rule(environment: Environment, variables: Iterable[Variable]) -> OverridesRule:
    """Return the rule for a job with these variables, those of its block included.

    Variables count like a command: many programs take code from them (BASH_ENV, NODE_OPTIONS, LD_PRELOAD).
    """
    if environment.run_overrides == "admin":
        return OverridesRule("admin", "this environment reserves them to admins")
    if environment.run_overrides == "deployer":
        return OverridesRule("deployer")
    if environment.role_arn is not None:
        return OverridesRule("admin", "the jobs of this environment run as a role of their own")
    masked = sorted(variable.name for variable in variables if variable.masked)
    if masked:
        more = f" and {len(masked) - MAX_NAMES} more" if len(masked) > MAX_NAMES else ""
        return OverridesRule("admin", f"they could print what is masked: {', '.join(masked[:MAX_NAMES])}{more}")
    return OverridesRule("deployer")
