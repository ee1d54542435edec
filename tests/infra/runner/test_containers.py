"""Containers for real; base images need no registry: they are built from scratch around a static busybox."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from infra.local.engine import Engine, choose
from tests.infra.conftest import REPOSITORY, Repository, killed_stack, marked, specification, until

SCRATCH = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n"
ENTRY = 'ENTRYPOINT ["/bin/sh", "-c", "echo from the image; exit 3"]\n'

pytestmark = pytest.mark.ci


def busybox():
    found = shutil.which("busybox")
    static = found and b"static" in subprocess.run(["file", "-bL", found], capture_output=True, check=False).stdout
    return Path(found).read_bytes() if static or (found and not shutil.which("file")) else None


@pytest.fixture(scope="module")
def engine(tmp_path_factory, absent):
    found = choose(tmp_path_factory.mktemp("engine") / "engine.json", os.environ["PATH"])
    if not isinstance(found, Engine):
        absent(f"no container engine works here: {found}")
    if busybox() is None:
        absent("busybox-static is not installed")
    return found


@pytest.fixture(scope="module")
def call(engine):
    def call(*arguments):
        done = subprocess.run(
            [engine.program, *arguments], env={**os.environ, **engine.environment}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.stdout.strip() if done.returncode == 0 else None

    return call


@pytest.fixture(scope="module")
def image(bench, call, tmp_path_factory):
    """The name of an image that was built from a repository, through the image project."""
    bench.ecr.create_repository(repositoryName=REPOSITORY.partition("/")[2])
    repository = Repository(tmp_path_factory.mktemp("image") / "repository")
    commit = repository.commit({"Dockerfile": SCRATCH + ENTRY, "busybox": busybox()})
    name = tag()
    result = bench.run(building(repository.at(commit), name), project="kinto-image")
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("succeeded", "image"), result
    assert result.exports["KINTO_IMAGE_DIGEST"].startswith("sha256:")
    yield name
    call("rmi", "--force", name)


def tag():
    return f"{REPOSITORY}:{uuid.uuid4().hex}"


def building(where, image, dockerfile="Dockerfile"):
    source = {"type": "dockerfile", "dockerfile": dockerfile, "command": None, "image": image}
    return specification(source, stage="image", repository=where)


def running(image, command=None, kind="dockerfile", **more):
    source = {"type": kind, "command": command, "image": image}
    return specification(source, **{"repository": {"url": "none", "commit": "", "folder": ""}, **more})


def containers(call):
    return set(call("ps", "--all", "--quiet").split())


def test_an_image_runs_with_its_own_command_and_ends_with_its_exit_code(bench, image, call):
    before = containers(call)
    result = bench.run(running(image))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "3"), result
    assert result.lines == ["from the image"]
    assert result.exports["KINTO_IMAGE_DIGEST"].startswith("sha256:")
    assert containers(call) == before


def test_a_command_of_ours_takes_the_place_of_the_entry_point(bench, image):
    result = bench.run(running(image, "echo $0 $#; exit 0"))
    assert (result.outcome, result.lines) == ("succeeded", ["sh 0"])


def test_an_image_that_is_here_needs_no_registry(bench, image, call):
    name = f"localhost/kinto-{uuid.uuid4().hex}:1"
    call("tag", image, name)
    try:
        assert bench.run(running(name, "echo on", kind="image", repository=None)).lines == ["on"]
    finally:
        call("rmi", name)


def test_a_container_gets_its_variables_and_no_others(bench, image):
    variables = {
        "PLAIN": "a 'b' $c\nd",
        "HTTP_PROXY": "http://proxy",
        "HOME": "/here",
        "EMPTY": "",
        "KINTO_RUN_ID": "r",
    }
    spec = running(image, 'busybox env; echo "$SECRET" $PATH', variables=variables)
    lines = bench.run(spec, bench.seal(spec["run_id"], {"SECRET": "hunter2", "DOCKER_HOST": "secret too"})).lines
    assert {"PLAIN=a 'b' $c", "d", "HTTP_PROXY=http://proxy", "HOME=/here", "EMPTY="} <= set(lines), lines
    assert "SECRET=***" in lines
    assert "DOCKER_HOST=***" in lines
    assert not [line for line in lines if line.startswith(("KINTO_S", "AWS_", "CODEBUILD_"))]
    assert lines[-1].startswith("*** /")


def test_a_container_over_its_memory_is_out_of_memory(bench, image):
    result = bench.run(running(image, "exec busybox dd if=/dev/zero of=/dev/null bs=200M count=1", memory_mb=64))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("out_of_memory", "137"), result
    assert "64 MB" in result.reason


def test_a_container_whose_child_was_out_of_memory_is_so_if_it_fails(bench, image):
    hungry = "busybox dd if=/dev/zero of=/dev/null bs=200M count=1"
    assert bench.run(running(image, f"{hungry}; exit 5", memory_mb=64)).outcome == "out_of_memory"
    assert bench.run(running(image, f"{hungry}; exit 0", memory_mb=64)).outcome == "succeeded"


def test_a_container_that_is_killed_is_not_out_of_memory(bench, image):
    result = bench.run(running(image, "echo on; busybox sh -c 'kill -9 $PPID'; exec busybox sh -c 'exit 137'"))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "137"), result


def test_a_container_is_ended_at_its_timeout(bench, image, call):
    before = containers(call)
    listening = "trap 'echo asked; exit 7' TERM; echo on; while :; do busybox sleep 0.1; done"
    result = bench.run(running(image, listening, timeout_seconds=1))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("timed_out", "7"), result
    assert result.lines == ["on", "asked"]
    result = bench.run(running(image, "exec busybox sleep 99", timeout_seconds=1, grace_seconds=1))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("timed_out", "137"), result
    assert containers(call) == before


def test_ten_thousand_lines_of_a_container_arrive(bench, image):
    assert bench.run(running(image, "busybox seq 10000")).lines == [str(number) for number in range(1, 10001)]


def test_a_stopped_build_leaves_no_container(bench, image, call):
    before, mark = containers(call), f"{uuid.uuid4().int % 10**8 + 10**8}"
    build_id = bench.start(running(image, f"echo on; exec busybox sleep {mark}"))
    bench.wait_for_line(build_id, "on")
    assert bench.codebuild.stop_build(id=build_id)["build"]["buildStatus"] == "STOPPED"
    until(lambda: containers(call) == before and not marked(mark))


def test_a_killed_stack_takes_its_containers_along(bench, image, call, tmp_path):
    before, mark = containers(call), f"{uuid.uuid4().int % 10**8 + 10**8}"
    killed_stack(tmp_path, running(image, f"exec busybox sleep {mark}"), f"sleep\0{mark}")
    until(lambda: containers(call) == before and not marked(mark))


def test_a_container_that_cannot_start_did_not_start(bench, image, repository, call):
    commit = repository.commit({"Dockerfile": 'FROM scratch\nCOPY Dockerfile /x\nCMD ["/nothing"]\n'})
    name = tag()
    assert bench.run(building(repository.at(commit), name), project="kinto-image").outcome == "succeeded"
    result = bench.run(running(name))
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "run"), result
    assert "nothing" in result.reason
    call("rmi", "--force", name)


def test_an_image_that_is_published_is_not_built_again(bench, image, repository):
    commit = repository.commit({"Dockerfile": "this is none"})
    result = bench.run(building(repository.at(commit), image), project="kinto-image")
    assert result.outcome == "succeeded"
    assert result.lines == []


def test_an_image_that_this_machine_lost_is_told_and_built_again(bench, image, repository, call):
    commit = repository.commit({"Dockerfile": SCRATCH, "busybox": busybox()})
    name, spec = tag(), None
    for _ in range(2):
        spec = building(repository.at(commit), name)
        assert bench.run(spec, project="kinto-image").outcome == "succeeded"
        assert bench.run(running(name, "echo on")).lines == ["on"]
        call("rmi", "--force", name)
        result = bench.run(running(name, "echo on"))
        assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image")
        assert "no longer on this machine" in result.reason


def test_a_build_that_fails_says_its_last_lines(bench, engine, repository):
    commit = repository.commit({"Dockerfile": SCRATCH + "RUN echo compiling; echo missing frobnicate; exit 4\n",
                                "busybox": busybox()})  # fmt: skip
    result = bench.run(building(repository.at(commit), tag()), project="kinto-image")
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image"), result
    assert "4" in result.reason
    assert any("missing frobnicate" in line for line in result.lines)


@pytest.mark.parametrize(
    ("dockerfile", "text"),
    [("Dockerfile.other", "no Docker File"), ("../../../etc/passwd", "leads out"), ("link", "leads out")],
)
def test_a_docker_file_that_is_not_there(bench, repository, dockerfile, text):
    (repository.folder / "link").symlink_to("/etc/passwd")
    commit = repository.commit({"a": "b"})
    result = bench.run(building(repository.at(commit), tag(), dockerfile), project="kinto-image")
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image")
    assert text in result.reason


@pytest.mark.parametrize("name", ["--privileged", "-v=/:/host", "Upper/Case: x", ""])
def test_a_name_that_the_engine_would_take_for_an_option_is_refused(bench, name):
    result = bench.run(running(name, kind="image"))
    assert result.outcome == "start_failed"
    assert "not the name of a container image" in result.reason


def test_an_image_that_cannot_be_pulled(bench, engine):
    result = bench.run(running("registry.invalid/nothing:1", kind="image"))
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image")
    assert "can't be pulled" in result.reason


def test_a_machine_without_an_engine_says_so(bench, monkeypatch, tmp_path):
    for name in ("sh", "git", "base64", "gzip", "mktemp", "env", "cat"):
        (tmp_path / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path))
    remembered = bench.folder / "engine.json"
    remembered.unlink(missing_ok=True)
    result = bench.run(running("busybox", kind="image"))
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image"), result
    assert "install and start Docker or Podman" in result.reason
    assert "podman is not installed" in result.reason
