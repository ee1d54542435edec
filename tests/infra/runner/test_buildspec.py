from __future__ import annotations

import ast
import base64
import io
import re
import sys
import zipfile

import pytest
import yaml

from infra.runner.buildspec import HERE, MODULES, archive, compose
from infra.runner.runner import NAMES

BUILDSPECS = ("run", "image")


def read(name):
    return yaml.safe_load(compose(HERE / f"{name}.buildspec.yml"))


@pytest.mark.parametrize("name", BUILDSPECS)
def test_a_composed_buildspec_carries_the_runner(name):
    commands = [command for phase in read(name)["phases"].values() for command in phase["commands"]]
    packed = re.search(r"<< 'END'\n(.*)\nEND\n", commands[0], re.DOTALL)
    assert base64.b64decode(packed[1]) == archive()
    assert "{{runner}}" not in compose(HERE / f"{name}.buildspec.yml")


@pytest.mark.parametrize("name", BUILDSPECS)
def test_a_buildspec_exports_what_the_runner_tells(name):
    assert tuple(read(name)["env"]["exported-variables"]) == NAMES


def test_the_archive_is_the_same_each_time_and_holds_every_module():
    assert archive() == archive()
    names = {f"infra/runner/{name}.py" for name in MODULES}
    assert names <= set(zipfile.ZipFile(io.BytesIO(archive())).namelist())
    assert {path.stem for path in HERE.glob("*.py")} == {*MODULES, "buildspec", "__init__"}


@pytest.mark.parametrize("name", MODULES)
def test_the_runner_needs_nothing_but_the_standard_library(name):
    tree = ast.parse((HERE / f"{name}.py").read_text(), feature_version=(3, 9))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    foreign = {module for module in imported if module.split(".")[0] not in sys.stdlib_module_names}
    assert all(module.startswith("infra.runner") for module in foreign)


def test_a_buildspec_is_small_enough_to_be_handed_around():
    assert max(len(compose(HERE / f"{name}.buildspec.yml")) for name in BUILDSPECS) < 32_000
