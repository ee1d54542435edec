"""The package: made without AWS, the same bytes each time, small, and all that Lambda needs."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from app import app
from infra import package
from tests.infra.package.made import ROOT, as_in_lambda, copy_tree, make_package

pytestmark = pytest.mark.ci

LARGEST = 12_000_000
# The C library of Lambda's images: Amazon Linux 2 up to Python 3.11, Amazon Linux 2023 from 3.12 on.
GLIBC = (2, 26) if sys.version_info < (3, 12) else (2, 34)


def test_the_same_files_give_the_same_bytes(packaged, tmp_path):
    tree = copy_tree(tmp_path)
    # What lies about in a tree that was worked in.
    stray = tree / "chalicelib" / "__pycache__" / "stray.cpython-311.pyc"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    (tree / ".chalice" / "deployed").mkdir()
    again, _ = make_package(tree, "dev", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LANG="C")
    assert again.zip_path.read_bytes() == packaged.zip_path.read_bytes()
    assert again.template_path.read_text() == packaged.template_path.read_text()


def test_no_machine_no_account_and_no_region_is_in_it(packaged):
    text = packaged.template_path.read_text()
    assert not re.search(r"\b\d{12}\b|us-east-1|eu-west-1", text)
    assert str(ROOT) not in text
    for path in packaged.unpacked.rglob("*.pyc"):
        assert str(ROOT).encode() not in path.read_bytes(), path


def test_the_template_is_small_enough_for_cloudformation(packaged):
    assert packaged.template_path.stat().st_size < 1_000_000


def test_it_is_small(packaged):
    size = sum(path.stat().st_size for path in packaged.unpacked.rglob("*") if path.is_file())
    print(f"{packaged.zip_path.stat().st_size:,} bytes packed, {size:,} unpacked")
    assert size <= LARGEST


def test_what_wheels_bring_for_one_python_and_not_for_another_makes_none_too_large(tmp_path):
    """Two megabytes of dulwich with 3.13, none with 3.11."""
    names = (
        "dulwich/_pack.cpython-313-x86_64-linux-gnu.so",
        "dulwich/pack.py",
        "msgspec/_core.so",
        "croniter/tests/t.py",
    )
    for path in (tmp_path / name for name in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    package._slim(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"dulwich/pack.py", "msgspec/_core.so"}


def test_it_holds_what_is_ours_and_what_is_pinned_and_nothing_else(packaged):
    pinned = {line.partition("==")[0] for line in package_lines() if line}
    found = {path.name.partition("-")[0] for path in packaged.unpacked.glob("*.dist-info")}
    assert found == {name.replace("-", "_") for name in pinned}
    tops = {path.name.partition(".")[0] for path in packaged.unpacked.iterdir() if path.suffix != ".dist-info"}
    modules = {name.replace("python-dateutil", "dateutil") for name in pinned}
    assert tops == modules | {"app", "chalicelib", "chalice", "__pycache__"}
    ours = {path.relative_to(ROOT) for path in ROOT.glob("chalicelib/**/*.py")}
    assert {path.relative_to(packaged.unpacked) for path in packaged.unpacked.glob("chalicelib/**/*.py")} == ours


def test_it_holds_the_console_and_nothing_hidden(packaged):
    built, shipped = ROOT / "chalicelib" / "console", packaged.unpacked / "chalicelib" / "console"
    files = {path.relative_to(built) for path in built.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert {path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file()} == files
    assert Path("index.html") in files
    assert list(packaged.unpacked.rglob(".*")) == []


def test_without_the_console_it_says_what_to_do(tmp_path):
    tree = copy_tree(tmp_path)
    (tree / "chalicelib" / "console" / "index.html").unlink()
    with pytest.raises(package.CannotPackage, match="make console"):
        package.package("dev", tmp_path / "made", tree)


def package_lines():
    return [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]


def test_everything_is_compiled_for_the_python_that_runs_it(packaged):
    for source in packaged.unpacked.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        head = compiled.read_bytes()[:8]
        assert head[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(head[4:], "little") == 0b01, "by hash, and not looked up in the source"
        assert package.TASK.encode() in compiled.read_bytes() or not source.read_bytes().strip(), source


def test_native_code_fits_the_c_library_of_the_runtime(packaged):
    natives = list(packaged.unpacked.rglob("*.so"))
    assert natives
    for native in natives:
        assert f"cpython-{sys.version_info.major}{sys.version_info.minor}-x86_64-linux-gnu" in native.name
        asked = re.findall(rb"GLIBC_(\d+)\.(\d+)", native.read_bytes())
        assert max((int(major), int(minor)) for major, minor in asked) <= GLIBC, native.name


def test_every_function_of_the_template_is_one_that_the_package_has(packaged):
    functions = [one for one in packaged.template()["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
    assert len(functions) == len(app.pure_lambda_functions) + 1
    handlers = {function["Properties"]["Handler"] for function in functions}
    runtimes = {function["Properties"]["Runtime"] for function in functions}
    assert runtimes == {f"python{sys.version_info.major}.{sys.version_info.minor}"}
    told = as_in_lambda(packaged.unpacked, LOAD, json.dumps(sorted(handlers)))
    assert told == "callable\n" * len(handlers)


LOAD = """
import importlib, json, sys
for handler in json.loads(sys.argv[1]):
    module, _, name = handler.rpartition(".")
    print("callable" if callable(getattr(importlib.import_module(module), name)) else handler)
"""

RESOLVE = """
import os, sys
from chalicelib.domain.configured_blocks import Ref
from chalicelib.sources import git, network
os.environ["SSL_CERT_FILE"] = sys.argv[2]
print(git.resolve(sys.argv[1], Ref(branch="main"), network.parse("127.0.0.1")))
"""


def test_the_package_alone_reads_the_refs_of_a_git_server(packaged, tmp_path, served):
    url, commit, certificate = served
    assert as_in_lambda(packaged.unpacked, RESOLVE, url, str(certificate)).strip() == commit


def test_what_cannot_be_had_is_said(tmp_path):
    tree = copy_tree(tmp_path)
    with (tree / "requirements.txt").open("a") as file:
        file.write("tzdata-of-nobody==1.0\n")
    with pytest.raises(package.CannotPackage, match="Could not satisfy the requirement: tzdata-of-nobody"):
        package.package("dev", tmp_path / "made", tree)


def test_a_stage_that_is_not_there_is_said(tmp_path):
    with pytest.raises(package.CannotPackage, match="There is no stage 'test'"):
        package.package("test", tmp_path / "made")


def test_stages_differ_in_their_tags_alone(packaged, tmp_path):
    package.package("prod", tmp_path / "prod")
    text = (tmp_path / "prod" / "template.yaml").read_text()
    assert text.replace("stage=prod", "stage=dev") == packaged.template_path.read_text()
    assert (tmp_path / "prod" / "deployment.zip").read_bytes() == packaged.zip_path.read_bytes()
