from __future__ import annotations

import json
import random
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from tests.infra.conftest import command, marked, threads, until

ROOT = Path(__file__).parents[3]
SIMPLE = """
version: 0.2
env:
  variables: {GREETING: hello}
  exported-variables: [LEFT, RIGHT]
phases:
  install: {commands: ["export LEFT=\\"$GREETING $NAME\\""]}
  build: {commands: [%s, "echo second"]}
  post_build: {commands: ["export RIGHT=\\"multi\\nline\\"; echo after"]}
"""


def simple(bench, first, **more):
    name = f"simple-{uuid.uuid4().hex[:8]}"
    bench.project(name, SIMPLE % json.dumps(first), more.pop("minutes", 60))
    given = [{"name": "NAME", "value": "world"}]
    answer = bench.codebuild.start_build(projectName=name, environmentVariablesOverride=given, **more)
    return answer["build"]["id"]


def phases(build):
    return {phase["phaseType"]: phase.get("phaseStatus") for phase in build["phases"]}


def descriptors():
    return len(list(Path("/dev/fd").iterdir()))


def test_phases_share_a_shell_and_export_what_they_leave(bench):
    result = bench.wait(simple(bench, "echo first; export LEFT=$LEFT!"))
    assert result.build["buildStatus"] == "SUCCEEDED"
    assert result.exports == {"LEFT": "hello world!", "RIGHT": "multi\nline"}
    assert result.lines == ["first", "second", "after"]
    assert list(phases(result.build)) == [
        "SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "BUILD", "POST_BUILD", "FINALIZING", "COMPLETED"
    ]  # fmt: skip


def test_a_failing_command_ends_its_phase_and_says_so(bench):
    result = bench.wait(simple(bench, "(exit 7)"))
    assert result.build["buildStatus"] == "FAILED"
    assert result.lines == ["after"]
    assert phases(result.build)["BUILD"] == "FAILED"
    assert phases(result.build)["POST_BUILD"] == "SUCCEEDED"
    contexts = next(phase for phase in result.build["phases"] if phase["phaseType"] == "BUILD")["contexts"]
    assert contexts[0]["statusCode"] == "COMMAND_EXECUTION_ERROR"
    assert "exit status 7" in contexts[0]["message"]


def test_a_command_that_leaves_the_shell_fails_its_phase(bench):
    assert bench.wait(simple(bench, "exit 0")).build["buildStatus"] == "FAILED"


def test_a_build_is_in_the_shapes_of_the_api(bench):
    result = bench.run(command("true"))
    model = botocore.session.get_session().get_service_model("codebuild")
    report = ParamValidator().validate(result.build, model.shape_for("Build"))
    assert not report.has_errors(), report.generate_report()
    known = set(model.shape_for("Build").members)
    assert set(result.build) <= known
    assert result.build["buildStatus"] in model.shape_for("StatusType").enum
    assert {phase["phaseType"] for phase in result.build["phases"]} <= set(model.shape_for("BuildPhaseType").enum)
    assert result.build["logs"]["groupName"] == "/aws/codebuild/kinto-run"
    assert result.build["id"] == f"kinto-run:{result.build['logs']['streamName']}"
    assert result.build["arn"].endswith(f":build/{result.build['id']}")


def test_the_log_group_is_the_one_that_the_project_names(bench):
    bench.project("elsewhere", SIMPLE % '"echo here"')
    from moto.codebuild.models import codebuild_backends

    project = codebuild_backends["123456789012"]["us-east-1"].codebuild_projects["elsewhere"]
    project.project_metadata["logsConfig"] = {"cloudWatchLogs": {"status": "ENABLED", "groupName": "/mine"}}
    result = bench.wait(bench.codebuild.start_build(projectName="elsewhere")["build"]["id"])
    assert result.build["logs"]["groupName"] == "/mine"
    assert "here" in result.lines


def test_the_beginning_and_the_end_of_a_build_are_events(bench):
    bench.events.clear()
    result = bench.run(command("exit 2"))
    events = until(lambda: bench.events[1:] and bench.events)
    assert [(source, kind, detail["build-status"]) for source, kind, detail in events] == [
        ("aws.codebuild", "CodeBuild Build State Change", "IN_PROGRESS"),
        ("aws.codebuild", "CodeBuild Build State Change", "SUCCEEDED"),
    ]
    first, last = (detail for _, _, detail in events)
    assert first["build-id"] == last["build-id"] == result.build["arn"]
    assert first["project-name"] == "kinto-run"
    logs = first["additional-information"]["logs"]
    assert (logs["group-name"], logs["stream-name"]) == ("/aws/codebuild/kinto-run", result.build["logs"]["streamName"])
    exported = last["additional-information"]["exported-environment-variables"]
    assert {"name": "KINTO_EXIT_CODE", "value": "2"} in exported
    json.dumps(last)


def test_a_stopped_build_leaves_no_process(bench):
    mark = f"mark-{uuid.uuid4()}"
    text = f"(env -i setsid sh -c 'sleep 99; : {mark}' &); sh -c 'trap : TERM; sleep 99; : {mark}'"
    build_id = bench.start(command(text))
    until(lambda: len(marked(mark)) >= 2)
    assert bench.codebuild.stop_build(id=build_id)["build"]["buildStatus"] == "STOPPED"
    result = bench.wait(build_id)
    assert result.build["buildStatus"] == "STOPPED"
    assert phases(result.build)["BUILD"] == "STOPPED"
    assert marked(mark) == []
    assert bench.codebuild.stop_build(id=build_id)["build"]["buildStatus"] == "STOPPED"


@pytest.mark.parametrize("seed", range(4))
def test_a_build_stopped_at_any_moment_of_its_beginning_stays_stopped(bench, seed):
    chance = random.Random(seed)
    mark = f"mark-{uuid.uuid4()}"
    for _ in range(4):
        build_id = bench.start(command(f"sleep 50; : {mark}"))
        time.sleep(chance.choice((0, 0.005, 0.03, 0.1)) * chance.random())
        bench.codebuild.stop_build(id=build_id)
        assert bench.wait(build_id).build["buildStatus"] == "STOPPED"
    assert marked(mark) == []


def test_a_build_that_takes_too_long_is_timed_out(bench, monkeypatch):
    monkeypatch.setattr(bench.worker, "_minute", 0.2)
    mark = f"mark-{uuid.uuid4()}"
    result = bench.run(command(f"echo on; sleep 99; : {mark}", timeout_seconds=99), timeoutInMinutesOverride=5)
    assert result.build["buildStatus"] == "TIMED_OUT"
    assert result.exports["KINTO_STAGE"] == "run"
    assert result.lines == ["on"]
    contexts = next(phase for phase in result.build["phases"] if phase["phaseType"] == "BUILD")["contexts"]
    assert contexts[0]["statusCode"] == "BUILD_TIMED_OUT"
    assert marked(mark) == []


@pytest.mark.ci
def test_a_build_leaves_no_thread_no_descriptor_and_no_folder(bench):
    bench.run(command("true"))
    before, open_before = threads(), descriptors()
    for _ in range(3):
        bench.run(command("mkdir a; touch a/b; chmod 0 a"))
    until(lambda: threads() <= before and descriptors() <= open_before)
    assert [path.name for path in bench.folder.iterdir() if path.is_dir()] == ["bin"]


@pytest.mark.ci
def test_fifty_builds_at_once_all_end_with_their_own_lines(bench):
    started = [bench.start(command(f"echo line {number}")) for number in range(50)]
    for number, build_id in enumerate(started):
        result = bench.wait(build_id)
        assert result.outcome == "succeeded"
        assert result.lines == [f"line {number}"]


def test_the_same_token_starts_one_build(bench):
    spec, token = command("true"), str(uuid.uuid4())
    assert bench.start(spec, idempotencyToken=token) == bench.start(spec, idempotencyToken=token)


@pytest.mark.parametrize(
    ("name", "request_", "code"),
    [
        ("start_build", {"projectName": "nothing"}, "ResourceNotFoundException"),
        ("stop_build", {"id": "kinto-run:nothing"}, "ResourceNotFoundException"),
        ("stop_build", {"id": "nothing"}, "InvalidInputException"),
        ("batch_get_builds", {"ids": ["nothing"]}, "InvalidInputException"),
        ("start_build", {"projectName": "kinto-run", "timeoutInMinutesOverride": 2161}, "InvalidInputException"),
    ],
)
def test_requests_that_make_no_sense_are_refused(bench, name, request_, code):
    with pytest.raises(ClientError) as error:
        getattr(bench.codebuild, name)(**request_)
    assert error.value.response["Error"]["Code"] == code


def test_builds_that_are_not_known_are_named(bench):
    answer = bench.codebuild.batch_get_builds(ids=["kinto-run:nothing"])
    assert (answer["builds"], answer["buildsNotFound"]) == ([], ["kinto-run:nothing"])


def test_builds_are_listed_the_latest_first(bench):
    build_ids = [bench.run(command("true")).build["id"] for _ in range(2)]
    assert bench.codebuild.list_builds_for_project(projectName="kinto-run")["ids"][:2] == build_ids[::-1]
    assert set(build_ids) <= set(bench.codebuild.list_builds()["ids"])


def test_a_build_of_a_clock_that_is_ahead_has_that_clocks_times(bench, monkeypatch):
    monkeypatch.setattr(bench, "now", lambda: datetime.now(UTC) + timedelta(days=200))
    result = bench.run(command("echo line"))
    ahead = datetime.now(UTC) + timedelta(days=199)
    assert result.build["startTime"] > ahead
    assert datetime.fromisoformat(result.exports["KINTO_STARTED_AT"]) > ahead
    assert result.lines == ["line"]


def test_a_buildspec_that_is_none_is_a_fault_and_nothing_hangs(bench):
    bench.project("broken", "phases: [")
    result = bench.wait(bench.codebuild.start_build(projectName="broken")["build"]["id"])
    assert result.build["buildStatus"] == "FAULT"


def test_a_listener_that_breaks_does_not_break_the_build(bench, caplog, monkeypatch):
    def broken(*_):
        raise ValueError("no")

    monkeypatch.setattr(bench.worker, "_emit", broken)
    assert bench.run(command("true")).outcome == "succeeded"
    assert "was not delivered" in caplog.text


def test_stopping_many_builds_at_once_leaves_nothing(bench):
    mark = f"mark-{uuid.uuid4()}"
    started = [bench.start(command(f"sleep 99; : {mark}")) for _ in range(6)]
    until(lambda: marked(mark))
    stoppers = [threading.Thread(target=bench.codebuild.stop_build, kwargs={"id": build_id}) for build_id in started]
    for stopper in stoppers:
        stopper.start()
    for stopper in stoppers:
        stopper.join()
    assert {bench.wait(build_id).build["buildStatus"] for build_id in started} == {"STOPPED"}
    assert marked(mark) == []


def test_lines_wait_while_the_disk_is_full(make_bench, tmp_path):
    bench = make_bench()
    go, end = tmp_path / "go", tmp_path / "end"
    wait = "until [ -e {} ]; do sleep 0.05; done"
    text = f"echo before; {wait.format(go)}; printf '%05000d\\n' 1 2 3; {wait.format(end)}; echo after"
    build = bench.start(command(text))
    bench.wait_for_line(build, "before")
    database = bench.aws._database
    ((pages,),) = database.select("PRAGMA page_count")
    list(database.select(f"PRAGMA max_page_count = {pages}"))
    go.touch()
    until(lambda: database.failure is not None)
    list(database.select("PRAGMA max_page_count = 1000000"))
    end.touch()
    result = bench.wait(build)
    assert result.outcome == "succeeded"
    assert result.lines[-4:] == [*(f"{number:05000}" for number in (1, 2, 3)), "after"]
