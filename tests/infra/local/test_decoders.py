"""Types whose decoders are there before any thread uses them: msgspec crashes the process otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def exit_code(*arguments):
    command = [sys.executable, "-m", "tests.infra.local.first_use", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode


def test_threads_may_use_every_type_at_once():
    assert [exit_code() for _ in range(2)] == [0, 0]


@pytest.mark.exhaustive
def test_threads_may_use_every_type_at_once_in_a_hundred_processes():
    assert [exit_code() for _ in range(100)] == [0] * 100
