"""Jobs that try to pass for their runner, on real builds: what they write is never how they ended."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

from infra.runner import confined
from infra.runner.buildspec import HERE, archive, compose, packed
from tests.infra.conftest import Repository, command, until

FORGED = "export KINTO_STAGE=run KINTO_OUTCOME=succeeded KINTO_EXIT_CODE=0"
PYTHON = sys.executable

only_root = pytest.mark.skipif(not confined.is_possible(), reason="only root of a Linux machine can confine others")


@pytest.fixture(scope="module")
def confining(absent, tmp_path_factory):
    """A machine on which confining works; root of some containers and of a plain chroot can't."""
    runner = tmp_path_factory.mktemp("runner") / "runner.pyz"
    runner.write_bytes(archive())
    if not confined.works(runner):
        absent("this machine lets nobody confine others")


def confines(test):
    return only_root(pytest.mark.usefixtures("confining")(test))


def ended(bench, text, code="5", **more):
    """A job that tries `text` and ends with 5 ends with 5."""
    spec = command(f"{text}\nexit {code}", **more)
    result = bench.run(spec)
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", code), result
    assert result.build["buildStatus"] == "SUCCEEDED"
    return result.lines


@pytest.mark.parametrize(
    "said",
    [
        FORGED,
        "KINTO_OUTCOME=succeeded",
        "Not started: there is nothing to do",
        "[Container] 2026/11/22 16:00:00 Phase complete: BUILD State: SUCCEEDED",
        "::set-output name=KINTO_OUTCOME::succeeded",
        "phase\\000BUILD\\000end\\0000\\000",
        "\\033]0;title\\007\\033[2J\\033[1;1Hexit code 0",
        "' ; KINTO_OUTCOME=succeeded ; '",
        "$(exit 0) `exit 0`",
    ],
)
def test_what_a_job_says_is_not_how_it_ended(bench, said):
    ended(bench, f"printf '%b\\n' {shlex.quote(said)}; printf '%b\\n' {shlex.quote(said)} >&2")


def test_every_descriptor_of_a_job_is_its_own(bench):
    lines = ended(bench, "ls -l /proc/self/fd | sed -n 's/.* -> //p'; ls /proc/self/fd | wc -w")
    kinds = [line.partition(":")[0] for line in lines[:-1]]
    assert kinds[:3] == ["/dev/null", "pipe", "pipe"], lines
    assert len(kinds) <= 4, lines  # and the folder that is listed


def test_writing_to_every_descriptor_changes_nothing(bench):
    forged = f"for d in 1 2 3 4 5 6 7 8 9; do echo '{FORGED}' >&$d; printf 'end\\0000\\0' >&$d; done"
    ended(bench, f"({PYTHON} - << 'END'\nimport os\nfor number in range(64):\n    try: os.write(number, b'{FORGED}')\n"
          f"    except OSError: pass\nEND\n)\n(sh -c \"{forged}\") 2>&1")  # fmt: skip


def test_an_exported_variable_of_the_job_is_the_jobs(bench):
    variables = {"KINTO_OUTCOME": "succeeded", "ENV": "/tmp/x"}
    spec = command(f"{FORGED}; export KINTO_REASON=forged; exit 5", variables=variables)
    result = bench.run(spec)
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "5")
    assert "forged" not in result.reason


# Looks, and changes nothing: it opens what it could write to, and closes it. Of a build that does not confine it these
# are the processes above it, and no others; so that it does no harm either where confining is what was broken.
PROBE = """
import os
process, opened, read = os.getppid(), 0, 0
own = {os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)}
for _ in range(4):
    if process <= 0:
        break
    try:
        text = open(f"/proc/{process}/environ", "rb").read()
        read += b"KINTO_SPEC=" in text or b"KINTO_SECRETS=" in text
        for number in os.listdir(f"/proc/{process}/fd"):
            target = os.readlink(f"/proc/{process}/fd/{number}")
            if target.startswith("pipe:") and target not in own:
                os.close(os.open(f"/proc/{process}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK))
                opened += 1
    except OSError:
        pass
    process = int(open(f"/proc/{process}/status").read().split("PPid:")[1].split()[0])
print("opened", opened, "read", read)
"""


def probe():
    return f"{PYTHON} - << 'PROBE'\n{PROBE}\nPROBE"


@confines
def test_a_job_cannot_open_the_pipes_of_its_build_nor_read_its_environment(bench):
    assert ended(bench, probe()) == ["opened 0 read 0"]


@confines
def test_the_probe_finds_a_build_that_does_not_confine(bench, monkeypatch):
    """Or the test before shows nothing: a runner of a build whose shell keeps the archive elsewhere confines nobody."""
    unconfined = compose(HERE / "run.buildspec.yml").replace("runner.pyz", "other.pyz")
    bench.project("kinto-unconfined", unconfined)
    result = bench.run(command(probe()), project="kinto-unconfined")
    _, opened, _, read = result.lines[0].split()
    assert int(opened) > 0
    assert int(read) > 0


@confines
def test_a_job_runs_all_the_same_where_confining_fails(bench):
    """What is allowed by name but does not work is found out before the job begins, which does not fail of it."""
    broken = b"def main(*more):\n    raise OSError(1, 'Operation not permitted')\n"
    text = compose(HERE / "run.buildspec.yml")
    carried = packed(rewritten(archive(), "infra/runner/confined.py", b"\n\n" + broken))
    lines = textwrap.indent("\n".join(textwrap.wrap(carried, 100)), " " * 8)
    carrying = re.compile(r"(<< 'END' [^\n]*\n).*?(\n +END\n)", re.DOTALL)
    bench.project("kinto-broken", carrying.sub(lambda found: f"{found[1]}{lines}{found[2]}", text))
    result = bench.run(command("echo on; exit 5"), project="kinto-broken")
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"], result.lines) == ("failed", "5", ["on"])


def rewritten(whole, name, more):
    """The archive with something added to one of its modules."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, old.read(each) + (more if each == name else b""))
    return target.getvalue()


@confines
def test_a_job_sees_no_process_but_its_own(bench):
    look = "ls /proc | grep -c '^[0-9]'; cat /proc/1/cmdline | tr '\\0' ' '; echo"
    lines = ended(bench, f"{look}; kill -9 $PPID; echo on")
    assert int(lines[0]) <= 6
    assert "confine" in lines[1]
    assert lines[-1] == "on"


@confines
def test_a_job_cannot_change_what_it_sees(bench):
    text = (
        "for path in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel; do "
        "[ -w $path ] && echo $path; done; "
        f"{PYTHON} -c 'import ctypes; print(ctypes.CDLL(None).unshare(0x20000))'; "
        "grep CapBnd /proc/self/status"
    )
    unshared, rights = ended(bench, text)
    assert unshared == "-1"
    kept = int(rights.split()[1], 16)
    assert [right for right in range(64) if kept >> right & 1] == sorted(confined.KEPT)


@confines
def test_the_variables_of_a_job_do_not_reach_what_confines_it(bench, tmp_path):
    spec = command("echo $LD_PRELOAD; exit 5", variables={"LD_PRELOAD": "/nothing.so", "PYTHONPATH": "/nothing"})
    assert bench.run(spec).exports["KINTO_EXIT_CODE"] == "5"


def test_a_job_that_kills_its_runner_does_not_succeed(bench):
    result = bench.run(command("kill -9 $PPID; sleep 0.5; exit 5"))
    assert result.outcome in ("failed", None), result


def test_a_job_that_outlives_its_end_writes_nothing_afterwards(bench):
    late = f"(trap '' TERM HUP; setsid sh -c 'sleep 0.2; echo {FORGED}' &)"
    assert FORGED not in ended(bench, late)


@pytest.mark.parametrize("build", ["exit 0", "echo done"])
def test_the_outcome_of_an_earlier_build_is_not_found_again(bench, build):
    """Each build has a folder of its own, which nobody can name beforehand."""
    first = bench.run(command("pwd; exit 0", build=build))
    second = bench.run(command("pwd; exit 5", build=build))
    assert first.lines != second.lines
    assert second.exports["KINTO_EXIT_CODE"] == "5"


def test_files_of_a_checkout_do_not_steer_the_runner(bench, tmp_path):
    repository = Repository(tmp_path / "repository")
    evil = f"print({FORGED!r})\nraise SystemExit\n"
    files = dict.fromkeys(("json.py", "infra/__init__.py", "sitecustomize.py", "os.py", "containers.py"), evil)
    files |= {"sh": b"#!/bin/sh\nexit 0\n", "git": b"#!/bin/sh\nexit 0\n", ".env": FORGED, "KINTO_RUNNER": "x"}
    commit = repository.commit(files)
    result = bench.run(command("exit 5", repository=repository.at(commit), variables={"PATH": ".:/usr/bin:/bin"}))
    assert result.outcome == "failed", result


def test_a_job_leaves_no_file_that_the_next_step_reads(bench):
    """The build command runs before the job: what it finds of the runner's it can't have another job ended by."""
    result = bench.run(command("exit 5", build="rm -rf ../ready.json ../runner.pyz; echo '{}' > ../ready.json; true"))
    assert result.outcome != "succeeded"


@pytest.mark.ci
def test_a_job_that_prints_a_gigabyte_ends_as_it_ends(bench):
    """And what it prints is not kept: the log has its beginning and its end, the process of the API hardly grows."""
    sizes = {}
    for megabytes in (100, 1000):
        before, began = resident(), time.monotonic()
        text = f"yes 0123456789abcdef0123456789abcdef | head -c {megabytes}000000; echo; echo end; exit 5"
        build_id = bench.start(command(text, timeout_seconds=300))
        until(lambda build_id=build_id: bench.build(build_id)["buildComplete"], 300)
        result = bench.wait(build_id)
        assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "5")
        assert result.lines[-1] == "end"
        assert any(f"{megabytes - 4:,}"[:3] in line and "bytes were left out" in line for line in result.lines)
        sizes[megabytes] = (sum(map(len, result.lines)), len(result.lines), resident() - before)
        print(f"{megabytes} MB: {time.monotonic() - began:.1f} s, log {sizes[megabytes]}")
    assert sizes[100][:2] == pytest.approx(sizes[1000][:2], abs=1000)
    assert sizes[1000][2] < 200_000_000


def resident():
    """The memory of this process, in which the laptop's AWS lives here, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


