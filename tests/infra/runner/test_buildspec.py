from __future__ import annotations

import ast
import base64
import gzip
import io
import re
import sys
import zipfile

import pytest
import yaml

from infra.runner.buildspec import HERE, MODULES, MOST_CHARACTERS, archive, bare, compose
from infra.runner.runner import NAMES

BUILDSPECS = ("run", "image")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def read(name):
    return yaml.safe_load(compose(HERE / f"{name}.buildspec.yml"))


@pytest.mark.parametrize("name", BUILDSPECS)
def test_a_composed_buildspec_carries_the_runner(name):
    commands = [command for phase in read(name)["phases"].values() for command in phase["commands"]]
    carried = re.search(r"<< 'END' .*?\n(.*)\nEND\n", commands[0], re.DOTALL)
    assert gzip.decompress(base64.b64decode(carried[1])) == archive()
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


@pytest.mark.parametrize("name", BUILDSPECS)
def test_a_buildspec_is_no_longer_than_codebuild_takes(name):
    assert len(compose(HERE / f"{name}.buildspec.yml")) <= MOST_CHARACTERS


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_the_archive_does_what_its_source_does_on_the_same_lines(name):
    source = (HERE / f"{name}.py").read_text()
    told, carried = ast.parse(source), ast.parse(bare(source))
    for node in ast.walk(told):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body[0].value.value = ""
    assert ast.dump(told) == ast.dump(carried)
    assert [node.lineno for node in ast.walk(told) if isinstance(node, ast.stmt)] == [
        node.lineno for node in ast.walk(carried) if isinstance(node, ast.stmt)
    ]


def test_docstrings_and_comments_are_left_out_and_texts_that_look_like_them_are_not():
    source = 'A = """\n# no comment\n"""  # one\n\n\ndef told():\n    """Said\n    twice."""\n    # 2\n    return "#"\n'
    assert bare(source) == 'A = """\n# no comment\n"""\n\n\ndef told():\n    ""\n\n\n    return "#"\n'
