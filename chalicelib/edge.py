"""Where the product meets its surroundings: settings from the environment, calls made by AWS itself."""

from __future__ import annotations

import os
import uuid
from functools import cache

from chalicelib.aws import clients
from chalicelib.call import Call
from chalicelib.clock import now
from chalicelib.settings import Settings, from_environment
from chalicelib.store import table


@cache
def settings() -> Settings:
    """This stack's settings, read once; the table is the one they name."""
    found = from_environment(os.environ)
    table.use(found.table)
    clients.share(table.session)
    return found


def call_by(source: str) -> Call:
    """A call made by the product's own parts (`schedule`, `step functions`, `watchdog`)."""
    return Call(now(), source, "admin", settings(), lambda: uuid.uuid4().hex[:26])
