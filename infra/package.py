"""`make package STAGE=dev`: what CloudFormation and Lambda get of one stage, in dist/<stage>/, without asking AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import yaml

from infra import template

ROOT = Path(__file__).parent.parent
SHIPPED = ("app.py", "chalicelib", "requirements.txt", ".chalice/config.json", ".chalice/policies")
# What no import of ours reaches: tests, command lines with their scripts, type stubs; and what dulwich has for some
# Pythons to be quick with large packs, of which listing refs needs none.
UNNEEDED = ("**/__pycache__", "**/*.pyi", "*.data", "*/tests", "dulwich/cli.py", "dulwich/porcelain", "dulwich/*.so")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
REACH = " (Does this machine reach a package index?)"
TASK = "/var/task"  # where Lambda unpacks the package


class CannotPackage(Exception):
    """Why there is no package; the text is for a person."""


def main(arguments: list[str]) -> int:
    stage = arguments[0] if arguments else "dev"
    target = ROOT / "dist" / stage
    print(f"Packaging the stage {stage} for Lambda's Python {sys.version_info.major}.{sys.version_info.minor}")
    try:
        package(stage, target)
    except CannotPackage as error:
        print(error, file=sys.stderr)
        return 1
    for path in sorted(target.iterdir()):
        print(f"  {path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    return 0


def package(stage: str, target: Path, root: Path = ROOT) -> None:
    """Write template.yaml and deployment.zip; the same bytes for the same files and the same Python minor."""
    known = json.loads((root / ".chalice" / "config.json").read_text())["stages"]
    if stage not in known:
        raise CannotPackage(f"There is no stage {stage!r} in .chalice/config.json, only {', '.join(known)}.")
    if not (root / "chalicelib" / "console" / "index.html").exists():
        raise CannotPackage("The console is not built. Run make console first.")
    with tempfile.TemporaryDirectory() as folder:
        project, made, unpacked = (Path(folder) / name for name in ("project", "made", "unpacked"))
        _copy(root, project)
        (project / "merge.json").write_text(json.dumps(template.load()))
        _chalice(project, stage, made)
        with zipfile.ZipFile(made / "deployment.zip") as packed:
            packed.extractall(unpacked)
        _check(root, unpacked)
        _slim(unpacked)
        _compile(unpacked)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        _pack(unpacked, target / "deployment.zip")
        (target / "template.yaml").write_text(_yaml(json.loads((made / "sam.json").read_text())))


def _copy(root: Path, project: Path) -> None:
    """Only what ships: Chalice would pack whatever else lies about."""
    for name in SHIPPED:
        source, copy = root / name, project / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copyfile(source, copy)


def _chalice(project: Path, stage: str, made: Path) -> None:
    """`chalice package`, on a machine that knows no AWS account; it wants some Region, which it writes nowhere."""
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    offline = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", **nowhere}
    pins = {"PIP_NO_DEPS": "1", "PIP_ONLY_BINARY": ":all:", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    command = [sys.executable, "-c", "from chalice.cli import main; raise SystemExit(main())"]
    done = subprocess.run(
        [*command, "package", "--stage", stage, "--merge-template", "merge.json", str(made)],
        cwd=project, env={**kept, **offline, **pins, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotPackage(f"Chalice could not package the stage {stage}: {_last_error(done.stdout)}{REACH}")


def _last_error(said: str) -> str:
    """What a traceback says at its end; all of it where there is none."""
    lines = [line for line in said.splitlines() if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return lines[-1] if lines else said.strip()


def _check(root: Path, unpacked: Path) -> None:
    """Chalice only warns of what it could not get, and packs the rest."""
    lines = (line.partition("#")[0].strip() for line in (root / "requirements.txt").read_text().splitlines())
    for name, _, version in (line.partition("==") for line in lines if line):
        if not list(unpacked.glob(f"{name.replace('-', '_')}-{version}.dist-info")):
            raise CannotPackage(
                f"{name} {version} is not to be had as a wheel that runs in Lambda's "
                f"Python {sys.version_info.major}.{sys.version_info.minor}.{REACH}"
            )


def _slim(unpacked: Path) -> None:
    for pattern in UNNEEDED:
        for path in sorted(unpacked.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _compile(unpacked: Path) -> None:
    """Lambda can't keep compiled code beside ours, so that every cold start would compile everything anew.

    A process of its own: what it holds, and the order of its sets, is the same each time, and so is what it writes.
    """
    options = ("-q", "-s", str(unpacked), "-p", TASK, "--invalidation-mode", "unchecked-hash")
    done = subprocess.run(
        [sys.executable, "-m", "compileall", *options, str(unpacked)], env={"PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotPackage(f"Some of the code can't be compiled:\n{done.stdout.strip()}")


def _pack(unpacked: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(unpacked.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(file.relative_to(unpacked).as_posix(), LONG_AGO)
                entry.external_attr = 0o644 << 16  # Lambda runs as somebody else
                packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, and no anchors, which not everything that reads templates knows."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(whole: dict[str, Any]) -> str:
    return yaml.dump(whole, Dumper=_Dumper, sort_keys=False, width=120)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
