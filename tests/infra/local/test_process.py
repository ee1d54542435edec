from __future__ import annotations

import os
import pty
import select
import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.local.persistence.database import Change, Database

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]

# A product of a few lines, so that these tests are about the process alone.
PRODUCT = '''
import json
import os
import boto3
from chalice import Chalice, Response

app = Chalice("small")
table = boto3.client("dynamodb")
clock = None

def use_clock(now):
    global clock
    clock = now

def put(key, **more):
    fields = {"pk": key, "sk": "x", "noted": clock().isoformat(), **more}
    item = {name: {"S": str(value)} for name, value in fields.items()}
    table.put_item(TableName=os.environ["KINTO_TABLE"], Item=item)

@app.lambda_function(name="mint_token")
def mint_token(event, context):
    put("token", **event)
    return {"id": "1", "secret": "secret-of-" + event["name"]}

@app.lambda_function(name="watchdog")
def watchdog(event, context):
    put("watchdog")

@app.lambda_function(name="tick")
def tick(event, context):
    put("tick-" + event["time"])

@app.lambda_function(name="execution_ended")
def execution_ended(event, context):
    put("ended-" + event["detail"]["name"], status=event["detail"]["status"])

@app.route("/machine", methods=["PUT"])
def machine():
    """Makes the stack's machine one that waits and then notes the time; a rule starts it at eight."""
    states = boto3.client("stepfunctions")
    wait = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Note"}
    note = {"Type": "Task", "Resource": os.environ["KINTO_TICK_FUNCTION"], "End": True}
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": wait, "Note": note}})
    arn = os.environ["KINTO_JOB_RUN_MACHINE"]
    states.update_state_machine(stateMachineArn=arn, definition=definition)
    events = boto3.client("events")
    events.put_rule(Name="m", ScheduleExpression="cron(0 8 * * ? *)")
    events.put_targets(Rule="m", Targets=[{"Id": "1", "Arn": arn, "Input": '{"seconds": 1, "time": "eight"}'}])
    return {"arn": arn}

@app.route("/executions/{name}", methods=["PUT"])
def execution(name):
    arn = app.current_request.json_body["arn"]
    boto3.client("stepfunctions").start_execution(stateMachineArn=arn, name=name, input='{"seconds": 600}')
    return {}

@app.route("/health")
def health():
    return {"status": "ok"}

@app.route("/items/{key}", methods=["GET", "PUT"])
def item(key):
    if app.current_request.method == "PUT":
        put(key)
    found = table.get_item(TableName=os.environ["KINTO_TABLE"], Key={"pk": {"S": key}, "sk": {"S": "x"}}).get("Item")
    return {name: value["S"] for name, value in found.items()} if found else Response({}, status_code=404)

@app.route("/rule", methods=["PUT"])
def rule():
    events = boto3.client("events")
    events.put_rule(Name="r1", ScheduleExpression="cron(0 8 * * ? *)")
    transformer = {"InputPathsMap": {"time": "$.time"}, "InputTemplate": '{"time": <time>}'}
    target = {"Id": "1", "Arn": os.environ["KINTO_TICK_FUNCTION"], "InputTransformer": transformer}
    events.put_targets(Rule="r1", Targets=[target])
    return {}
'''

# Wherever the repository comes in the path, `app` is the one beside this file.
CUSTOMIZE = """
import sys
from importlib.util import spec_from_file_location

class Product:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_from_file_location(name, __file__.replace("sitecustomize", "app")) if name == "app" else None

sys.meta_path.insert(0, Product)
"""


def make_product(folder, text):
    (folder / "app.py").write_text(text)
    (folder / "sitecustomize.py").write_text(CUSTOMIZE)
    return folder


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return make_product(tmp_path_factory.mktemp("product"), PRODUCT)


def run(product, *options):
    return subprocess.run(
        [sys.executable, "-m", "infra.local", "--no-demo", *options],
        cwd=product,
        env={"PYTHONPATH": f"{product}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_first_start_makes_an_admin_token_that_only_its_owner_reads(start_stack, product):
    stack = start_stack(product=product)
    assert stack.token == "secret-of-admin"
    assert (stack.state_dir / "admin-token").stat().st_mode & 0o777 == 0o600
    assert stack.state_dir.stat().st_mode & 0o777 == 0o700
    assert stack.request("GET", "/items/token")[2]["role"] == "admin"
    assert stack.request("GET", "/items/watchdog")[0] == 200
    assert f"{stack.url}, token in {stack.state_dir}/admin-token" in stack.told()
    assert f"  console  {stack.url}/\n" in stack.told()
    assert "secret-of-admin" not in stack.told()
    assert "ready" in stack.told()


def test_a_person_at_a_terminal_gets_a_link_that_signs_in(product, tmp_path, absent):
    try:
        terminal, its_end = pty.openpty()
    except OSError as error:
        absent(f"this machine has no pseudo-terminals: {error}")
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local", "--no-demo", "--port=0", f"--state-dir={tmp_path}/state"], cwd=product,
        env={**os.environ, "PYTHONPATH": f"{product}:{ROOT}"}, stdin=its_end, stdout=its_end, stderr=its_end,
    )  # fmt: skip
    try:
        told = b""
        while b"ready" not in told:
            assert select.select([terminal], [], [], 60)[0], told
            told += os.read(terminal, 4096)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        os.close(its_end)
    port = (tmp_path / "state" / "port").read_text().strip()
    assert f"  console  http://127.0.0.1:{port}/#token=secret-of-admin\r\n" in told.decode()


@pytest.mark.ci
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_what_was_answered_is_there_after_every_kind_of_end(start_stack, product, number):
    stack = start_stack(product=product)
    stack.request("PUT", "/rule")
    day = (datetime.fromisoformat(stack.now()) + timedelta(hours=16)).strftime("%Y-%m-%dT")  # of the next 08:00
    assert stack.advance(to=f"{day}08:30:00Z", wait=False)["fired"] > 0
    status, _, item = stack.request("PUT", "/items/a")
    assert (status, item["noted"]) == (200, f"{day}08:30:00+00:00")
    code = {signal.SIGINT: stack.stop, signal.SIGTERM: stack.terminate, signal.SIGKILL: stack.kill}[number]()
    assert code == (-9 if number == signal.SIGKILL else 0)
    stack.start()
    assert stack.request("GET", "/items/a")[2] == item
    assert stack.token == "secret-of-admin"
    assert stack.now() == f"{day}08:30:00Z"
    assert stack.advance(seconds=24 * 3600)["fired"] > 0
    ticks = stack.stored('"tick-')
    assert len(ticks) == 2
    assert f'{{"S":"tick-{day}08:00:00Z"}}' in ticks[0]


@pytest.mark.ci
def test_the_clock_waits_for_what_it_started_and_times_are_those_of_the_tick(start_stack, product):
    stack = start_stack(product=product)
    stack.request("PUT", "/machine")
    eight = (datetime.fromisoformat(stack.now()) + timedelta(days=1)).strftime("%Y-%m-%dT08:00:00")
    assert stack.advance(to=f"{eight}Z")["idle"] is True
    answer = stack.advance(seconds=3600)
    assert answer["idle"] is True
    assert stack.request("GET", "/items/tick-eight")[2]["noted"] == f"{eight}+00:00"


@pytest.mark.ci
def test_an_execution_that_a_kill_interrupted_is_told_as_aborted_at_the_next_start(start_stack, product):
    stack = start_stack(product=product)
    machine = stack.request("PUT", "/machine")[2]
    stack.request("PUT", "/executions/long", machine)
    busy = stack.request("POST", "/_local/clock", {"advance_seconds": 1, "timeout_seconds": 1})
    assert busy[0] == 504
    stack.kill()
    stack.start()
    assert stack.request("GET", "/items/ended-long")[2]["status"] == "ABORTED"
    assert stack.advance(seconds=1)["idle"] is True


def test_a_second_stack_in_the_same_state_directory_is_refused_by_name(start_stack, product):
    stack = start_stack(product=product)
    second = run(product, "--port=0", f"--state-dir={stack.state_dir}")
    assert second.returncode == 1
    assert f"in use by another stack (process {stack.process.pid})" in second.stderr
    assert "Traceback" not in second.stderr
    assert stack.request("GET", "/health")[0] == 200


def test_a_port_in_use_is_said_and_another_proposed(product, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run(product, f"--port={taken.getsockname()[1]}", f"--state-dir={tmp_path}")
    assert refused.returncode == 1
    assert "cannot be used: Address already in use" in refused.stderr
    assert "--port 8123" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_state_directory_that_cannot_be_made_is_said(product, tmp_path):
    (tmp_path / "file").write_text("")
    refused = run(product, "--port=0", f"--state-dir={tmp_path / 'file' / 'below'}")
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "cannot be used: Not a directory" in refused.stderr


def test_a_damaged_database_is_reported_with_the_commands_to_continue(product, tmp_path):
    database = Database(tmp_path / "state.db")
    database.write(Change("clock", "", "", "{}"))
    database.close()
    (tmp_path / "state.db").write_bytes(b"")
    refused = run(product, "--port=0", f"--state-dir={tmp_path}")
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert f"The state database {tmp_path}/state.db is damaged: it is empty." in refused.stderr
    commands = f"mkdir -p {tmp_path}/damaged && mv {tmp_path}/state.db* {tmp_path}/damaged/"
    assert f"To start empty:\n  {commands}" in refused.stderr


def test_a_product_that_does_not_start_ends_the_process_with_its_reason(tmp_path):
    broken = make_product(tmp_path, "raise RuntimeError('this product is broken')")
    failed = run(broken, "--port=0", "--state-dir=state")
    assert failed.returncode == 1
    assert "could not start: this product is broken (more in state/log)" in failed.stderr
    assert "Traceback" in (tmp_path / "state" / "log").read_text()


@pytest.mark.parametrize("option", ["--port=x", "--port=70000", "--port=-1", "--clock=wrong", "--nonsense"])
def test_a_wrong_option_is_explained(product, option):
    refused = run(product, option)
    assert refused.returncode == 2
    assert option.partition("=")[0] in refused.stderr
