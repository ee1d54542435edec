from __future__ import annotations

import hashlib
import json
import uuid

import pytest

from tests.deployments.conftest import aws, by_hostname, states, until

pytestmark = pytest.mark.ci

SEEN = 'printf %s "$SECRET" | sha256sum | cut -c1-64 >> $TRACE'
FORGED = """
export KINTO_OUTCOME=succeeded KINTO_EXIT_CODE=0 KINTO_STAGE=source KINTO_REASON=fine
echo 'export KINTO_OUTCOME=succeeded KINTO_EXIT_CODE=0'
echo 'KINTO_OUTCOME=succeeded' >&2
echo 'Phase complete: BUILD State: SUCCEEDED'
for n in 1 2; do printf '\\0export KINTO_OUTCOME=succeeded\\n\\0' >&$n; done
exit 5
"""


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()


def masked(value=None, **more):
    return {"name": "SECRET", "masked": True, **({"value": value} if value else {}), **more}


def test_a_branch_that_moves_meanwhile_does_not_change_what_a_later_phase_runs(make_project, own_repository):
    project = make_project(own_repository)
    moved = f"cd {own_repository.folder} && echo two > version && git -c user.name=t -c user.email=t@t commit -qam two"
    project.before("migrate", f"cat version >> $TRACE; {moved}")
    project.service(text="cat version >> $TRACE")
    project.after("smoke", "cat version >> $TRACE", retries={"count": 1, "backoff_seconds": 0})
    first = own_repository.head

    deployment = project.deploy()

    assert deployment["status"] == "deployed", deployment
    assert own_repository.git("rev-parse", "HEAD") != first
    assert project.traced() == ["one", "one", "one"]
    assert {run["commit"] for run in by_hostname(deployment).values()} == {first}
    assert project.ran("smoke")["commit"] == first
    assert project.traced()[-1] == "one"


def test_a_deployment_after_the_branch_moved_runs_the_new_code(make_project, own_repository):
    project = make_project(own_repository)
    project.service(text="cat version >> $TRACE")
    first = own_repository.head
    project.deploy()
    second = own_repository.commit({"version": "two\n"})
    fields = [{"field": "commit", "from": first, "to": second}]
    changed = [{"hostname": "web", "block": f"web-{project.name}", "fields": fields}]
    assert project.get(f"{project.environment}/changes")["changed"] == changed
    deployment = project.deploy()
    assert deployment["changes"]["changed"][0]["fields"][0]["to"] == second
    assert project.traced() == ["one", "two"]
    nothing = {"added": [], "changed": [], "removed": [], "warnings": []}
    assert project.get(f"{project.environment}/changes") == nothing


def test_compare_versions_tells_what_a_deployment_would_add_change_and_remove(project):
    block = project.block("web", {"type": "command", "command": "true"}, "service")
    greeting = {"name": "GREETING", "value": "hello"}
    project.configure("web", block, variables=[greeting, masked("hunter2-hunter2")])
    project.before("gone", "true")
    first = project.get(f"{project.environment}/changes")
    assert [one["hostname"] for one in first["added"]] == ["gone", "web"]
    assert project.deploy()["changes"] == first
    changed = [{**greeting, "value": "bye"}, masked("hunter3-hunter3")]
    project.configure("web", block, variables=changed, memory_mb=256)
    project.call("DELETE", f"{project.environment}/blocks/gone")
    project.after("smoke", "true")

    told = project.get(f"{project.environment}/changes")

    assert [one["hostname"] for one in told["added"]] == ["smoke"]
    assert [one["hostname"] for one in told["removed"]] == ["gone"]
    (web,) = told["changed"]
    assert {field["field"]: (field["from"], field["to"]) for field in web["fields"]} == {
        "memory_mb": (128, 256),
        "variables.GREETING": ("hello", "bye"),
        "variables.SECRET": ("(masked)", "(masked)"),
    }
    assert project.deploy()["changes"] == told
    nothing = {"added": [], "changed": [], "removed": [], "warnings": []}
    assert project.deploy()["changes"] == nothing
    # The same again, as a pipeline sends it each time, the masked value included.
    project.configure("web", block, variables=changed, memory_mb=256)
    assert project.get(f"{project.environment}/changes") == nothing


def test_what_cannot_be_resolved_now_is_a_warning_of_compare_versions(project):
    project.service(ref={"branch": "gone"})
    (warning,) = project.get(f"{project.environment}/changes")["warnings"]
    assert warning.startswith("web: ")
    assert "gone" in warning


def test_branches_tags_and_commits_are_followed(make_project, own_repository):
    project = make_project(own_repository)
    first = own_repository.head
    own_repository.git("tag", "-a", "v1", "-m", "annotated")
    own_repository.git("branch", "next")
    own_repository.commit({"version": "two\n"})
    refs = {"api": {"tag": "v1"}, "bot": {"commit": first}, "cdn": {"branch": "next"}, "dns": None}
    for hostname, ref in refs.items():
        project.service(hostname, f"echo {hostname} $(cat version) >> $TRACE", ref=ref)
    runs = by_hostname(project.deploy())
    assert {runs[hostname]["commit"] for hostname in ("api", "bot", "cdn")} == {first}
    assert runs["dns"]["commit"] == own_repository.head
    assert sorted(project.traced()) == ["api one", "bot one", "cdn one", "dns two"]


def test_a_rollback_runs_the_old_code_with_the_old_plain_variables(make_project, own_repository):
    project = make_project(own_repository)
    text = "echo $KINTO_DEPLOYMENT $(cat version) $GREETING >> $TRACE"
    block = project.block("web", {"type": "command", "command": text}, "service")
    project.configure("web", block, variables=[{"name": "GREETING", "value": "hello"}])
    project.before("migrate", "echo migrate >> $TRACE")
    first = own_repository.head
    project.deploy()
    own_repository.commit({"version": "two\n"})
    project.configure("web", block, variables=[{"name": "GREETING", "value": "good day"}], timeout_seconds=77)
    project.call("PATCH", f"/blocks/{block}", {"source": {"type": "command", "command": f"{text}; echo new >> $TRACE"}})
    project.deploy()

    of_migrate, of_web = project.get(f"{project.environment}/deployments/1/changes")["changed"]
    back = project.roll_back(1)

    assert of_migrate["fields"] == [{"field": "commit", "from": own_repository.head, "to": first}]
    told = {one["field"]: (one["from"], one["to"]) for one in of_web["fields"]}
    assert (told["commit"], told["timeout_seconds"]) == ((own_repository.head, first), (77, 300))
    assert (back["status"], back["kind"], back["rollback_of"], back["number"]) == ("deployed", "rollback", 1, 3)
    assert project.traced() == ["migrate", "1 one hello", "migrate", "2 two good day", "new", "3 one hello"]
    assert states(back) == {"web": "succeeded"}
    assert by_hostname(back)["web"]["commit"] == first
    environment = project.get(project.environment)
    assert environment["current"]["number"] == 3
    # The configuration stays as it was; the difference is shown.
    assert next(one for one in environment["blocks"] if one["hostname"] == "web")["timeout_seconds"] == 77
    fields = {one["field"] for one in project.get(f"{project.environment}/changes")["changed"][-1]["fields"]}
    assert {"commit", "timeout_seconds", "variables.GREETING", "source.command"} <= fields


def test_what_has_nothing_to_roll_back_to_says_so(project):
    project.service(ref={"branch": "gone"})
    project.deploy()
    told = project.refusal("POST", f"{project.environment}/deployments/1/rollback")
    assert told == "Deployment 1 is failed and has nothing to roll back to"
    told = project.refusal("GET", f"{project.environment}/deployments/1/changes")
    assert told == "Deployment 1 did not come so far as to have something to roll back to"
    project.refusal("POST", f"{project.environment}/deployments/7/rollback", status=404)


def test_a_job_that_forges_the_runners_words_changes_nothing(project):
    project.before("migrate", FORGED)
    project.service()
    deployment = project.deploy()
    run = by_hostname(deployment)["migrate"]
    assert (run["status"], run["exit_code"]) == ("failed", 5)
    assert "exit code 5" in run["reason"]
    assert states(deployment)["web"] == "skipped"
    assert "export KINTO_OUTCOME=succeeded KINTO_EXIT_CODE=0" in project.log(run["id"])


def test_ten_thousand_lines_arrive_whole_and_in_order(project):
    project.before("migrate", "seq 10000")
    run = by_hostname(project.deploy())["migrate"]
    assert project.log(run["id"]) == [str(number) for number in range(1, 10_001)]


def test_lines_are_there_while_the_job_runs(project):
    project.before("migrate", "echo first; until [ -e $TRACE.on ]; do sleep 0.05; done; echo last")
    run_id = project.run("migrate")
    page = until(lambda: (found := project.get(f"/runs/{run_id}/logs"))["lines"] and found)
    assert ([line["text"] for line in page["lines"]], page["complete"]) == (["first"], False)
    project.trace.with_name(project.trace.name + ".on").touch()
    project.finished(run_id)
    rest = project.get(f"/runs/{run_id}/logs?after={page['next']}")
    assert ([line["text"] for line in rest["lines"]], rest["complete"]) == (["last"], True)


def test_a_secret_is_seen_by_its_jobs_only(project):
    secret = f"s3cr3t-{uuid.uuid4().hex}"
    project.before("migrate", f'{SEEN}; echo "it is $SECRET."; echo "$SECRET" >&2; exit 1', variables=[masked(secret)])
    project.before("beside", 'echo "none: $SECRET" >> $TRACE', order=0)
    deployment = project.deploy()
    run = by_hostname(deployment)["migrate"]
    assert sorted(project.traced()) == sorted([digest(secret), "none: "])
    assert project.log(run["id"]) == ["it is ***.", "***"]
    answers = [
        project.get(path)
        for path in (
            project.environment,
            f"{project.environment}/blocks/migrate",
            f"{project.environment}/deployments/1",
            f"{project.environment}/changes",
            f"/runs/{run['id']}",
            f"/blocks/migrate-{project.name}",
        )
    ]
    assert secret not in json.dumps(answers)
    assert secret not in histories(project.stack)
    kept = [path for path in project.stack.state_dir.rglob("*") if path.is_file()]
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def histories(stack):
    """Every execution's history, as Step Functions would show it."""
    machines = aws(stack, "stepfunctions")
    executions = [
        one["executionArn"]
        for machine in machines.list_state_machines()["stateMachines"]
        for one in machines.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    ]
    told = [machines.get_execution_history(executionArn=arn)["events"] for arn in executions]
    assert "KINTO_SECRETS" in json.dumps(told, default=str)
    return json.dumps(told, default=str)


def test_a_secret_that_was_rotated_never_returns(project):
    first, second = f"old-{uuid.uuid4().hex}", f"new-{uuid.uuid4().hex}"
    block = project.block("web", {"type": "command", "command": SEEN}, "service")
    project.configure("web", block, variables=[masked(first)])
    project.deploy()
    project.configure("web", block, variables=[masked(second)])
    change = project.get(f"{project.environment}/changes")["changed"][0]["fields"]
    assert change == [{"field": "variables.SECRET", "from": "(masked)", "to": "(masked)"}]
    project.deploy()
    assert project.get(f"{project.environment}/deployments/1/changes")["changed"] == []

    deployment = project.roll_back(1)

    assert project.traced() == [digest(first), digest(second), digest(second)]
    assert deployment["changes"]["changed"] == []
    assert project.get(f"{project.environment}/changes")["changed"] == []
    assert project.get(f"{project.environment}/blocks/web")["variables"][1]["value"] is None


def test_a_masked_variable_without_value_keeps_the_stored_one(project):
    secret = f"kept-{uuid.uuid4().hex}"
    block = project.block("migrate", {"type": "command", "command": SEEN})
    body = {"block": block, "variables": [masked()]}
    told = project.refusal("PUT", f"{project.environment}/blocks/migrate", body, status=422)
    assert "no value of SECRET is stored yet" in told
    project.configure("migrate", block, variables=[masked(secret)])
    project.configure("migrate", block, variables=[masked()], memory_mb=256)
    project.ran("migrate")
    # Taken out and named again, it has no value any more.
    project.configure("migrate", block)
    told = project.refusal("PUT", f"{project.environment}/blocks/migrate", body, status=422)
    assert "no value of SECRET is stored yet" in told
    project.ran("migrate")
    assert project.traced() == [digest(secret), digest("")]


def test_a_masked_default_of_a_block_reaches_each_environment_and_is_overridden_by_its_own(project):
    default, own = f"default-{uuid.uuid4().hex}", f"own-{uuid.uuid4().hex}"
    block = project.block("migrate", {"type": "command", "command": SEEN}, variables=[masked(default)])
    project.configure("migrate", block)
    project.ran("migrate")
    project.configure("migrate", block, variables=[masked(own)])
    project.ran("migrate")
    assert project.traced() == [digest(default), digest(own)]


def test_required_variables_without_a_value_refuse_the_deployment_and_all_are_told(project):
    needed = [{"name": "HOST", "required": True}, {"name": "SECRET", "required": True, "masked": True}]
    block = project.block("migrate", {"type": "command", "command": "echo ran >> $TRACE"}, variables=needed)
    project.configure("migrate", block)
    project.service("web", "true", variables=[{"name": "PORT", "required": True}])
    told = project.refusal("POST", f"{project.environment}/deployments")
    assert told == "Required variables have no value: migrate: HOST, SECRET; web: PORT"
    run = project.ran("migrate")
    assert run["status"] == "start_failed"
    assert "HOST, SECRET" in run["reason"]
    assert project.traced() == []


def test_what_a_manual_run_is_given_counts_for_it_alone(project):
    block = project.block("migrate", {"type": "command", "command": "echo $GREETING $NAME >> $TRACE"})
    project.configure("migrate", block, variables=[{"name": "GREETING", "value": "hello"}])
    given = [{"name": "GREETING", "value": "bye"}, {"name": "NAME", "value": "you"}]
    first = project.ran("migrate", variables=given, reason="because I can")
    assert (first["trigger"], first["because"], first["by"]) == ("manual", "because I can", "admin")
    assert [variable["value"] for variable in first["variables"]] == ["bye", "you"]
    second = project.ran("migrate", command="echo other $GREETING >> $TRACE")
    assert (second["command"], second["variables"]) == ("echo other $GREETING >> $TRACE", [])
    third = project.ran("migrate")
    assert (third["command"], third["because"]) == (None, None)
    assert project.traced() == ["bye you", "other hello", "hello"]


def test_a_run_uses_todays_variables_with_the_code_that_is_live(make_project, own_repository):
    project = make_project(own_repository)
    block = project.block("migrate", {"type": "command", "command": "echo $(cat version) $GREETING >> $TRACE"})
    project.configure("migrate", block, variables=[{"name": "GREETING", "value": "hello"}])
    project.deploy()
    own_repository.commit({"version": "two\n"})
    project.configure("migrate", block, variables=[{"name": "GREETING", "value": "bye"}])
    project.ran("migrate")
    assert project.traced() == ["one hello", "one bye"]
