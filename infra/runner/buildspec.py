"""Puts the runner into a buildspec: all its modules as one small archive that Python can run."""

from __future__ import annotations

import base64
import io
import textwrap
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ("confined", "containers", "memory", "output", "processes", "runner", "source")
PLACE = "{{runner}}"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
MAIN = "import sys\n\nfrom infra.runner.runner import main\n\nmain(*sys.argv[1:])\n"


def compose(path: Path) -> str:
    """The text of a buildspec, the line that holds `{{runner}}` replaced by the runner."""
    return "".join(_filled(line) for line in path.read_text().splitlines(keepends=True))


def archive() -> bytes:
    """The runner; the same bytes for the same sources."""
    files = {"__main__.py": MAIN, "infra/__init__.py": "", "infra/runner/__init__.py": ""}
    files |= {f"infra/runner/{name}.py": (HERE / f"{name}.py").read_text() for name in MODULES}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, text in files.items():
            packed.writestr(zipfile.ZipInfo(name, LONG_AGO), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _filled(line: str) -> str:
    if PLACE not in line:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.indent("\n".join(textwrap.wrap(base64.b64encode(archive()).decode(), 100)), indent) + "\n"
