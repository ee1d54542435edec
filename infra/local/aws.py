"""The laptop's AWS: moto's server on a loopback port, patched to do as AWS does, with its state in SQLite."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.config import default_user_config
from moto.moto_api._internal import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from infra.local import patches
from infra.local.persistence import REGION, images, items, keys, logs, rules, schedules
from infra.local.persistence.database import Database
from infra.local.persistence.executions import Executions, Record

# What a person's shell may hold and what would lead a client elsewhere, to the real AWS even.
_ELSEWHERE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


class EmbeddedAws:
    """start(), then create the stack: tables, machines and log groups find again what is stored of them."""

    def __init__(self, database: Database, port: int = 0) -> None:
        self.url = ""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._database, self._port = database, port
        self._executions = Executions(database)
        self._server: BaseWSGIServer | None = None
        self._environment: dict[str, str] = {}

    @property
    def on_execution_end(self) -> Callable[[Record], None] | None:
        return self._executions.on_end

    @on_execution_end.setter
    def on_execution_end(self, tell: Callable[[Record], None] | None) -> None:
        self._executions.on_end = tell

    def start(self) -> None:
        _configure_moto()
        self._keep()
        self._server = _serve(self._port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._environment = dict(os.environ)
        _point_clients_to(self.url)

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            os.environ.clear()
            os.environ.update(self._environment)

    def settle_lost_executions(self) -> None:
        self._executions.settle_lost()

    def running_executions(self) -> int:
        return self._executions.running()

    def expire(self, history: timedelta) -> None:
        """Delete what is older than the history."""
        now = self.now()
        items.expire(self._database, now)
        logs.expire(self._database, now, history)
        self._executions.expire(now)

    def _keep(self) -> None:
        def now() -> datetime:
            return self.now()

        patches.executions.watcher.now = now
        items.keep(self._database)
        logs.keep(self._database, now)
        self._executions.keep()
        for service in (rules, schedules, images, keys):
            service.keep(self._database)


def _configure_moto() -> None:
    patches.apply()
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    default_user_config["lambda"]["use_docker"] = False
    moto_api_backend.reset()


class _Quiet(MotoRequestHandler):  # type: ignore[misc]  # moto is read as untyped
    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are not the user's news; faults go to logging through the application."""


def _for_clients(application: Any) -> Callable[[dict[str, Any], Any], Any]:
    """Nothing for a browser, whose pages of anybody can send here; nor moto's own pages, one of which forgets all."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if "HTTP_ORIGIN" in environ or "HTTP_SEC_FETCH_SITE" in environ or environ["PATH_INFO"].startswith("/moto-api"):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        return application(environ, start_response)

    return answer


def _serve(port: int) -> BaseWSGIServer:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = _for_clients(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, args=(0.05,), name="aws", daemon=True).start()
    return server


def _point_clients_to(url: str) -> None:
    for name in list(os.environ):
        if name in _ELSEWHERE or name.startswith("AWS_ENDPOINT_URL"):
            del os.environ[name]
    bypass = [value for value in (os.environ.get("NO_PROXY"), "127.0.0.1", "localhost") if value]
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID="laptop",
        AWS_SECRET_ACCESS_KEY="laptop",
        AWS_DEFAULT_REGION=REGION,
        AWS_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        MOTO_PORT=url.rpartition(":")[2],
        NO_PROXY=",".join(bypass),
        no_proxy=",".join(bypass),
    )
