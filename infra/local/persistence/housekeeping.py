"""Delete what has expired: once at each start, then every hour."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from infra.local.persistence.database import NotStored

log = logging.getLogger(__name__)

HOUR_SECONDS = 3600.0


class Housekeeping:
    """A thread that calls `expire`."""

    def __init__(self, expire: Callable[[], None]) -> None:
        self._expire = expire
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start with the first turn."""
        self._thread.start()

    def stop(self) -> None:
        """Return when no turn is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._expire()
            except NotStored as error:
                log.warning("What has expired could not be deleted: %s", error)
            except Exception:
                log.exception("What has expired could not be deleted")
            self._stopped.wait(HOUR_SECONDS)
