"""`make doctor STAGE=dev`: whether the stage can be deployed from here, and what each missing thing means."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra import package, template
from infra.operate import bucket, changes, kept, quotas
from infra.operate.quotas import Finding
from infra.operate.refusals import FAILURES, NO_CREDENTIALS, Refused, plainly, told
from infra.operate.stage import Stage, chosen, parser

SUITABLE = ((3, 11), (3, 14))  # each a runtime of Lambda; also in the Makefile and pyproject.toml


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code: 1 where deploying can't work."""
    options = parser("Looks whether the stage can be deployed from here.").parse_args(arguments)
    return plainly(lambda: doctor(options.stage, lambda: chosen(options)))


def doctor(name: str, stage: Callable[[], Stage]) -> int:
    """Prints a line for each thing; 1 where something is bad."""
    print(f"Can the stage {name} be deployed from here? Nothing is changed by looking.", flush=True)
    bad = 0
    for mark, words in _findings(name, stage):
        bad += mark == "bad"
        print(f"  {mark:<5} {words}", flush=True)
    if bad:
        print(f"Not yet: {bad} thing{'s' * (bad > 1)} to put right, marked bad.")
        return 1
    print(f"Yes: make deploy STAGE={name}")
    return 0


def _findings(name: str, stage: Callable[[], Stage]) -> Iterator[Finding]:
    yield _python(sys.version_info[:2])
    yield _package(name)
    try:
        where = stage()
    except (Refused, *FAILURES) as error:
        yield "bad", told(error)
        return
    account = list(_account(where))
    yield from account
    if any(mark == "bad" for mark, _ in account):
        yield "--", "Not looked at without an account: the stack, its bucket and table, quotas, API Gateway's log role"
        return
    own = sum(one.get("Type") == "AWS::Events::Rule" for one in template.load()["Resources"].values())
    present = _described(where)
    for look in (
        lambda: [_stack(where, present)],
        lambda: [_bucket(where)],
        lambda: _table(where, present),
        lambda: quotas.findings(where, 0 if present else own),
        lambda: [_log_role(where, present)],
    ):
        yield from _looked(look)


def _looked(look: Callable[[], Any]) -> Iterator[Finding]:
    """What was found, or why one may not look."""
    try:
        yield from look()
    except Refused as error:
        yield "bad", str(error)
    except FAILURES as error:
        yield "look", told(error)


def _python(version: tuple[int, ...]) -> Finding:
    words = ".".join(map(str, version))
    if SUITABLE[0] <= version <= SUITABLE[1]:
        return "ok", f"Python {words} packages, so Lambda will run python{words}"
    return "bad", f"Python {words} can't package: Lambda runs the minor version that packages. Use Python 3.11 to 3.14."


def _package(name: str) -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        try:
            package.package(name, Path(folder) / name)
        except (package.CannotPackage, OSError) as error:
            return "bad", f"The package can't be made. {error}"
        size = (Path(folder) / name / "deployment.zip").stat().st_size
        return "ok", f"The package can be made ({size / 1e6:.1f} MB)"


def _account(stage: Stage) -> Iterator[Finding]:
    """Credentials and Region, each by itself: neither hides that the other is missing."""
    try:
        if stage.session.get_credentials() is None:
            yield "bad", NO_CREDENTIALS
        yield "ok", f"The Region is {stage.region}"
        if stage.session.get_credentials() is not None:
            yield "ok", f"The account is {stage.account}, and you are {stage.identity['Arn']}"
    except (Refused, *FAILURES) as error:
        yield "bad", told(error)


def _described(stage: Stage) -> Mapping[str, Any] | None:
    try:
        return stage.described()
    except FAILURES:
        return None


def _stack(stage: Stage, present: Mapping[str, Any] | None) -> Finding:
    present = present or stage.described()
    wrong = changes.obstacle(stage, present)
    if wrong is not None:
        return "bad", wrong
    if present is None:
        return "ok", f"There is no stack {stage.stack} yet; it will be made"
    return "ok", f"The stack {stage.stack} is {present['StackStatus']}; it will be updated"


def _bucket(stage: Stage) -> Finding:
    if bucket.exists(stage):
        return "ok", f"Packages go to the bucket {stage.bucket}"
    return "ok", f"Packages go to the bucket {stage.bucket}, which will be made"


def _table(stage: Stage, present: Mapping[str, Any] | None) -> Iterator[Finding]:
    if present is None and kept.table_arn(stage) is not None:
        key = "" if kept.key_id(stage) else " Its key is not known, so that masked values in it have to be set again."
        yield "ok", f"An earlier stack has left the table {stage.table}; it will be taken into the new one.{key}"


def _log_role(stage: Stage, present: Mapping[str, Any] | None) -> Finding:
    settings = {one["ParameterKey"]: one["ParameterValue"] for one in (present or {}).get("Parameters", ())}
    if stage.client("apigateway").get_account().get("cloudwatchRoleArn"):
        return "ok", "API Gateway may write logs (AccessLogs can be true)"
    if settings.get("AccessLogs") == "true":
        return "bad", "AccessLogs is true, but API Gateway's account settings name no CloudWatch role. Set one there."
    return "ok", "API Gateway may write no logs here, so AccessLogs stays false"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
