"""The names under which the product itself acts: the values of `by` that belong to no token of the API."""

from __future__ import annotations

import unicodedata
from typing import Literal, get_args

Actor = Literal["codebuild", "operator", "reconcile", "schedule", "step functions", "watchdog"]
OPERATOR: Actor = "operator"
ACTORS: tuple[Actor, ...] = get_args(Actor)
_REPLACING = ("run ", ", which replaces it")


def replacing(run_id: str) -> str:
    """Return the actor that cancels a run by the overlap policy `replace`."""
    return run_id.join(_REPLACING)


def is_actor(name: str) -> bool:
    """Whether `name` looks like the product itself, whatever its case, width and spaces."""
    plain = " ".join(unicodedata.normalize("NFKC", name).replace("\u200c", "").replace("\u200d", "").casefold().split())
    return plain in ACTORS or (plain.startswith(_REPLACING[0]) and plain.endswith(_REPLACING[1]))
