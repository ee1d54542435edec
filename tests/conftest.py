"""Stacks for tests: the real `python -m infra.local` in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.plugins.flaky", "tests.plugins.workers"]

ROOT = Path(__file__).parent.parent
START_SECONDS = 60  # and to stop
HOUR = timedelta(hours=1)
HOUR_OF_RECONCILE = 3  # ReconcileRule in infra/resources.yaml: 03:17
# A module that does something more around infra.local may stand in its place.
MODULE = os.environ.get("STACK_MODULE", "infra.local")
# A stack may ask what listens here; every other address of this machine is refused, as in an account.
PRIVATE_HOST = "127.0.0.2"
MOST_SECONDS = {"exhaustive": 4 * 3600, "ci": 1800}
# On a busy machine an example takes as long as it takes.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


class LocalStack:
    """One process with its state directory; `start()` again after `kill()` is a restart."""

    usual = ("--port=0", "--no-demo", "--clock=manual")

    def __init__(self, state_dir, *options, product=ROOT, module=MODULE):
        self.state_dir = state_dir
        self.output = state_dir.with_name(state_dir.name + ".output")
        self.options = options
        self.product = product
        self.module = module
        self.process = None
        self.url = ""

    def start(self, wait=True):
        """Starts the process; with `wait`, returns when the API answers."""
        (self.state_dir / "port").unlink(missing_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, f"--state-dir={self.state_dir}", *self.usual, *self.options],
                cwd=self.product,
                env={"KINTO_PRIVATE_HOSTS": PRIVATE_HOST, **os.environ, "PYTHONPATH": f"{self.product}:{ROOT}"},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not (self.state_dir / "port").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"The stack did not start:\n{self.told()}")
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{(self.state_dir / 'port').read_text().strip()}"

    @property
    def token(self):
        return (self.state_dir / "admin-token").read_text().strip()

    def request(self, method, path, body=None, headers=None):
        """Status, headers, and the parsed JSON body (None when empty, text when it is not JSON)."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        with contextlib.closing(http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=660)) as to:
            to.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            answer = to.getresponse()
            return answer.status, answer.headers, _parsed(answer.read())

    def advance(self, seconds=None, to=None, **more):
        """Moves the clock; the answer of the clock."""
        body = {"to": to} if to is not None else {"advance_seconds": seconds}
        status, _, answer = self.request("POST", "/_local/clock", {**body, **more})
        assert status == 200, answer
        return answer

    def now(self):
        return self.request("GET", "/_local/clock")[2]["now"]

    def to_an_hour(self):
        """Moves the clock to the beginning of an hour in which the daily reconcile repairs nothing; that beginning."""
        following = datetime.fromisoformat(self.now()).replace(minute=0, second=0, microsecond=0) + HOUR
        beginning = following + HOUR * (following.hour == HOUR_OF_RECONCILE)
        self.advance(to=beginning.isoformat())
        return beginning

    def rows(self):
        """The rows of its database: kind, key, sort key, and JSON."""
        database = f"file:{self.state_dir / 'state.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(database, uri=True, timeout=30)) as opened:
            return list(opened.execute("SELECT kind, key, sort, value FROM entries ORDER BY kind, key, sort"))

    def stored(self, *texts):
        """The JSON of the rows that hold all of these texts."""
        return [value for *_, value in self.rows() if all(text in value for text in texts)]

    def stop(self):
        """Ctrl-C; the exit code."""
        return self._end(signal.SIGINT)

    def terminate(self):
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """kill -9."""
        return self._end(signal.SIGKILL)

    def told(self):
        """Everything it printed, and the end of its log."""
        log = self.state_dir / "log"
        return self.output.read_text() + (log.read_text()[-5000:] if log.exists() else "")

    def _end(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def _parsed(body):
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Ends a test that would wait for ever, with the place where it waits."""
    seconds = max((most for mark, most in MOST_SECONDS.items() if item.get_closest_marker(mark)), default=600)

    def give_up(*_):
        raise TimeoutError(f"the test did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Puts what a test's stacks told beside the test's own failure."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            for stack in value.started if hasattr(value, "started") else [value]:
                if isinstance(stack, LocalStack):
                    report.sections.append((f"{name} in {stack.state_dir}", stack.told()))
    return report


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """One stack with a manual clock for all tests that do not disturb each other."""
    stack = LocalStack(tmp_path_factory.mktemp("stack") / "state")
    stack.start()
    yield stack
    stack.kill()


@pytest.fixture(scope="session")
def built_console(absent):
    """The folder of the console, built from what its sources are now."""
    from infra.console import build

    try:
        with build.alone():
            build.build()
    except build.CannotBuild as error:
        absent(str(error))
    return ROOT / "chalicelib" / "console"


@pytest.fixture
def start_stack(tmp_path):
    """`start_stack(*options, state_dir=None, wait=True)`: stacks of the test's own, killed at its end.

    `product` is a folder with another app.py, for tests of the process itself; `module` starts in infra.local's place.
    """

    def start(*options, state_dir=None, wait=True, **replaced):
        stack = LocalStack(state_dir or tmp_path / f"state{len(start.started)}", *options, **replaced)
        start.started.append(stack)
        return stack.start(wait)

    start.started = []
    yield start
    for stack in start.started:
        stack.kill()


class Embedded:
    """The laptop's AWS in this very process, with the product's resources and the product's modules using it."""

    def __init__(self):
        # Only who asks for it waits for the emulator's import.
        from chalicelib import edge
        from chalicelib.aws import clients, keys
        from chalicelib.store.items import Item
        from infra.local.aws import EmbeddedAws
        from infra.local.persistence.database import Database

        self._forgetful = (edge.settings, clients.client, clients._session, keys.derived)
        self._item = Item
        self._aws = EmbeddedAws(Database(None))

    def start(self, *only, executing=True):
        """With all resources of the template, or those of these logical ids; executions may stand still."""
        from moto.core.config import default_user_config

        from chalicelib import edge
        from infra import template
        from infra.local import stack
        from infra.local.persistence import ACCOUNT, REGION

        self._aws.start()
        default_user_config["stepfunctions"]["execute_state_machine"] = executing
        wanted = template.load()
        if only:
            wanted["Resources"] = {name: wanted["Resources"][name] for name in only}
        # Tests choose the backend of schedules by the environment; here is what either needs.
        environment = stack.create(wanted, REGION, ACCOUNT, {"ScheduleBackend": "scheduler"})
        os.environ.update(environment | {"SCHEDULE_BACKEND": "rules"})
        self._forget()
        self.settings = edge.settings()
        return self

    def stop(self):
        self._forget()
        self._aws.stop()

    @property
    def database(self):
        """What the emulator stores."""
        return self._aws._database

    @contextlib.contextmanager
    def requests(self):
        """Collects the names of the requests that the store makes of DynamoDB meanwhile."""
        made = []

        def note(model, **_):
            made.append(model.name)

        events = self._item._get_connection().connection.client.meta.events
        events.register("before-call.dynamodb", note)
        try:
            yield made
        finally:
            events.unregister("before-call.dynamodb", note)

    def _forget(self):
        """Clients know the address of an emulator that is another one now."""
        for cached in self._forgetful:
            cached.cache_clear()
        self._item._connection = None


@pytest.fixture(scope="module")
def embed():
    """`embed(*only)`: the product on an AWS of the module's own in this process; nothing calls its functions."""
    embedded = Embedded()
    yield embedded.start
    embedded.stop()


@pytest.fixture(scope="session")
def absent():
    """`absent(reason)` ends a test for which this machine lacks something: skipped on a laptop, failed on CI."""
    return pytest.fail if os.environ.get("CI") == "true" else pytest.skip
