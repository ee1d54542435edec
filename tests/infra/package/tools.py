"""Tools whose own pins fight with ours, each in a virtual environment of its own, made when it is first needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PINS = {
    "bandit": ("bandit==1.9.4",),
    "checkov": ("checkov==3.1.47",),
    # What Lambda's runtime has, at the version that the emulator wants.
    "ministack": ("ministack==1.5.33", "boto3==1.43.106"),
    # The second is for machines that reach no vulnerability service: a list of before July 2021, better than none.
    "pip-audit": ("pip-audit==2.10.1", "safety-db==2021.7.17"),
}


def program(name, absent):
    """The path of a tool's program; `absent` is told where it can't be installed."""
    folder = Path(sys.prefix) / "tools" / f"{name}-{'-'.join(PINS[name]).replace('==', '-')}"
    if not (folder / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        done = subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *PINS[name]],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            absent(f"{name} can't be installed: {done.stderr.strip()[-300:]}")
        (folder / "installed").touch()
    return folder / "bin" / name
