from __future__ import annotations

import ast
from pathlib import Path

import pytest

from chalicelib.domain import actors

HANDLERS = Path(__file__).parents[2] / "chalicelib" / "handlers"


@pytest.mark.parametrize("name", actors.ACTORS)
def test_an_actor_is_recognised_however_it_is_spelt(name):
    for spelt in (name, name.upper(), f"  {name} ", name.replace(" ", "  "), name.replace("o", "\uff4f")):
        assert actors.is_actor(spelt), spelt
    assert actors.is_actor(name[:3] + "\u200d" + name[3:])


def test_a_run_that_replaces_another_is_an_actor():
    assert actors.is_actor(actors.replacing("0" * 26))


@pytest.mark.parametrize("name", ["ci", "operators", "the operator", "schedules", "run nightly", "Ada", ""])
def test_other_names_are_free(name):
    assert not actors.is_actor(name)


def test_every_handler_acts_under_a_listed_name():
    called = set()
    for path in HANDLERS.glob("*.py"):
        tree = ast.parse(path.read_text())
        named = {
            node.target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "call_by":
                (name,) = node.args
                called.add(name.value if isinstance(name, ast.Constant) else named[name.id])
    assert called == set(actors.ACTORS)
