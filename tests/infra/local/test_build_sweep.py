from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.infra.conftest import command, killed_stack, marked, until

pytestmark = pytest.mark.ci

ROOT = Path(__file__).parents[3]


def test_nothing_runs_and_nothing_can_be_started_after_the_end(make_bench):
    bench = make_bench()
    mark = f"mark-{uuid.uuid4()}"
    bench.start(command(f"sleep 99; : {mark}"))
    until(lambda: marked(mark))
    bench.worker.stop_all()
    assert marked(mark) == []
    with pytest.raises(ClientError):
        bench.start(command("true"))


def test_a_killed_stack_takes_all_processes_of_its_builds_along(make_bench, tmp_path):
    mark = f"mark-{uuid.uuid4()}"
    text = f"(env -i setsid sh -c 'sleep 999; : {mark}' &); sleep 999; : {mark}"
    killed_stack(tmp_path, command(text), mark)
    until(lambda: not marked(mark))
    bench = make_bench()
    bench.worker.sweep()
    assert [path.name for path in bench.folder.iterdir() if path.is_dir()] == ["bin"]
    assert bench.run(command("exit 3")).exports["KINTO_EXIT_CODE"] == "3"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by their environment in /proc")
def test_what_survived_a_killed_supervisor_is_swept_at_the_next_start(make_bench, tmp_path):
    mark = f"mark-{uuid.uuid4()}"
    spec = command(f"(setsid sh -c 'sleep 999; : {mark}' &); sleep 999; : {mark}")
    killed_stack(tmp_path, spec, mark, also_supervisor=True)
    assert marked(mark)
    bench = make_bench()
    bench.worker.sweep()
    until(lambda: not marked(mark))
