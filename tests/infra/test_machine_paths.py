"""What a state refers to by JSONPath is in what the state before it really returned, on every path."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.ci, pytest.mark.processes]  # it drives a stack of its own through every path first

ROOT = Path(__file__).parents[2]
TEXTS = {name: ROOT / f"infra/statemachines/{name}.asl.json" for name in ("job-run", "deployment")}
MACHINES = {name: json.loads(path.read_text()) for name, path in TEXTS.items()}
CONTEXT = "$$."
# Only where somebody else pushed the same image between Prepare and this.
BY_CHANCE = {"Present"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    command = [sys.executable, "-m", "tests.infra.machine_paths", str(tmp_path_factory.mktemp("paths"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def states(machine):
    """Every state of a machine by its name, those inside of Maps included."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def references(value):
    """The paths into its input in a state's Parameters, Choices and the like."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith(".$") or key in ("Variable", "ItemsPath", "SecondsPath", "InputPath"):
                yield inner
            elif key not in ("ItemProcessor", "ResultSelector", "Catch", "Retry", "ItemSelector"):
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolves(path, value):
    for part in path.removeprefix("$").split(".")[1:]:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_was_entered(seen, machine):
    assert {name for name, _ in states(MACHINES[machine])} - seen[machine].keys() - BY_CHANCE == set()


@pytest.mark.parametrize("machine", MACHINES)
def test_every_reference_was_there_each_time(seen, machine):
    asked = 0
    for name, state in states(MACHINES[machine]):
        for path in references(state):
            if not path.startswith(CONTEXT):
                asked += len(seen[machine].get(name, []))
                assert all(resolves(path, told) for told in seen[machine].get(name, [])), (name, path)
    assert asked > 50


@pytest.mark.parametrize("machine", MACHINES)
def test_what_each_iteration_is_given_was_in_the_maps_input(seen, machine):
    for name, state in states(MACHINES[machine]):
        for path in state.get("ItemSelector", {}).values():
            if path.startswith("$.") and not path.startswith(CONTEXT):
                assert all(resolves(path, told) for told in seen[machine][name]), (name, path)
