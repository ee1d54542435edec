"""`make import STAGE=dev FILE=...`: makes a stack's configuration what a document of `make export` says."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.operate import document, export, steps
from infra.operate.api import Api, connected, parser, said
from infra.operate.refusals import Refused
from infra.operate.steps import Secrets, Step


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    made = parser("Makes the configuration of a stack what a document says; a second time changes nothing.")
    made.add_argument("--secrets", metavar="FILE", help="values by the addresses in the document's to_be_set, as JSON")
    made.add_argument("--overwrite", action="store_true", help="change what differs, and set all given secrets again")
    made.add_argument("--shutdown", action="store_true", help="let every environment rest until it is deployed")
    made.add_argument("--list", action="store_true", help="only tell the steps")
    options = made.parse_args(arguments)

    def command() -> int:
        told = document.read(_text(options.file))
        secrets = Secrets(_secrets(options.secrets, told), options.overwrite)
        if options.shutdown:
            _at_rest(told)
        return restore(connected(options), told, secrets, options.list)

    return said(command)


def restore(api: Api, told: dict[str, Any], secrets: Secrets, only_look: bool) -> int:
    """Compare, tell, and carry out; raises Refused where something differs that may not be overwritten, or Stop."""
    present = document.canonical(export.read(api))
    planned = list(steps.plan(told, present, secrets))
    for step in planned:
        print(f"  {step}", flush=True)
    if wrong := steps.impossible(planned):
        raise Refused("\n".join(["Nothing was changed:", *(f"  {line}" for line in wrong)]))
    differing = [step for step in planned if step.verb == "change"]
    if only_look:
        return 0
    if differing and not secrets.again:
        raise Refused(f"Nothing was changed: the stack says otherwise in {len(differing)} places; see --overwrite.")
    _carry_out(api, planned)
    print(f"{len(planned)} steps done." if planned else "Everything is as the document says.")
    if secrets.open:
        lines = [f"  {address}" for address in secrets.open]
        print("\n".join(["Still to be set, in the console or with --secrets:", *lines]))
    return 0


def _carry_out(api: Api, planned: Sequence[Step]) -> None:
    for number, step in enumerate(planned, 1):
        try:
            step.apply(api)
        except BaseException:
            print(f"Stopped at step {number} of {len(planned)}, {step.what}. The same command goes on there.")
            raise


def _text(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


def _secrets(file: str | None, told: dict[str, Any]) -> dict[str, str | None]:
    """The values by address; raises Refused where it is no such file, or names what the document does not."""
    if file is None:
        return {}
    try:
        given = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError:
        raise Refused(f"{file} is no JSON.") from None
    if not isinstance(given, dict) or any(not isinstance(one, str | None) for one in given.values()):
        raise Refused(f'{file}: write {{"ADDRESS": "value", ...}}, null for what is to stay without a value.')
    unknown = [address for address in given if address not in told["to_be_set"]]
    if unknown:
        raise Refused("\n".join([f"{file} names what is not in the document's to_be_set:", *unknown]))
    return given


def _at_rest(told: dict[str, Any]) -> None:
    for project in told["projects"]:
        for environment in project["environments"]:
            environment["shutdown"] = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
