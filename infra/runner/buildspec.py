"""Puts the runner into a buildspec: all its modules as one small archive that Python can run."""

from __future__ import annotations

import ast
import base64
import gzip
import io
import textwrap
import tokenize
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ("confined", "containers", "memory", "output", "processes", "runner", "source")
PLACE = "{{runner}}"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
# CodeBuild refuses a longer one, and tells so nowhere but in its answer (aws-cdk met it, pull request 14974).
MOST_CHARACTERS = 25_600
MAIN = "import sys\n\nfrom infra.runner.runner import main\n\nmain(*sys.argv[1:])\n"


def compose(path: Path) -> str:
    """The text of a buildspec, the line that holds `{{runner}}` replaced by the runner."""
    return "".join(_filled(line) for line in path.read_text().splitlines(keepends=True))


def archive() -> bytes:
    """The runner; the same bytes for the same sources. Not compressed, since it is smaller compressed as a whole."""
    files = {"__main__.py": MAIN, "infra/__init__.py": "", "infra/runner/__init__.py": ""}
    files |= {f"infra/runner/{name}.py": bare((HERE / f"{name}.py").read_text()) for name in MODULES}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as whole:
        for name, text in files.items():
            whole.writestr(zipfile.ZipInfo(name, LONG_AGO), text)
    return target.getvalue()


def bare(source: str) -> str:
    """A module without its docstrings and comments, which nobody reads in a build; its lines keep their numbers."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            said = node.body[0]
            last = said.end_lineno or said.lineno
            lines[said.lineno - 1 : last] = [" " * said.col_offset + '""', *[""] * (last - said.lineno)]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join([*lines, ""])


def packed(content: bytes) -> str:
    """What the buildspec unpacks with base64 and gzip."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _filled(line: str) -> str:
    if PLACE not in line:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.indent("\n".join(textwrap.wrap(packed(archive()), 100)), indent) + "\n"
