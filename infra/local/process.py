"""The whole stack in one process: what is started, in which order, and how it is stopped."""

from __future__ import annotations

import importlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from infra import template
from infra.local import decoders, stack
from infra.local.answers import Answer, Request, problem
from infra.local.aws import EmbeddedAws
from infra.local.builds import BuildWorker
from infra.local.clock import Clock
from infra.local.clock_page import clock_page
from infra.local.events import EventBus
from infra.local.lambdas import Lambdas
from infra.local.options import Options
from infra.local.persistence import ACCOUNT, REGION
from infra.local.persistence.database import Database
from infra.local.persistence.housekeeping import Housekeeping
from infra.local.state import write_private
from infra.local.web import Handler, Server, gateway

log = logging.getLogger(__name__)

SETTLE_SECONDS = 60
# Variables of the environment that stand for parameters of the template.
PARAMETERS = {
    "SCHEDULE_BACKEND": "ScheduleBackend",
    "KINTO_HISTORY_DAYS": "HistoryDays",
    "KINTO_AUDIT_DAYS": "AuditDays",
    "KINTO_PRIVATE_HOSTS": "PrivateHosts",
}

Say = Callable[[str], None]


def start(options: Options, bound: socket.socket, undo: ExitStack) -> str:
    """Starts everything, leaving in `undo` what stops it; the admin token."""
    database = Database(options.state_dir / "state.db")
    undo.callback(database.close)
    clock = Clock(database, by_hand=options.clock == "manual")
    aws = EmbeddedAws(database)
    aws.now = clock.now
    aws.start()
    bus = EventBus(clock.now)
    aws.on_execution_end = partial(bus.emit, "aws.states", "Step Functions Execution Status Change")
    worker = BuildWorker(options.state_dir / "builds", bus.emit, clock.now)
    worker.install()
    undo.callback(worker.stop_all)
    app = _product(clock)
    lambdas = Lambdas(app)
    lambdas.install()
    _recover(aws, worker, bus, lambdas)
    token = _admin_token(options.state_dir / "admin-token", lambdas, database.is_new)
    housekeeping = Housekeeping(partial(aws.expire, timedelta(days=int(os.environ["KINTO_HISTORY_DAYS"]))))
    housekeeping.start()
    undo.callback(housekeeping.stop)
    clock.start(bus, partial(_settled, aws, bus, lambdas))
    pages = {"/_local/clock": clock_page(clock)}
    server = Server(_naming_disk(database, gateway(app)), pages, bound)
    server.start()
    undo.callback(server.stop)
    undo.callback(clock.stop)
    return token


def _product(clock: Clock) -> Any:
    """Makes the stack, then imports the Chalice application, which reads its settings from the environment."""
    parameters = {name: os.environ[variable] for variable, name in PARAMETERS.items() if variable in os.environ}
    os.environ.update(stack.create(template.load(), REGION, ACCOUNT, parameters))
    product = importlib.import_module("app")
    decoders.create_all()
    product.use_clock(clock.now)
    product.app.log.handlers.clear()  # Chalice's own writes whole tracebacks between our lines
    product.app.log.propagate = True
    return product.app


def _naming_disk(database: Database, api: Handler) -> Handler:
    """Explain a 503 by the disk while nothing can be stored: the product knows only that AWS failed."""

    def answer(request: Request) -> Answer:
        response = api(request)
        if response.status == 503 and database.failure is not None:
            return problem(503, "Temporarily unavailable", database.failure, [("Retry-After", "5")])
        return response

    return answer


def _settled(aws: EmbeddedAws, bus: EventBus, lambdas: Lambdas) -> bool:
    """Whether nothing is in flight: no execution, no event, no function, and nothing came up while looking."""
    sent = bus.sent
    quiet = aws.running_executions() == 0 and bus.idle() and lambdas.idle()
    return quiet and aws.running_executions() == 0 and bus.sent == sent


def _recover(aws: EmbeddedAws, worker: BuildWorker, bus: EventBus, lambdas: Lambdas) -> None:
    """Settles what a predecessor left in flight, before the clock starts anything new."""
    worker.sweep()
    bus.open(lambdas)
    aws.settle_lost_executions()
    deadline = time.monotonic() + SETTLE_SECONDS
    while not bus.idle() and time.monotonic() < deadline:
        time.sleep(0.01)
    if "Watchdog" in lambdas.names():
        try:
            lambdas.invoke("Watchdog", {"everything": True})
        except Exception:
            log.exception("The watchdog failed")


def _admin_token(path: Path, lambdas: Lambdas, first: bool) -> str:
    """The token of the first start; a file left beside a state that is gone is worth nothing."""
    if first or not path.exists():
        secret = lambdas.invoke("MintToken", {"name": "admin", "role": "admin"})["secret"]
        write_private(path, f"{secret}\n")
    return path.read_text().strip()


def show_demo(url: str, token: str, state_dir: Path, say: Say) -> None:
    """Runs the demo beside everything else."""

    def run() -> None:
        try:
            importlib.import_module("infra.local.demo").run(url, token, state_dir, say)
        except Exception:
            log.exception("The demo stopped")

    threading.Thread(target=run, name="demo", daemon=True).start()
