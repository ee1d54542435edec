"""What is made anew, and when; once for real, with npm and Vite on a machine without Node.js."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from infra.console import build, node
from tests.infra.package.made import copy_tree

ROOT = Path(__file__).parents[3]
NODES = ("node", "nodejs", "npm", "npx", "corepack")
# In npm's place: notes what it is asked for, and leaves what npm and Vite would leave.
STAND_IN = """
import pathlib, shutil, sys
asked = sys.argv[-1] if sys.argv[1] == "run" else sys.argv[1]
with open("../asked", "a") as notes:
    notes.write(asked + " ")
built = pathlib.Path("../chalicelib/console")
if asked == "ci":
    shutil.rmtree("node_modules", ignore_errors=True)
    pathlib.Path("node_modules").mkdir()
if asked == "build":
    shutil.rmtree(built, ignore_errors=True)
if pathlib.Path("../fails").exists():
    sys.exit("what npm says")
if asked == "types":
    pathlib.Path("src/api/schema.d.ts").write_text("types")
if asked == "build":
    built.mkdir()
    (built / "index.html").write_text("page")
"""
ALL = ["ci", "types", "build"]


class Tree:
    """A small product with a console."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("app.py", "chalicelib/words.py", "console/package-lock.json", "console/src/api/client.ts"):
            self.write(name, "as it was")
        self.write("npm.py", STAND_IN)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def build(self):
        """What npm was asked for meanwhile."""
        (self.folder / "asked").write_text("")
        changed = build.build(self.folder)
        asked = (self.folder / "asked").read_text().split()
        assert changed is ("build" in asked)
        return asked


@pytest.fixture
def tree(tmp_path, monkeypatch):
    npm = node.Npm((sys.executable, str(tmp_path / "npm.py")), os.environ)
    monkeypatch.setattr(node, "npm", lambda: npm)
    return Tree(tmp_path)


def test_everything_is_made_once(tree):
    assert tree.build() == ALL
    assert tree.build() == []


def test_a_source_that_changed_is_built_anew(tree):
    tree.build()
    tree.write("console/src/api/client.ts", "as it is now")
    assert tree.build() == ["build"]
    tree.write("console/src/new.ts", "")
    assert tree.build() == ["build"]
    (tree.folder / "console" / "src" / "new.ts").unlink()
    assert tree.build() == ["build"]


def test_packages_are_installed_anew_when_their_versions_change(tree):
    tree.build()
    tree.write("console/package-lock.json", "others")
    assert tree.build() == ["ci", "build"]


def test_code_counts_only_where_it_changes_the_api(tree, monkeypatch):
    tree.build()
    tree.write("chalicelib/words.py", "said otherwise")
    assert tree.build() == []
    from chalicelib.api import meta

    monkeypatch.setattr(meta, "VERSION", "another")
    tree.write("chalicelib/words.py", "another API")
    assert tree.build() == ["types", "build"]


@pytest.mark.parametrize("lost", ["chalicelib/console/.built", "console/node_modules/.installed"])
def test_what_was_left_half_done_is_done_again(tree, lost):
    tree.build()
    (tree.folder / lost).unlink()
    (tree.folder / "chalicelib/console/.built").unlink(missing_ok=True)
    assert tree.build() == (["ci", "build"] if "node_modules" in lost else ["build"])


def test_what_failed_is_said_and_is_not_taken_for_done(tree):
    tree.write("fails", "")
    with pytest.raises(build.CannotBuild, match=r"is an npm registry in reach\?\):\nwhat npm says"):
        tree.build()
    (tree.folder / "fails").unlink()
    tree.build()
    tree.write("console/src/api/client.ts", "as it is now")
    tree.write("fails", "")
    with pytest.raises(build.CannotBuild, match="The console can't be built:\nwhat npm says"):
        tree.build()
    (tree.folder / "fails").unlink()
    assert tree.build() == ["build"]


@pytest.fixture
def bare(tmp_path):
    """A PATH with all of this machine's programs but Node.js, and a virtual environment of ours without it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in os.get_exec_path():
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name not in NODES and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    scheme = {"base": str(folder), "platbase": str(folder)}
    ours = sysconfig.get_path("purelib")
    Path(sysconfig.get_path("purelib", vars=scheme), "ours.pth").write_text(ours)
    return folder, {"PATH": str(programs), "npm_config_cache": str(tmp_path / "cache")}


def make(tree, bare, **more):
    folder, environment = bare
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # no part of our own make
    return subprocess.run(
        ["make", "console", f"VENV={folder}", "-o", f"{folder}/installed"],
        cwd=tree, env={**kept, **environment, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def files(root):
    folder = root / "chalicelib" / "console"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.ci
def test_without_node_the_console_is_the_same(bare, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    (tree / "chalicelib" / "console" / "index.html").unlink()
    (tree / "chalicelib" / "console" / ".built").unlink()
    done = make(tree, bare)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "Installing the console's packages\nThe console is built.\n"
    assert files(tree) == files(ROOT)
    again = make(tree, bare)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.ci
def test_without_a_registry_it_is_said_in_a_sentence(bare, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    (tree / "chalicelib" / "console" / ".built").unlink()
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    done = make(tree, bare, **nowhere)
    assert done.returncode == 2
    assert "No packages for the console (is an npm registry in reach?):" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.ci
def test_without_a_package_index_it_is_said_what_to_install(bare, tmp_path):
    if node._held() == node.VERSION:
        pytest.skip("this machine has no Node.js, so that its virtual environment holds PyPI's")
    tree = copy_tree(tmp_path / "tree")
    (tree / "chalicelib" / "console" / ".built").unlink()
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    done = make(tree, bare, PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull, **nowhere)
    assert done.returncode == 2
    assert f"The console needs {node.WANTED}." in done.stderr
    assert "Traceback" not in done.stderr
