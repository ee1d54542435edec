"""That the benchmarks of the product still run; what they measure is for people to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS

pytestmark = pytest.mark.processes

FOLDER = Path(__file__).parent


def test_make_bench_runs_each_of_them():
    assert {path.stem for path in FOLDER.glob("bench_*.py")} == set(BENCHMARKS)


@pytest.mark.ci
@pytest.mark.parametrize(("name", "told"), [("bench_deployments", " 50 "), ("bench_api", "GET    /runs/{id}/logs")])
def test_a_benchmark_of_the_whole_product_runs_to_its_last_row(name, told):
    command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
    ended = subprocess.run(command, cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1].startswith(told)
