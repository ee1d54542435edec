"""From a stack as it is to what a document says: the steps, of which each may be done again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from infra.operate import document
from infra.operate.api import Api

Thing = Mapping[str, Any]
Verb = Literal["create", "complete", "change"]
# What can't be changed under the same name.
FIXED = ("flavor", "block")


class Step(NamedTuple):
    """One thing to make: `complete` adds what nobody has said yet; only `change` takes the place of something."""

    verb: Verb
    what: str
    fields: tuple[str, ...]
    apply: Callable[[Api], None]

    def __str__(self) -> str:
        return f"{self.verb:<9} {self.what}" + (f": {', '.join(self.fields)}" if self.fields else "")


class Secrets:
    """What a file of secrets gives; `open` collects what nobody has given."""

    def __init__(self, given: Mapping[str, str | None], again: bool) -> None:
        self.given, self.again = given, again
        self.open: list[str] = []

    def wanted(self, address: str, stored: bool) -> str | None:
        """The value to send; None where it is stored already, or is not there."""
        if stored and not self.again:
            return None
        if address not in self.given and not stored:
            self.open.append(address)
        return self.given.get(address)


def plan(wanted: Thing, present: Thing, secrets: Secrets) -> Iterator[Step]:
    """The steps, in an order in which each finds what it needs."""
    hosts = {one["host"]: one for one in present["credentials"]}
    for one in wanted["credentials"]:
        yield from _credentials(one, hosts.get(one["host"]), secrets)
    projects = {one["internal_name"]: one for one in present["projects"]}
    # Before the blocks, which may name them.
    for one in wanted["projects"]:
        yield from _project(one, projects.get(one["internal_name"]))
    blocks = {one["internal_name"]: one for one in present["blocks"]}
    needed, kept = set(wanted["to_be_set"]), set(present["to_be_set"])
    for one in wanted["blocks"]:
        at = f"blocks/{one['internal_name']}"
        address = document.token(at)
        token = secrets.wanted(address, address in kept) if address in needed else None
        yield from _block(at, one, blocks.get(one["internal_name"]), token, secrets)
    for one in wanted["projects"]:
        yield from _environments(one, projects.get(one["internal_name"]), secrets)


def _credentials(one: Thing, present: Thing | None, secrets: Secrets) -> Iterator[Step]:
    address = f"credentials/{one['host']}"
    value = secrets.wanted(address, present is not None)
    if value is not None:
        verb: Verb = "create" if present is None else "change"
        yield Step(verb, address, (), lambda api: api("PUT", f"/{address}", {**_without(one, "host"), "secret": value}))
    elif present is not None and one.get("username") != present.get("username"):
        secrets.open.append(address)


def _block(at: str, one: Thing, present: Thing | None, token: str | None, secrets: Secrets) -> Iterator[Step]:
    variables, completed = _variables(at, one, present, secrets)
    told = {**one, "variables": variables}
    if token is not None:
        told["repository"] = {**one["repository"], "token": token}
    if present is None:
        yield Step("create", at, (), lambda api: api("POST", "/blocks", told))
        return
    fields = _differing(one, present, ("name", "flavor", "repository", "source", "variables", "projects"))
    changeable = ("name", "repository", "source", "variables", "projects")
    patch = {name: _patch(present.get(name), told.get(name)) for name in changeable}
    if fields:
        yield Step("change", at, fields, lambda api: api("PATCH", f"/{at}", patch))
    elif completed or token is not None:
        yield Step("complete", at, ("secrets",), lambda api: api("PATCH", f"/{at}", patch))


def _project(one: Thing, present: Thing | None) -> Iterator[Step]:
    at, environments = f"projects/{one['internal_name']}", one["environments"]
    told = _without(one, "environments")
    if present is None:
        # The first environment is made with its project, and completed like one that was there.
        first = {"environment": environments[0]["internal_name"]} if environments else {}
        yield Step("create", at, (), lambda api: api("POST", "/projects", {**told, **first}))
    elif fields := _differing(told, present, ("name", "description")):
        patch = {name: told.get(name) for name in fields}
        yield Step("change", at, fields, lambda api: api("PATCH", f"/{at}", patch))


def _environments(one: Thing, present: Thing | None, secrets: Secrets) -> Iterator[Step]:
    at = f"projects/{one['internal_name']}"
    known = {other["internal_name"]: other for other in present["environments"]} if present is not None else {}
    for environment in one["environments"]:
        inside = f"{at}/environments/{environment['internal_name']}"
        yield from _environment(inside, environment, known.get(environment["internal_name"]), secrets)


def _environment(at: str, one: Thing, present: Thing | None, secrets: Secrets) -> Iterator[Step]:
    said = ("name", "on_post_deployment_failure", "role_arn", "run_overrides")
    new = {**_without(one, "shutdown", "blocks", "role_arn", "run_overrides")}

    def made(api: Api) -> None:
        if api("GET", f"/{at}", may_lack=True) is None:
            api("POST", f"/{at.rpartition('/')[0]}", new)
        changed(api)

    def changed(api: Api) -> None:
        api("PATCH", f"/{at}", {name: one.get(name) for name in said})

    if present is None:
        yield Step("create", at, (), made)
    elif fields := _differing(one, present, said):
        yield Step("complete" if _is_untouched(present) else "change", at, fields, changed)
    # Before its blocks: what rests must not run in between.
    if one["shutdown"] and not (present or {}).get("shutdown"):
        yield Step("complete", at, ("shutdown",), lambda api: api("POST", f"/{at}/shutdown"))
    known = {other["hostname"]: other for other in present["blocks"]} if present is not None else {}
    for configured in one["blocks"]:
        inside = f"{at}/blocks/{configured['hostname']}"
        yield from _configured(inside, configured, known.get(configured["hostname"]), secrets)


def _is_untouched(environment: Thing) -> bool:
    """Whether it says nothing but what it was made with, beside a project or by an import that was interrupted."""
    made = environment["name"] == environment["internal_name"] and not environment["blocks"]
    unsaid = not environment.keys() & {"role_arn", "run_overrides"}
    return made and unsaid and environment["on_post_deployment_failure"] == "keep"


def _configured(at: str, one: Thing, present: Thing | None, secrets: Secrets) -> Iterator[Step]:
    variables, completed = _variables(at, one, present, secrets)
    told = {**_without(one, "hostname", "paused"), "variables": variables}
    said = ("block", *(name for name in ("ref", "run") if name in one), "variables")
    fields = _differing(one, present or {}, (*said, "memory_mb", "timeout_seconds", "retries"))
    if present is None or fields or completed:
        verb: Verb = "create" if present is None else "change" if fields else "complete"
        named = () if present is None else fields or ("secrets",)
        yield Step(verb, at, named, lambda api: api("PUT", f"/{at}", told))
    yield from _paused(at, one.get("paused"), (present or {}).get("paused"))


def _paused(at: str, wanted: Thing | None, present: Thing | None) -> Iterator[Step]:
    until = (wanted or {}).get("until")
    if wanted is not None and until is not None and datetime.fromisoformat(until) <= datetime.now(UTC):
        wanted = None
    if wanted == present:
        return
    if wanted is None:
        yield Step("change", at, ("paused",), lambda api: api("POST", f"/{at}/resume"))
    else:
        verb: Verb = "complete" if present is None else "change"
        yield Step(verb, at, ("paused",), lambda api: api("POST", f"/{at}/pause", wanted))


def _variables(at: str, one: Thing, present: Thing | None, secrets: Secrets) -> tuple[list[Any], bool]:
    """The variables to send, and whether they complete what is there.

    A masked one whose value nobody has given is sent as one that is required: until somebody sets it, deployments are
    refused and runs don't start, and both name it.
    """
    before = {variable["name"]: variable for variable in (present or {}).get("variables", ())}
    sent, completed = [], False
    for variable in one["variables"]:
        if not variable["masked"]:
            sent.append(variable)
            continue
        address, known = document.variable(at, variable["name"]), before.get(variable["name"], {})
        stored = bool(known.get("masked"))
        value = secrets.wanted(address, stored)
        if value is not None:
            sent.append({**variable, "value": value})
        else:
            as_it_is = stored or address in secrets.given
            sent.append(variable if as_it_is else _unset(variable["name"]))
        completed |= (not stored and address in secrets.given) or value is not None
    return sent, completed


def _unset(name: str) -> dict[str, Any]:
    return {"name": name, "required": True, "masked": False}


def _differing(wanted: Thing, present: Thing, fields: Iterable[str]) -> tuple[str, ...]:
    """The fields that say something else; what waits for its secret is no difference."""
    return tuple(name for name in fields if not _alike(wanted.get(name), present.get(name)))


def _alike(wanted: Any, present: Any) -> bool:
    if isinstance(wanted, list) and isinstance(present, list) and len(wanted) == len(present):
        return all(w == p or (w["masked"] and p == _unset(w["name"])) for w, p in zip(wanted, present, strict=True))
    return bool(wanted == present)


def _patch(present: Any, wanted: Any) -> Any:
    """The merge patch after which nothing else is left."""
    if not isinstance(present, dict) or not isinstance(wanted, dict) or present.get("type") != wanted.get("type"):
        return wanted
    return {**dict.fromkeys(present), **wanted}


def _without(thing: Thing, *names: str) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in names}


def impossible(steps: Sequence[Step]) -> list[str]:
    """The steps that the API does not take under the same name."""
    return [f"{step.what}: its {name} can't be changed" for step in steps for name in FIXED if name in step.fields]
