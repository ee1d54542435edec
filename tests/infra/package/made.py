"""What `make package` makes, from a copy of the tree on a machine that knows no AWS account."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
# What Lambda's runtime has beside the standard library and we do not pack.
IN_RUNTIME = ("boto3", "botocore", "jmespath", "s3transfer")


class Package:
    """The template and the unpacked zip of one `make package`."""

    def __init__(self, folder, stage):
        self.folder = folder / "dist" / stage
        self.template_path = self.folder / "template.yaml"
        self.zip_path = self.folder / "deployment.zip"
        self.unpacked = folder / "unpacked"
        with zipfile.ZipFile(self.zip_path) as packed:
            packed.extractall(self.unpacked)

    def template(self):
        """The template, read anew."""
        return yaml.safe_load(self.template_path.read_text())

    def transformed(self):
        """The template after the SAM transform, its code in a bucket."""
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator

        whole = self.template()
        for resource in whole["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://packages/deployment.zip"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            return Translator({}, Parser()).translate(whole, {})


def copy_tree(to):
    """The working tree as a fresh clone would have it after `make console`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    shutil.copytree(ROOT / "chalicelib" / "console", to / "chalicelib" / "console")
    return to


def make_package(tree, stage, **more):
    """`make package` there, without credentials, Region or home; the package, and what was printed."""
    venv = Path(sys.executable).parents[1]
    home = tree / "home"
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "KINTO_"))}
    done = subprocess.run(
        ["make", "package", f"STAGE={stage}", f"VENV={venv}", "-o", f"{venv}/installed"],
        cwd=tree, env={**kept, "HOME": str(home), **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Package(tree, stage), done.stdout


def as_in_lambda(unpacked, code, *arguments):
    """What `code` prints where there is the package, Lambda's boto3, and no other library."""
    runtime = unpacked.parent / "runtime"
    runtime.mkdir(exist_ok=True)
    for name in IN_RUNTIME:
        if not (runtime / name).exists():
            (runtime / name).symlink_to(Path(importlib.util.find_spec(name).origin).parent)
    path = f"import sys; sys.path[:0] = [{str(unpacked)!r}, {str(runtime)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", path + code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
