"""Whether what a request's address names is of a project that its token is limited to."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.actions import missing
from chalicelib.domain.problems import NotFound


def check(projects: Mapping[str, str], named: Mapping[str, str]) -> None:
    """Raise NotFound, in the words for what is not there, unless it is of one of `projects` (uids by internal name)."""
    if "project" in named:
        name = named["project"]
        if name not in projects or missing.project(name).uid != projects[name]:
            raise NotFound(f"There is no project {name}")
    elif missing.run(named["run"]).project_uid not in projects.values():
        raise NotFound(f"There is no run {named['run']}")
