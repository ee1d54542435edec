"""`make console`, and `python -m infra.console check` (or another script of console/package.json) for the others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from infra.console import build


def main(arguments: Sequence[str]) -> int:
    """Builds the console, or runs a script on its sources; the exit code."""
    try:
        with build.alone():
            if not arguments:
                if build.build():
                    print("The console is built.")
                return 0
            npm = build.prepare()
    except build.CannotBuild as error:
        print(error, file=sys.stderr)
        return 1
    command = [*npm.command, "run", "--silent", *arguments]
    return subprocess.run(command, cwd=build.ROOT / "console", env=npm.environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
