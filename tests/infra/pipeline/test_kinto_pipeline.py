from __future__ import annotations

import ast
import json
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app import app
from chalicelib.api import openapi
from infra.pipeline import kinto_pipeline
from tests.certificates import authority, serving

pytestmark = pytest.mark.ci

FOLDER = Path(kinto_pipeline.__file__).parent
BUILD = {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "1"}


def masked(name, of):
    return {"name": name, "value": {"from_env": of}, "masked": True, "required": True}


def test_an_environment_is_made_from_nothing_deployed_and_followed(pipeline):
    pipeline.job("migrate", "echo migrating", run={"mode": "run_once"})
    pipeline.job("web", "echo deploying", "service")
    pipeline.job("nightly", "true", run={"mode": "repeat_schedule", "cron": "0 8 * * *"})
    pipeline.job("reindex", "true", run={"mode": "manual"})
    pipeline.told["environment"]["on_post_deployment_failure"] = "fail"
    code, output, errors = pipeline.run("--wait")
    assert (code, errors) == (0, "")
    told = [" ".join(line.split()) for line in output.splitlines()]
    assert f"project {pipeline.name} created" in told
    assert "environment prod changed: name, on_post_deployment_failure" in told
    assert "configured migrate ONCE BEFORE DEPLOYMENT" in told
    assert any(line.startswith("configured nightly REPEATS ") for line in told)
    assert "configured reindex RUNS MANUALLY" in told
    assert any(line.endswith("before migrate succeeded, exit code 0") for line in told)
    assert any(line.endswith("deploy web succeeded, exit code 0") for line in told)
    assert told[-1] == f"deployment 1 of {pipeline.name}/prod is deployed"
    environment = pipeline.get(pipeline.path)
    assert (environment["status"], environment["name"]) == ("deployed", "Production")
    assert environment["on_post_deployment_failure"] == "fail"


def test_a_second_time_nothing_is_changed(pipeline):
    pipeline.job("migrate", "true")
    block = pipeline.told["blocks"][f"migrate-{pipeline.name}"]
    block["variables"] = [{"name": "A", "value": "1"}, {"name": "B", "required": True}]
    block["repository"]["source_folder"] = "database"
    assert pipeline.run("--configure-only")[0] == 0
    before = [pipeline.get(f"/blocks/migrate-{pipeline.name}"), pipeline.get(f"/projects/{pipeline.name}")]
    code, output, _ = pipeline.run("--configure-only")
    assert code == 0
    assert [line.split()[2] for line in output.splitlines()[1:4]] == ["unchanged"] * 3
    assert [pipeline.get(f"/blocks/migrate-{pipeline.name}"), pipeline.get(f"/projects/{pipeline.name}")] == before
    assert pipeline.deployments() == []


def test_what_differs_is_changed_and_nothing_is_left_of_what_was(pipeline):
    pipeline.job("migrate", "true")
    name = f"migrate-{pipeline.name}"
    block = pipeline.told["blocks"][name]
    block["source"]["build"], block["repository"]["source_folder"] = "make", "database"
    block["variables"] = [{"name": "A", "value": "1"}]
    assert pipeline.run("--configure-only")[0] == 0
    del block["source"]["build"], block["repository"]["source_folder"], block["variables"]
    pipeline.told["environment"]["on_post_deployment_failure"] = "rollback"
    code, output, _ = pipeline.run("--configure-only")
    assert code == 0
    assert "changed: repository, variables, source" in output
    assert "changed: on_post_deployment_failure" in output
    present = pipeline.get(f"/blocks/{name}")
    assert (present["source"]["build"], present["repository"]["source_folder"]) == (None, "")
    assert present["variables"] == []


def test_another_environment_of_a_project_is_made_with_all_that_is_said_of_it(pipeline):
    assert pipeline.run("--configure-only")[0] == 0
    role = "arn:aws:iam::123456789012:role/kintoblocks/shop-dev"
    pipeline.told["environment"] = {"internal_name": "dev", "name": "Dev", "role_arn": role}
    code, output, errors = pipeline.run("--configure-only")
    assert (code, errors) == (0, "")
    assert "environment  dev                      created" in output
    assert pipeline.get(f"/projects/{pipeline.name}/environments/dev")["role_arn"] == role
    assert "environment  dev                      unchanged" in pipeline.run("--configure-only")[1]


def test_a_block_is_for_the_projects_that_the_file_says(pipeline):
    pipeline.job("migrate", "true")
    name = f"migrate-{pipeline.name}"
    pipeline.told["blocks"][name]["projects"] = [pipeline.name]
    code, _, errors = pipeline.run("--configure-only")
    assert (code, errors) == (0, "")
    assert pipeline.get(f"/blocks/{name}")["projects"] == [pipeline.name]
    assert "changed:" not in pipeline.run("--configure-only")[1]
    pipeline.told["blocks"][name]["projects"] = None
    assert "changed: projects" in pipeline.run("--configure-only")[1]
    assert pipeline.get(f"/blocks/{name}")["projects"] is None


def test_a_block_of_another_source_type_becomes_that(pipeline):
    pipeline.job("migrate", "true")
    name = f"migrate-{pipeline.name}"
    assert pipeline.run("--configure-only")[0] == 0
    pipeline.told["blocks"][name] = {"source": {"type": "image", "image": "public.ecr.aws/docker/library/alpine:3.20"}}
    code, _, errors = pipeline.run("--configure-only")
    assert (code, errors) == (0, "")
    present = pipeline.get(f"/blocks/{name}")
    assert (present["source"]["type"], present["repository"]) == ("image", None)


def test_a_failing_job_is_told_with_its_last_lines_and_ends_with_1(pipeline):
    pipeline.job("migrate", "seq 1 30; echo the table is locked; exit 7")
    pipeline.job("web", "true", "service")
    code, output, _ = pipeline.run("--wait")
    assert code == 1
    assert "failed, exit code 7" in output
    lines = [line.strip() for line in output.splitlines() if line.strip().startswith("|")]
    assert lines == [*(f"| {number}" for number in range(12, 31)), "| the table is locked"]
    assert "is failed: " in output.splitlines()[-1]
    assert "skipped" in output


def test_what_a_job_prints_commands_neither_the_ci_nor_a_terminal(pipeline):
    said = r"##vso[task.complete result=Succeeded;]x##[set-env name=A]B\n"
    said += r"\033[31mred\033[0m\r::set-output name=a::b\n## a title"
    pipeline.job("migrate", f"printf '{said}\\n'; exit 7")
    pipeline.job("web", "true", "service")
    code, output, _ = pipeline.run("--wait")
    assert code == 1
    assert [line.strip() for line in output.splitlines() if line.strip().startswith("|")] == [
        "| # #vso[task.complete result=Succeeded;]x# #[set-env name=A]B",
        "| red ::set-output name=a::b",
        "| ## a title",
    ]


def test_failures_after_the_deployment_end_with_2(pipeline):
    pipeline.job("web", "true", "service")
    pipeline.job("smoke-test", "exit 1", run={"mode": "run_once", "phase": "post_deployment"})
    code, output, _ = pipeline.run("--wait")
    assert code == 2
    assert "is deployed_with_failures" in output


def test_masked_values_come_from_the_environment_of_the_step(pipeline):
    pipeline.job("migrate", 'test "$PASSWORD" = "s3cret value" && echo "it is $PASSWORD"; exit 3')
    pipeline.told["configured_blocks"]["migrate"]["variables"] = [masked("PASSWORD", "PROD_PASSWORD")]
    code, output, errors = pipeline.run("--wait", PROD_PASSWORD="s3cret value")
    assert code == 1
    assert "| it is ***" in output
    assert "s3cret" not in output + errors


def test_everything_that_is_wrong_with_the_file_is_told_at_once_and_nothing_is_done(pipeline):
    pipeline.job("migrate", "true", variables=[masked("A", "ONE"), masked("B", "TWO")])
    pipeline.told["configured_blocks"]["migrate"]["variables"] += [{"name": "C", "value": "x", "masked": True}]
    pipeline.told["bloks"] = {}
    del pipeline.told["environment"]["internal_name"]
    code, output, errors = pipeline.run("--wait")
    assert (code, output) == (3, "")
    for told in ("ONE is not set", "TWO is not set", "C: no masked value", "bloks: not known", "environment: write"):
        assert told in errors
    assert pipeline.stack.request("GET", f"/projects/{pipeline.name}")[0] == 404


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"project": 1, "environment": [], "blocks": [1]}', "3"])
def test_a_file_that_is_nothing_of_the_kind_is_refused_in_a_sentence(text):
    with pytest.raises(kinto_pipeline.Stop, match="the file"):
        kinto_pipeline.read(text, {})


def test_what_the_api_refuses_is_told_field_by_field(pipeline):
    pipeline.job("migrate", "true", memory_mb=1, run={"mode": "repeat_schedule", "cron": "61 * * * *"})
    code, _, errors = pipeline.run()
    assert code == 3
    assert "\n    memory_mb: " in errors
    assert "\n    run.cron: " in errors


def test_what_the_file_lacks_is_taken_out_only_when_asked(pipeline):
    pipeline.job("old", "true")
    pipeline.job("new", "true")
    assert pipeline.run("--configure-only")[0] == 0
    del pipeline.told["configured_blocks"]["old"]
    assert "left alone   old" in pipeline.run("--configure-only")[1]
    assert len(pipeline.get(pipeline.path)["blocks"]) == 2
    assert "removed      old" in pipeline.run("--configure-only", "--prune")[1]
    assert [block["hostname"] for block in pipeline.get(pipeline.path)["blocks"]] == ["new"]


def test_a_repeated_step_deploys_once_and_a_new_attempt_again(pipeline):
    pipeline.job("migrate", "true")
    assert pipeline.run("--wait", **BUILD)[0] == 0
    code, output, _ = pipeline.run("--wait", **BUILD)
    assert code == 0
    assert "deployment 1 of" in output
    assert "started before by this build" in output
    assert pipeline.run("--wait", **{**BUILD, "GITHUB_RUN_ATTEMPT": "2"})[0] == 0
    assert [one["number"] for one in pipeline.deployments()] == [2, 1]


def test_a_deployment_that_runs_already_is_named(pipeline):
    pipeline.job("migrate", "sleep 60")
    assert pipeline.run()[0] == 0
    code, _, errors = pipeline.run("--deploy-only")
    assert code == 1
    assert "Deployment 1 of" in errors
    assert pipeline.stack.request("POST", f"{pipeline.path}/deployments/1/cancel")[0] == 200


def test_out_of_time_is_no_outcome(pipeline):
    pipeline.job("migrate", "sleep 60")
    code, _, errors = pipeline.run("--wait", "--timeout", "1")
    assert code == 3
    assert "out of time" in errors
    assert pipeline.stack.request("POST", f"{pipeline.path}/deployments/1/cancel")[0] == 200


def test_a_cancelled_deployment_ends_with_1(pipeline, spoiled):
    pipeline.job("migrate", "sleep 60")

    def cancel(method, path):
        if path.endswith("/deployments/1") and len([one for one in spoiled.seen if one[1] == path]) == 2:
            assert pipeline.stack.request("POST", f"{pipeline.path}/deployments/1/cancel")[0] == 200

    spoiled.spoil = cancel
    code, output, _ = pipeline.run("--wait", url=spoiled.url)
    assert code == 1
    assert "is cancelled" in output


@pytest.mark.parametrize("fate", [503, "lost"])
@pytest.mark.parametrize(("method", "ending"), [("GET", "/blocks/{name}"), ("POST", "/blocks"), ("PUT", "/migrate")])
def test_what_passes_is_tried_again(pipeline, spoiled, fate, method, ending):
    pipeline.job("migrate", "true")
    spoiled.once(fate, method, ending.format(name=f"migrate-{pipeline.name}"))
    code, _, errors = pipeline.run("--configure-only", url=spoiled.url)
    assert (code, errors.count("trying again")) == (0, 1), errors


@pytest.mark.parametrize("fate", [503, "lost"])
@pytest.mark.parametrize(("method", "ending"), [("POST", "/deployments"), ("GET", "/deployments/1")])
def test_a_deployment_whose_answer_is_lost_is_started_once(pipeline, spoiled, fate, method, ending):
    pipeline.job("migrate", "true")
    spoiled.once(fate, method, ending)
    code, output, errors = pipeline.run("--wait", url=spoiled.url)
    assert (code, errors.count("trying again")) == (0, 1), errors
    assert len(pipeline.deployments()) == 1
    assert ("started before" in output) is ((fate, method) == ("lost", "POST"))


def test_removing_what_a_lost_answer_has_removed_is_well(pipeline, spoiled):
    pipeline.job("old", "true")
    assert pipeline.run("--configure-only")[0] == 0
    del pipeline.told["configured_blocks"]["old"]
    spoiled.once("lost", "DELETE", "/blocks/old")
    assert pipeline.run("--configure-only", "--prune", url=spoiled.url)[0] == 0


def test_giving_up_says_what_was_the_matter(pipeline, spoiled):
    spoiled.spoil = lambda method, path: 503
    code, _, errors = pipeline.run("--patience", "1", url=spoiled.url)
    assert code == 3
    assert "answered 503: spoiled" in errors.splitlines()[-1]
    code, _, errors = pipeline.run("--patience", "0", url="http://127.0.0.1:9")
    assert code == 3
    assert "no answer from http://127.0.0.1:9" in errors


def test_the_token_follows_no_redirection(pipeline, spoiled):
    spoiled.spoil = lambda method, path: 302
    code, _, errors = pipeline.run(url=spoiled.url)
    assert code == 3
    assert "302" in errors
    assert len(spoiled.seen) == 1


def test_a_wrong_token_is_told_and_no_token_is_asked_for(pipeline):
    code, _, errors = pipeline.run(KINTO_TOKEN="wrong")
    assert code == 3
    assert "401: This token is not valid" in errors
    code, _, errors = pipeline.run(KINTO_TOKEN="")
    assert code == 3
    assert "set KINTO_URL (https://...) and KINTO_TOKEN" in errors


@pytest.mark.parametrize("token", ["a\nb", "é"])
def test_what_can_be_no_token_is_not_taken_for_a_wrong_address(pipeline, token):
    code, _, errors = pipeline.run(KINTO_TOKEN=token)
    assert (code, "KINTO_TOKEN (one token)" in errors) == (3, True)


@pytest.mark.parametrize("name", ["with space", "büro"])
def test_a_name_that_is_none_is_the_apis_to_refuse(pipeline, name):
    pipeline.told["blocks"][name] = {"source": {"type": "image", "image": "a:1"}}
    code, _, errors = pipeline.run("--patience", "5")
    assert code == 3
    assert "internal_name: " in errors
    assert "trying again" not in errors


def test_wrong_options_are_no_outcome(pipeline):
    code, _, errors = pipeline.run("--nonsense")
    assert code == 3
    assert "--nonsense" in errors
    assert pipeline.run("--help")[0] == 0


def test_python_39_runs_it(pipeline, absent):
    named = [shutil.which("python3.9"), *map(str, Path.home().glob(".pyenv/versions/3.9*/bin/python"))]
    python = next((one for one in reversed(named) if one), None)
    if python is None:
        absent("there is no Python 3.9 here")
    pipeline.job("migrate", "exit 7", variables=[masked("A", "SECRET")])
    code, output, errors = pipeline.run("--wait", python=python, SECRET="s3cret")
    assert (code, errors) == (1, "")
    assert "exit code 7" in output


def test_it_is_written_in_the_language_of_python_39():
    ast.parse((FOLDER / "kinto_pipeline.py").read_text(), feature_version=(3, 9))


def test_the_example_is_accepted(pipeline):
    example = json.loads((FOLDER / "example.json").read_text())
    names = {name: f"{name}-{pipeline.name}" for name in example["blocks"]}
    pipeline.told = {**example, "project": pipeline.told["project"]}
    pipeline.told["blocks"] = {names[name]: block for name, block in example["blocks"].items()}
    pipeline.told["configured_blocks"] = {
        hostname: {**one, "block": names[one.get("block", hostname)]}
        for hostname, one in example["configured_blocks"].items()
    }
    values = {"GITHUB_SHA": "a" * 40, "DATABASE_URL": "postgres://", "PGPASSWORD": "x"}
    for _ in range(2):
        code, output, errors = pipeline.run("--configure-only", **values)
        assert (code, errors) == (0, "")
    assert [line.split()[0] for line in output.splitlines() if "unchanged" in line] == [
        *("project", "environment"),
        *("block", "block", "block"),
    ]


def test_what_the_file_may_be_silent_about_is_what_the_api_fills_in():
    schemas = openapi.document(app, "KintoBlocks", "1")["components"]["schemas"]
    usual = {
        field: told["default"]
        for kind in ("Repository", "Variable", "DockerFile", "Image", "Command")
        for field, told in schemas[kind]["properties"].items()
        if told.get("default") is not None and field != "type"
    }
    assert usual == kinto_pipeline.USUAL


@pytest.mark.parametrize("names", kinto_pipeline.BUILDS)
def test_the_key_is_that_of_the_build_and_the_file(names):
    build = dict.fromkeys(names.split(), "1")
    key = kinto_pipeline.build_key(build, "{}")
    assert key == kinto_pipeline.build_key({**build, "OTHER": "x"}, "{}")
    others = [{**build, name: "2"} for name in build]
    keys = [key, kinto_pipeline.build_key(build, "{ }"), *(kinto_pipeline.build_key(other, "{}") for other in others)]
    assert len(set(keys)) == len(keys)


def test_without_a_build_every_key_is_another():
    assert kinto_pipeline.build_key({}, "{}") != kinto_pipeline.build_key({}, "{}")


def test_a_run_whose_log_never_ends_does_not_hold_the_pipeline_up():
    asked = []

    def api(method, path, body=None, key=""):
        asked.append(path)
        return {"lines": [], "next": "x", "complete": False}

    assert list(kinto_pipeline._last_lines(api, "r")) == []
    assert len(asked) == 4


def test_rejected_certificate_is_not_tried_again(tmp_path):
    _, context = authority(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    with serving(server, context) as port, pytest.raises(kinto_pipeline.Stop) as caught:
        kinto_pipeline.Api(f"https://127.0.0.1:{port}", "token", 0)("GET", "/health")
    assert caught.value.again is None
    with pytest.raises(kinto_pipeline.Stop) as caught:
        kinto_pipeline.Api("https://127.0.0.1:1", "token", 0)("GET", "/health")
    assert caught.value.again == 0.0
