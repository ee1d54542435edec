"""The projects that a token is limited to, or that may use a block: named by people, kept by their uids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.store import projects


def errors(names: Sequence[str] | None) -> list[FieldError]:
    """Say which of these projects do not exist."""
    known = _uids(names or ())
    return [
        FieldError(f"projects[{index}]", f"there is no project {name}; give the internal name of one")
        for index, name in enumerate(names or ())
        if name not in known
    ]


def uids(names: Sequence[str]) -> dict[str, str]:
    """Return the uids by internal name; raises Invalid naming the projects that do not exist."""
    if wrong := errors(names):
        raise Invalid(wrong)
    return _uids(names)


def existing(chosen: Iterable[Mapping[str, str] | None]) -> dict[str, str]:
    """Return those of all chosen projects that still exist, uids by internal name; one that was deleted is left out."""
    wanted = {(name, uid) for projects in chosen if projects is not None for name, uid in projects.items()}
    present = _uids(sorted({name for name, _ in wanted}))
    return {name: uid for name, uid in wanted if present.get(name) == uid}


def _uids(names: Iterable[str]) -> dict[str, str]:
    wanted = list(names)
    found = projects.get_many(wanted) if wanted else []
    return {project.internal_name: project.uid for project in found}
