#!/usr/bin/env python3
"""Configures an environment of KintoBlocks from a JSON file, deploys it and follows it (standard library alone).

KINTO_URL and KINTO_TOKEN say where and as whom. Exit codes: 0 deployed; 1 failed, cancelled, or refused because of the
present state; 2 deployed_with_failures; 3 nothing of these: a wrong file, no connection, not allowed, out of time.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

PATH = "/projects/{project[internal_name]}/environments/{environment[internal_name]}"
FAILED, USAGE = 1, 3
OUTCOMES = {"deployed": 0, "deployed_with_failures": 2}
PHASES = {"pre_deployment": "before", "deployment": "deploy", "post_deployment": "after"}
QUIET = ("queued", "running", "succeeded", "skipped")
PARTS = {"project", "environment", "blocks", "configured_blocks"}
# What names one attempt of a build, on one CI or another.
BUILDS = ["GITHUB_RUN_ID GITHUB_RUN_ATTEMPT", "CI_JOB_ID", "BUILDKITE_JOB_ID", "CIRCLE_WORKFLOW_JOB_ID"]
BUILDS += ["BUILD_BUILDID SYSTEM_JOBATTEMPT", "BITBUCKET_STEP_UUID", "CODEBUILD_BUILD_ID", "BUILD_TAG"]
# What the API answers where the file may be silent.
USUAL = {"branch": "main", "source_folder": "", "dockerfile": "Dockerfile", "required": False, "masked": False}


class Stop(Exception):
    """A sentence for a person, and the exit code; what passes by itself may be tried `again` after these seconds."""

    def __init__(self, told: str, code: int = USAGE, again: float | None = None, status: int = 0) -> None:
        super().__init__(told)
        self.code, self.again, self.status = code, again, status


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for one host."""

    def redirect_request(self, *_: Any) -> None: ...


class Api:
    """The HTTP API; what passes (503, no connection) is tried again for `patience` seconds."""

    def __init__(self, url: str, token: str, patience: float) -> None:
        self._url, self._token, self._patience = url.rstrip("/"), token, patience
        self._open = urllib.request.build_opener(NoRedirect).open
        self.replayed = False

    def __call__(self, method: str, path: str, body: Any = None, key: str = "", may_lack: bool = False) -> Any:
        """The answer; raises Stop. Each request has a key, so that sending it again does nothing twice."""
        key = key or os.urandom(16).hex()
        deadline, wait = time.monotonic() + self._patience, 0.5
        while True:
            try:
                return self._once(method, path, body, key)
            except Stop as stop:
                if stop.status == 404 and may_lack:
                    return None
                if stop.again is None or time.monotonic() + max(wait, stop.again) > deadline:
                    raise
                wait = max(wait, stop.again)
                print(f"  {stop}; trying again in {wait:.1f} s", file=sys.stderr, flush=True)
                time.sleep(wait)
                wait = min(wait * 2, 15)

    def _once(self, method: str, path: str, body: Any, key: str) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "Idempotency-Key": key}
        data, url = None if body is None else json.dumps(body).encode(), self._url + quote(path, "/?&=%")
        try:
            with self._open(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
                self.replayed = answer.headers.get("Idempotency-Replayed") == "true"
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            _refused(f"{method} {path}", error)
        except ValueError:
            raise Stop(f"{self._url} answers no JSON; is it the API's address, its stage included?") from None
        except (OSError, http.client.HTTPException) as error:
            again = None if hasattr(getattr(error, "reason", error), "verify_code") else 0.0  # a certificate stays bad
            raise Stop(f"no answer from {self._url} ({error})", again=again) from None


def _refused(asked: str, error: urllib.error.HTTPError) -> NoReturn:
    """Raises what a status other than 2xx means."""
    try:
        problem = dict(json.loads(error.read()))
    except (ValueError, TypeError, OSError, http.client.HTTPException):
        problem = {}
    detail = problem.get("detail") or problem.get("message") or error.reason
    fields = "".join(f"\n    {one['field']}: {one['message']}" for one in problem.get("errors", ()))
    told = f"{asked} was answered {error.code}: {detail}{fields}"
    passing = error.code in (429, 502, 503, 504) or (error.code == 409 and "still in flight" in str(detail))
    after = error.headers.get("Retry-After", "")
    again = (float(after) if after.isdigit() else 0.0) if passing else None
    raise Stop(told, FAILED if error.code == 409 else USAGE, again, error.code if problem else 0)


class Given(str):
    """A value that is not in the file."""


def read(text: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The file with each `{"from_env": NAME}` replaced; raises Stop with everything that is wrong with it."""
    wrong: list[str] = []

    def filled(one: dict[str, Any]) -> Any:
        if one.keys() == {"from_env"}:
            value = environ.get(str(one["from_env"]), "")
            wrong.extend([] if value else [f"{one['from_env']} is not set in the environment"])
            return Given(value)
        if one.get("masked") and type(one.get("value")) is str:
            wrong.append(f'{one.get("name")}: no masked value in a file; write "value": {{"from_env": "A_NAME"}}')
        return one

    try:
        told = json.loads(text, object_hook=filled)
    except ValueError as error:
        raise Stop(f"the file is no JSON: {error}") from None
    wrong += _wrong(told) if isinstance(told, dict) else ["write an object"]
    if wrong:
        raise Stop("the file can't be used:" + "".join(f"\n    {line}" for line in dict.fromkeys(wrong)))
    return dict(told)


def _wrong(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}: not known; there are {', '.join(sorted(PARTS))}" for name in told.keys() - PARTS)
    for part in ("project", "environment"):
        if not isinstance(told.get(part), dict) or not isinstance(told[part].get("internal_name"), str):
            yield f'{part}: write {{"internal_name": "...", "name": "..."}}'
    for part in ("blocks", "configured_blocks"):
        if not isinstance(told.get(part, {}), dict) or {type(one) for one in told.get(part, {}).values()} - {dict}:
            yield f'{part}: write {{"a-name": {{...}}, ...}}'


def configure(api: Api, told: Mapping[str, Any], prune: bool) -> None:
    """Makes everything as the file says; doing so again changes nothing."""
    path = PATH.format(**told)
    first = {"environment": told["environment"]["internal_name"]}
    for kind, parent, more in (("project", "/projects", first), ("environment", path.rpartition("/")[0], {})):
        name = told[kind]["internal_name"]
        say(kind, name, _made(api, parent, {"name": name, **told[kind], **more}, told[kind]))
    for name, block in told.get("blocks", {}).items():  # after the project, which they may name
        new = {"name": name, **block, "internal_name": name}
        say("block", name, _made(api, "/blocks", new, {"repository": None, "variables": [], "flavor": "job", **new}))
    wanted = told.get("configured_blocks", {})
    for hostname, configuration in wanted.items():
        answer = api("PUT", f"{path}/blocks/{hostname}", {"block": hostname, **configuration})
        pending = ", its schedule not yet published" if answer["schedule_status"] == "pending" else ""
        say("configured", hostname, f"{answer['badge'] or 'SERVICE'}{pending}")
    for hostname in [block["hostname"] for block in api("GET", path)["blocks"] if block["hostname"] not in wanted]:
        if prune:
            api("DELETE", f"{path}/blocks/{hostname}", may_lack=True)
        say("removed" if prune else "left alone", hostname, "not in the file" + ("" if prune else " (see --prune)"))


def _made(api: Api, parent: str, new: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """A block, a project or an environment: created, or changed where it is not as wanted."""
    path = f"{parent}/{wanted['internal_name']}"
    present = api("GET", path, may_lack=True)
    if present is None:
        api("POST", parent, new)
        return "created"
    differing = [field for field, value in wanted.items() if _plain(present.get(field)) != _plain(value)]
    if differing:
        api("PATCH", path, {field: _patch(present.get(field), wanted[field]) for field in differing})
    return f"changed: {', '.join(differing)}" if differing else "unchanged"


def _plain(value: Any) -> Any:
    """Without what can be said by leaving it out."""
    if isinstance(value, dict):
        inner = {name: _plain(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one is not None and USUAL.get(name, ...) != one}
    return sorted(map(_plain, value), key=str) if isinstance(value, list) else value


def _patch(present: Any, wanted: Any) -> Any:
    """The merge patch after which nothing else is left; another type lets go of the former one's fields by itself."""
    if not isinstance(present, dict) or not isinstance(wanted, dict) or present.get("type") != wanted.get("type"):
        return wanted
    return {**dict.fromkeys(present), **wanted}


def deploy(api: Api, told: Mapping[str, Any], options: argparse.Namespace, key: str) -> int:
    """Starts the deployment, and follows it if asked to; the exit code."""
    path = PATH.format(**told) + "/deployments"
    number = api("POST", path, key=key)["number"]
    name = "deployment {} of {project[internal_name]}/{environment[internal_name]}".format(number, **told)
    print(name + (", started before by this build" if api.replayed else ""), flush=True)
    if not options.wait:
        return 0
    ended = _followed(api, f"{path}/{number}", time.monotonic() + options.timeout)
    for sign, group in (("+", "added"), ("~", "changed"), ("-", "removed")):
        for change in ended["changes"][group]:
            fields = ", ".join(field["field"] for field in change["fields"])
            say(f"{sign} {group}", change["hostname"], fields if group == "changed" else "")
    say(name, f"is {ended['status']}" + (f": {ended['reason']}" if ended["reason"] else ""))
    return OUTCOMES.get(ended["status"], FAILED)


def _followed(api: Api, path: str, deadline: float) -> Mapping[str, Any]:
    """The deployment once it has ended, its runs told as they go; raises Stop at the deadline."""
    told: dict[str, str] = {}
    wait = 0.5
    while True:
        deployment: dict[str, Any] = api("GET", path)
        for phase, runs in deployment["phases"].items():
            for run in [run for run in runs if told.get(run["id"]) != run["status"]]:
                told[run["id"]] = run["status"]
                _say_run(api, PHASES[phase], run)
        if deployment["status"] != "running":
            return deployment
        if time.monotonic() > deadline:
            raise Stop("out of time; the deployment goes on")
        time.sleep(wait := min(wait * 1.3, 5))


def _say_run(api: Api, phase: str, run: Mapping[str, Any]) -> None:
    exit_code = "" if run["exit_code"] is None else f", exit code {run['exit_code']}"
    told = run["status"] + exit_code + (f": {run['reason']}" if run["reason"] else "")
    say(time.strftime("%H:%M:%S"), f"{phase:<7} {run['hostname']}", told)
    for line in () if run["status"] in QUIET else _last_lines(api, run["id"]):
        say("", f"| {line}")


def _last_lines(api: Api, run_id: str) -> Sequence[str]:
    after, empty, last = "", 0, list[str]()
    while empty < 4:  # lines come a little later than the end
        page = api("GET", f"/runs/{run_id}/logs{after}")
        last = [*last, *(line["text"] for line in page["lines"])][-20:]
        if page["complete"]:
            break
        after, empty = f"?after={page['next']}", 0 if page["lines"] else empty + 1
        time.sleep(0.5 if empty else 0)
    return last


def say(first: str, second: str, third: str = "") -> None:
    """One line of progress; what a job printed commands neither a terminal nor the CI, as `##vso[...]` would."""
    line = re.sub(r"\x1b\[[\d;]*m", "", f"  {first:<12} {second:<24} {third}")
    print(re.sub(r"##(?=\w*\[)", "# #", "".join(c if c.isprintable() else " " for c in line)).rstrip(), flush=True)


def build_key(environ: Mapping[str, str], text: str) -> str:
    """The same within one attempt of a build, for one file; without a build, never the same."""
    build = next((names for names in BUILDS if environ.get(names.split()[0])), None)
    told = [*(environ.get(name, "") for name in build.split()), text] if build else [os.urandom(16).hex()]
    return hashlib.sha256("\n".join([build or "", *told]).encode()).hexdigest()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="kinto_pipeline.py", description=__doc__)
    parser.add_argument("file", help="project, environment, blocks and configured blocks as JSON")
    parser.add_argument("--prune", action="store_true", help="take out of the environment what the file lacks")
    parser.add_argument("--wait", action="store_true", help="follow the deployment and exit with its outcome")
    parser.add_argument("--timeout", type=float, default=3600, metavar="SECONDS", help="how long (3600)")
    parser.add_argument("--configure-only", action="store_true", help="deploy nothing")
    parser.add_argument("--deploy-only", action="store_true", help="configure nothing; a deployer's token will do")
    parser.add_argument("--key", help="deploy once for this key (from the CI's build if left out)")
    parser.add_argument("--patience", type=float, default=120, metavar="SECONDS", help="try again so long (120)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The script; the exit code."""
    try:
        options = parse(arguments)
        url, token = (os.environ.get(name, "").strip() for name in ("KINTO_URL", "KINTO_TOKEN"))
        if not url.startswith(("https://", "http://")) or not (token and token.isascii() and token.isprintable()):
            raise Stop("set KINTO_URL (https://...) and KINTO_TOKEN (one token) in the environment of this step")
        text = Path(options.file).read_text(encoding="utf-8")
        told, api = read(text, os.environ), Api(url, token, options.patience)
        print(f"{options.file} at {url}", flush=True)
        if not options.deploy_only:
            configure(api, told, options.prune)
        key = options.key or build_key(os.environ, text)
        return 0 if options.configure_only else deploy(api, told, options, key)
    except (Stop, OSError, UnicodeError) as error:
        print(f"kinto_pipeline: {error}", file=sys.stderr)
        return error.code if isinstance(error, Stop) else USAGE
    except SystemExit as leaving:
        return USAGE if leaving.code else 0  # argparse's own 2 is an outcome here
    except KeyboardInterrupt:
        print("kinto_pipeline: interrupted; a deployment that was started goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
