"""What .ci/fresh_machine says on machines where it can't work; CI runs it where it can."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / ".ci" / "fresh_machine"
NOBODY = 65534

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root comes that far")


def run(*arguments, **how):
    """Its exit code and what it says; read from the standard input, since nobody may open it where root cloned."""
    done = subprocess.run(
        [shutil.which("bash"), "-s", "--", *arguments], input=SCRIPT.read_text(), capture_output=True, text=True,
        check=False, cwd="/", **how,
    )  # fmt: skip
    assert done.stdout == ""
    return done.returncode, done.stderr


def path_with(folder, *tools):
    for tool in tools:
        (folder / tool).symlink_to(shutil.which(tool))
    return {"env": {**os.environ, "PATH": str(folder)}}


def test_without_a_suite_it_asks_for_one():
    assert run() == (1, "fresh_machine: name a Debian: stable, testing, or a release such as bookworm\n")


def test_anyone_but_root_is_told_so():
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    assert run("stable", **user) == (1, "fresh_machine: only root can make machines: run it as root\n")


@only_root
def test_missing_debootstrap_is_named_with_its_package(tmp_path):
    code, words = run("stable", **path_with(tmp_path, "id", "dirname"))
    assert code == 1
    assert words.startswith("fresh_machine: there is no debootstrap here: apt install debootstrap")


@only_root
def test_machine_without_a_debian_mirror_is_told_to_name_one(tmp_path, absent):
    tools = ("id", "dirname", "unshare", "pivot_root", "git", "true", "sed", "head", "grep")
    how = path_with(tmp_path, *tools)
    (tmp_path / "debootstrap").symlink_to("/bin/true")
    (tmp_path / "apt-get").symlink_to("/bin/true")
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False).returncode:
        absent("this machine lets nobody make namespaces")
    code, words = run("stable", **how)
    assert (code, words) == (1, "fresh_machine: apt names no Debian mirror here: set DEBIAN_MIRROR to one\n")
