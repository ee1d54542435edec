"""Whose Node.js builds the console."""

from __future__ import annotations

import os

import pytest

from infra.console import node


@pytest.mark.parametrize("told", ["v20.19.0\n", "v20.20.2", "v22.12.0", "v22.20.1", "v23.0.0", "v24.19.0", "v100.0.0"])
def test_what_vite_runs_on_is_suitable(told):
    assert node.suitable(told)


@pytest.mark.parametrize(
    "told", ["", "v18.20.4\n", "v20.18.3", "v21.7.0", "v22.11.0", "v8.0.0", "20.19.0", "node: not found"]
)
def test_what_is_older_or_no_node_at_all_is_not(told):
    assert not node.suitable(told)


def program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose PATH is a folder of the test's own; from PyPI comes nothing but a note of what was asked."""
    asked = []
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "_held", lambda: asked.append("held") or "0")

    def refuse():
        asked.append("installed")
        raise node.NoNode("none")

    monkeypatch.setattr(node, "_install", refuse)
    return tmp_path, asked


def test_the_machines_own_is_taken_where_it_is_new_enough(machine):
    folder, asked = machine
    program(folder, "node", "echo v20.19.0")
    npm = program(folder, "npm", "exit 1")
    assert node.npm() == ((str(npm),), os.environ)
    assert asked == []


@pytest.mark.parametrize("there", [{}, {"node": "echo v18.20.4", "npm": "exit 0"}, {"node": "echo v24.0.0"}])
def test_without_one_with_npm_it_is_had_from_pypi(machine, there):
    folder, asked = machine
    for name, text in there.items():
        program(folder, name, text)
    with pytest.raises(node.NoNode):
        node.npm()
    assert asked == ["held", "installed"]
