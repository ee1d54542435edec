from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from infra.local.engine import Engine, choose
from tests.deployments import refusing
from tests.deployments.conftest import Repository, aws, by_hostname, living, states, until

pytestmark = pytest.mark.ci

SCRATCH = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nCOPY version /version\n"
ENTRY = 'ENTRYPOINT ["/bin/sh", "-c", "echo from the image; exit $CODE"]\n'
# 200 MB in memory: the shell's own variable grows until the limit ends it.
HUNGRY = "x=0123456789abcdef; while :; do x=$x$x; done"


@pytest.fixture(scope="module")
def engine(tmp_path_factory, absent):
    """`engine("rmi", ...)`: the container engine that the stack uses too."""
    found = choose(tmp_path_factory.mktemp("engine") / "engine.json", os.environ["PATH"])
    if not isinstance(found, Engine):
        absent(f"no container engine works here: {found}")
    if shutil.which("busybox") is None:
        absent("busybox-static is not installed")

    def call(*arguments):
        environment = {**os.environ, **found.environment}
        done = subprocess.run([found.program, *arguments], env=environment, capture_output=True, text=True, check=False)
        return done.stdout.split()

    return call


@pytest.fixture
def images(engine, tmp_path):
    """A repository with a Docker File; what was built of it goes afterwards."""
    before = set(engine("images", "--quiet", "--all"))
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": SCRATCH + ENTRY, "busybox": Path(shutil.which("busybox")).read_bytes()})
    yield repository
    for image in set(engine("images", "--quiet", "--all")) - before:
        engine("rmi", "--force", image)


@pytest.fixture
def project(make_project, images):
    return make_project(images)


def docker_file(project, name, flavor="job", **source):
    return project.block(name, {"type": "dockerfile", **source}, flavor)


def add(project, hostname, command=None, phase="pre_deployment", code="0", dockerfile=None, **more):
    """A job of the repository's Docker File."""
    source = {"command": command} if command else {}
    source |= {"dockerfile": dockerfile} if dockerfile else {}
    variables = [{"name": "CODE", "value": code}, *more.pop("variables", ())]
    run = {"mode": "run_once", "phase": phase}
    return project.configure(hostname, docker_file(project, hostname, **source), run=run, variables=variables, **more)


def image_builds(stack):
    """How many builds the image project has had."""
    return len(aws(stack, "codebuild").list_builds_for_project(projectName="kinto-local-image")["ids"])


def shown(project, run_id):
    """The lines of a run that goes on."""
    return [line["text"] for line in project.get(f"/runs/{run_id}/logs")["lines"]]


def test_an_image_that_two_blocks_share_is_built_once_and_not_again_for_the_same_commit(project):
    add(project, "migrate", code="0")
    add(project, "seed", "echo the command")
    add(project, "smoke", phase="post_deployment")
    before = image_builds(project.stack)

    first = project.deploy()

    assert first["status"] == "deployed", first
    assert image_builds(project.stack) - before == 1
    runs = by_hostname(first)
    assert len({run["image"] for run in runs.values()}) == 1
    assert project.log(runs["seed"]["id"])[-1] == "the command"
    assert project.log(runs["smoke"]["id"]) == ["from the image"]

    assert project.deploy()["status"] == "deployed"
    assert project.ran("migrate")["status"] == "succeeded"
    assert image_builds(project.stack) - before == 1
    project.repository.commit({"version": "two\n"})
    assert project.ran("migrate")["status"] == "succeeded"
    assert image_builds(project.stack) - before == 1
    changed = project.get(f"{project.environment}/changes")["changed"]
    assert {field["field"] for one in changed for field in one["fields"]} == {"commit", "image"}
    assert project.deploy()["status"] == "deployed"
    assert image_builds(project.stack) - before == 2
    assert project.roll_back(1)["status"] == "deployed"
    assert image_builds(project.stack) - before == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [("FROM scratch\nCOPY missing /missing\n", "could not be built"), (None, "no Docker File 'Broken'")],
)
def test_a_broken_docker_file_stops_before_the_migration_runs(project, text, told):
    project.before("migrate", "echo migrate >> $TRACE")
    if text:
        project.repository.commit({"Broken": text})
    block = docker_file(project, "web", "service", dockerfile="Broken", command="echo web")
    project.configure("web", block)
    other = docker_file(project, "api", "service", dockerfile="Broken", command="echo api")
    project.configure("api", other)
    project.after("smoke", "echo smoke >> $TRACE")

    deployment = project.deploy()

    why = deployment["reason"]
    assert deployment["status"] == "failed"
    assert why.startswith("Services did not succeed: api (start_failed: ")
    assert told in why
    runs = by_hostname(deployment)
    for hostname in ("api", "web"):
        assert runs[hostname]["status"] == "start_failed"
        assert told in runs[hostname]["reason"]
    for hostname in ("migrate", "smoke"):
        assert (runs[hostname]["status"], runs[hostname]["reason"]) == ("skipped", why)
    assert project.traced() == []
    assert project.get(project.environment)["current"] is None


def test_refused_migration_never_counts_as_succeeded(start_stack, make_project, images):
    project = make_project(images, stack=start_stack(module="tests.deployments.refusing"))
    add(project, "migrate", variables=[{"name": "ROLE", "value": refusing.MARK}])
    project.service("web", "echo web >> $TRACE")
    project.after("smoke", "echo smoke >> $TRACE")

    deployment = project.deploy()

    assert image_builds(project.stack) == 1
    migrate, web, smoke = (by_hostname(deployment)[hostname] for hostname in ("migrate", "web", "smoke"))
    assert (migrate["status"], migrate["exit_code"]) == ("start_failed", None)
    assert refusing.MESSAGE in migrate["reason"]
    assert deployment["status"] == "failed"
    assert deployment["reason"].startswith("Pre-deployment job did not succeed: migrate")
    assert (web["status"], smoke["status"]) == ("skipped", "skipped")
    assert project.traced() == []
    assert project.get(project.environment)["current"] is None


@pytest.mark.parametrize("code", ["0", "1", "3", "137"])
def test_exit_codes_of_containers_are_told_as_they_are(project, code):
    add(project, "migrate", code=code)
    run = project.ran("migrate")
    assert (run["status"], run["exit_code"]) == ("succeeded" if code == "0" else "failed", int(code))


def test_a_container_that_needs_more_than_its_limit_is_out_of_memory(project):
    add(project, "migrate", HUNGRY, memory_mb=64)
    deployment = project.deploy()
    run = by_hostname(deployment)["migrate"]
    assert (run["status"], run["exit_code"]) == ("out_of_memory", 137)
    assert "64 MB" in run["reason"]
    assert deployment["reason"] == "Pre-deployment job did not succeed: migrate (out_of_memory)"


def test_a_timeout_leaves_no_container(project, engine):
    before = set(engine("ps", "--all", "--quiet"))
    add(project, "migrate", "echo on; while :; do sleep 1; done", timeout_seconds=2)
    run = project.ran("migrate")
    assert run["status"] == "timed_out"
    assert set(engine("ps", "--all", "--quiet")) <= before


def test_a_cancelled_run_leaves_no_container(project, engine):
    before = set(engine("ps", "--all", "--quiet"))
    add(project, "migrate", "echo on; while :; do sleep 1; done")
    run_id = project.run("migrate")
    until(lambda: "on" in shown(project, run_id))
    assert set(engine("ps", "--all", "--quiet")) - before
    assert project.post(f"/runs/{run_id}/cancel")["status"] == "cancelled"
    until(lambda: set(engine("ps", "--all", "--quiet")) <= before)
    assert project.ran("migrate", command="true")["status"] == "succeeded"


def test_a_deployment_is_cancelled_while_its_images_are_built(project):
    mark = uuid.uuid4().hex
    slow = f'{SCRATCH}RUN ["/bin/sh", "-c", "echo slow; while [ ! -e /{mark} ]; do sleep 1; done"]\n'
    project.repository.commit({"Slow": slow})
    project.before("migrate", "echo migrate >> $TRACE")
    add(project, "api", dockerfile="Slow")
    number = project.start()

    def building():
        runs = by_hostname(project.deployment(number))
        return "api" in runs and "slow" in shown(project, runs["api"]["id"])

    until(building)
    deployment = project.cancel(number)
    assert (deployment["status"], deployment["reason"]) == ("cancelled", "cancelled by admin")
    assert states(deployment) == {"api": "cancelled", "migrate": "skipped"}
    project.call("DELETE", f"{project.environment}/blocks/api")
    assert project.deploy()["status"] == "deployed"
    assert project.traced() == ["migrate"]


def test_a_published_image_runs_without_a_repository_and_without_a_ref(project, engine):
    add(project, "migrate")
    image = project.ran("migrate")["image"]
    name = f"localhost/{project.name}:1"
    engine("tag", image, name)
    source = {"type": "image", "image": name, "command": "echo $KINTO_BLOCK ${KINTO_COMMIT:-none}"}
    block = project.block("report", source)
    project.configure("report", block)
    run = by_hostname(project.deploy())["report"]
    assert (run["status"], run["commit"]) == ("succeeded", None)
    assert project.log(run["id"]) == [f"report-{project.name} none"]
    engine("rmi", "--force", name)


def test_a_secret_reaches_a_container_but_not_its_log(project):
    secret = f"s3cr3t-{uuid.uuid4().hex}"
    variables = [{"name": "SECRET", "value": secret, "masked": True}]
    add(project, "migrate", 'echo "it is $SECRET, ${#SECRET} long"', variables=variables)
    run = project.ran("migrate")
    assert project.log(run["id"])[-1] == f"it is ***, {len(secret)} long"


def test_an_image_that_cannot_be_pulled_is_told(project):
    block = project.block("report", {"type": "image", "image": "localhost:1/not/there:1"})
    project.configure("report", block)
    run = project.ran("report")
    assert run["status"] == "start_failed"
    assert "localhost:1/not/there:1" in run["reason"]


def test_a_kill_during_an_image_build_or_in_a_container_leaves_nothing_of_them(
    start_stack, make_project, images, engine
):
    stack, mark, before = start_stack(), uuid.uuid4().hex, set(engine("ps", "--all", "--quiet"))
    slow = f'{SCRATCH}RUN ["/bin/sh", "-c", "echo slow; while [ ! -e /{mark} ]; do sleep 1; done"]\n'
    images.commit({"Slow": slow})
    building, running = make_project(images, stack=stack), make_project(images, stack=stack)
    add(building, "api", dockerfile="Slow")
    building.after("smoke", "true")
    number = building.start()
    add(running, "migrate", f"echo on; while [ ! -e /{mark} ]; do sleep 1; done")
    run_id = running.run("migrate")
    until(lambda: (runs := by_hostname(building.deployment(number))) and "slow" in shown(building, runs["api"]["id"]))
    until(lambda: "on" in shown(running, run_id))
    assert living(mark)

    stack.kill()
    stack.start()

    deployment = building.deployment(number)
    assert deployment["status"] == "failed"
    assert states(deployment) == {"api": "interrupted", "smoke": "skipped"}
    assert running.get(f"/runs/{run_id}")["status"] == "interrupted"
    assert living(mark) == []
    assert set(engine("ps", "--all", "--quiet")) <= before
    images.commit({"Slow": SCRATCH + ENTRY})
    assert building.deploy()["status"] == "deployed"
    assert running.ran("migrate", command="true")["status"] == "succeeded"
