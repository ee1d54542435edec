"""`make export STAGE=dev FILE=...`: the whole configuration of a stack as one JSON document, without any secret."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.operate import document
from infra.operate.api import Api, connected, each, parser, said

BLOCK = ("name", "internal_name", "flavor", "repository", "source", "variables", "projects")
CONFIGURED = ("hostname", "block", "ref", "run", "variables", "memory_mb", "timeout_seconds", "retries", "paused")
ENVIRONMENT = ("name", "internal_name", "on_post_deployment_failure", "role_arn", "run_overrides")


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    options = parser("Writes the whole configuration of a stack into a file, without secrets.").parse_args(arguments)
    return said(lambda: export(connected(options), options.file))


def export(api: Api, file: str) -> int:
    """Read everything, write it; raises Refused or Stop."""
    found = read(api)
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if file == "-":
        sys.stdout.write(text)
    else:
        _write(Path(file), text)
    environments = sum(len(one["environments"]) for one in found["projects"])
    counts = f"{len(found['blocks'])} blocks, {len(found['projects'])} projects, {environments} environments"
    print(f"Exported {counts}; {len(found['to_be_set'])} secrets are not in it.", file=sys.stderr)
    return 0


def _write(path: Path, text: str) -> None:
    """For its owner alone, since variables that are not masked are in it; whole, or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
    fresh.replace(path)


def read(api: Api) -> dict[str, Any]:
    """The document of what a stack holds now; raises Stop."""
    blocks = list(each(api, "/blocks"))
    projects = [_project(api, one["internal_name"]) for one in each(api, "/projects")]
    found = {
        "kintoblocks": document.VERSION,
        "blocks": [_told(one, BLOCK) for one in blocks],
        "projects": projects,
        "credentials": [_told(one, ("host", "username")) for one in each(api, "/credentials")],
    }
    tokens = [document.token(f"blocks/{one['internal_name']}") for one in blocks if one["has_token"]]
    return {**found, "to_be_set": [*tokens, *_masked(found)]}


def _project(api: Api, name: str) -> dict[str, Any]:
    project = api("GET", f"/projects/{name}")
    environments = [one["internal_name"] for one in project["environments"]]
    told = _told(project, ("name", "internal_name", "description"))
    return {**told, "environments": [_environment(api, f"/projects/{name}/environments/{one}") for one in environments]}


def _environment(api: Api, path: str) -> dict[str, Any]:
    found = api("GET", path)
    blocks = [_told(one, CONFIGURED) for brief in found["blocks"] if (one := _configured(api, path, brief)) is not None]
    for one in blocks:
        if "paused" in one:
            one["paused"] = {name: value for name, value in one["paused"].items() if name in ("reason", "until")}
    return {**_told(found, ENVIRONMENT), "shutdown": found["status"] == "shutdown", "blocks": blocks}


def _configured(api: Api, path: str, brief: dict[str, Any]) -> Any:
    """The configured block with its variables' values, which the environment's list lacks; None if it is gone."""
    if all(variable["masked"] for variable in brief["variables"]):
        return {**brief, "variables": [{**variable, "value": None} for variable in brief["variables"]]}
    return api("GET", f"{path}/blocks/{brief['hostname']}", may_lack=True)


def _told(found: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """These fields, without what is null."""
    return {name: _plain(found[name]) for name in fields if found[name] is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _masked(found: Mapping[str, Any]) -> Iterator[str]:
    for at, one in places(found):
        yield from (document.variable(at, v["name"]) for v in one.get("variables", ()) if v.get("masked"))
    yield from (f"credentials/{one['host']}" for one in found["credentials"])


def places(found: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each block and configured block of a document, with where it is."""
    yield from ((f"blocks/{one['internal_name']}", one) for one in found["blocks"])
    for project in found["projects"]:
        for environment in project["environments"]:
            inside = f"projects/{project['internal_name']}/environments/{environment['internal_name']}"
            yield from ((f"{inside}/blocks/{one['hostname']}", one) for one in environment["blocks"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
