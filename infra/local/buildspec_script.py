"""What a buildspec says, as one shell script: CodeBuild's phases, which tells on a descriptor how far it came."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

ORDER = ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")

# A phase ends with its first failing command. Commands run in one shell, so that what they export stays.
DRIVER = r"""
say() { printf '%s\0' "$@" >&9; }
phase() {
  say phase "$1"
  shift
  KINTO_CODE=0
  for KINTO_COMMAND in "$@"; do
    { . "$KINTO_COMMAND"; } 9>&-
    KINTO_CODE=$?
    tell
    [ "$KINTO_CODE" = 0 ] || break
  done
  say end "$KINTO_CODE"
  return "$KINTO_CODE"
}
"""


class BuildSpec(NamedTuple):
    """The parts of a buildspec that are imitated."""

    variables: dict[str, str]
    exported: tuple[str, ...]
    phases: tuple[tuple[str, tuple[str, ...]], ...]

    def first_line(self, phase: str) -> str:
        """A phase's commands for a message."""
        commands = dict(self.phases).get(phase, ())
        return commands[-1].strip().partition("\n")[0][:100] if commands else ""


@lru_cache(maxsize=8)
def read(text: str) -> BuildSpec:
    """Reads the buildspec of a project; the answer is shared."""
    found = yaml.safe_load(text)
    env = found.get("env") or {}
    phases = {name.upper(): tuple((phase or {}).get("commands", ())) for name, phase in found["phases"].items()}
    return BuildSpec(
        {name: str(value) for name, value in (env.get("variables") or {}).items()},
        tuple(env.get("exported-variables") or ()),
        tuple((name, phases[name]) for name in ORDER if phases.get(name)),
    )


def write(spec: BuildSpec, folder: Path) -> Path:
    """Writes the script and the commands that it runs; the script's path."""
    folder.mkdir()
    script = folder / "build.sh"
    tells = "; ".join(f'say export {name} "${{{name}-}}"' for name in spec.exported) or ":"
    lines = [DRIVER, f"tell() {{ {tells}; }}"]
    script.write_text("\n".join([*lines, *_calls(spec, folder)]) + "\n")
    return script


def _calls(spec: BuildSpec, folder: Path) -> Iterator[str]:
    failed = "exit 1"
    for name, commands in spec.phases:
        paths = []
        for number, command in enumerate(commands):
            path = folder / f"{name}-{number}.sh"
            path.write_text(command + "\n")
            paths.append(shlex.quote(str(path)))
        call = f"phase {name} {' '.join(paths)}"
        yield f"{call} || KINTO_FAILED=1" if name == "BUILD" else f"{call} || {failed}"
    yield '[ -z "${KINTO_FAILED-}" ]'


def facts(tokens: list[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The complete facts at the beginning of what the script told; taken off the list."""
    sizes = {"phase": 2, "end": 2, "export": 3}
    while tokens and len(tokens) >= sizes[tokens[0]]:
        kind, *values = (tokens.pop(0) for _ in range(sizes[tokens[0]]))
        yield kind, dict(zip(("name", "value"), values, strict=False))
