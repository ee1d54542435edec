"""`make deploy STAGE=dev`: the package to the stack's account, as a change of its CloudFormation stack."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra import template as templates
from infra.operate import bucket, changes, kept
from infra.operate.refusals import Refused, plainly
from infra.operate.stage import Stage, chosen, parser

DIST = Path(__file__).parents[2] / "dist"
FUNCTION = "AWS::Serverless::Function"


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    options = _parser().parse_args(arguments)
    return plainly(lambda: deploy(chosen(options), options.settings, DIST / options.stage))


def _parser() -> argparse.ArgumentParser:
    made = parser("Deploys what `make package` made.")
    made.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="NAME=VALUE",
        help="a parameter of the template, such as AlarmEmail; those of earlier deployments stay",
    )
    return made


def deploy(stage: Stage, settings: Sequence[str], package: Path) -> int:
    """Create or update the stack, telling what happens; raises Refused."""
    told = _template(package)
    wanted = _settings(settings, told)
    print(f"Deploying the stage {stage.name} as {stage.words}, as {stage.identity['Arn']}", flush=True)
    present = stage.described()
    if (wrong := changes.obstacle(stage, present)) is not None:
        raise Refused(wrong)
    bucket.ensure(stage)
    if present is None or present["StackStatus"] == "REVIEW_IN_PROGRESS":
        kind = "UPDATE" if _take_in(stage, told) else "CREATE"
    else:
        kind = "UPDATE"
    code = bucket.upload(stage, (package / "deployment.zip").read_bytes(), "package-", ".zip")
    _point_at(told, f"s3://{stage.bucket}/{code}")
    request = {**_request(stage, told), "Parameters": _parameters(told, wanted, present)}
    changed = changes.apply(stage, kind, request)
    _say_end(stage, changed)
    return 0


def _template(package: Path) -> dict[str, Any]:
    path = package / "template.yaml"
    if not path.exists():
        raise Refused(f"There is no {path}. Run make package STAGE={package.name} first.")
    return templates.load(path)


def _settings(settings: Sequence[str], told: Mapping[str, Any]) -> dict[str, str]:
    known = told.get("Parameters", {})
    wanted = {name: value for name, _, value in (one.partition("=") for one in settings)}
    unknown = [name for name in wanted if name not in known]
    if unknown or any("=" not in one for one in settings):
        raise Refused(f"--set takes NAME=VALUE with a NAME of {', '.join(known) or 'none at all'}.")
    return wanted


def _parameters(
    told: Mapping[str, Any], wanted: Mapping[str, str], present: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    made = present is not None and present["StackStatus"] != "REVIEW_IN_PROGRESS"  # else there are no values to keep
    before = {one["ParameterKey"] for one in (present or {}).get("Parameters", ()) if made}
    said = [{"ParameterKey": name, "ParameterValue": value} for name, value in wanted.items()]
    kept_as_they_are = [name for name in told.get("Parameters", {}) if name in before and name not in wanted]
    return said + [{"ParameterKey": name, "UsePreviousValue": True} for name in kept_as_they_are]


def _take_in(stage: Stage, told: Mapping[str, Any]) -> bool:
    """Whether an earlier stack has left its table, which is now in the new one."""
    found = kept.importing(stage, told)
    if found is None:
        return False
    print(f"Taking in the table {stage.table}, which an earlier stack has left", flush=True)
    request = _request(stage, found["Template"])
    return changes.apply(stage, "IMPORT", {**request, "ResourcesToImport": found["ResourcesToImport"]})


def _point_at(told: Mapping[str, Any], address: str) -> None:
    for resource in told["Resources"].values():
        if resource.get("Type") == FUNCTION:
            resource["Properties"]["CodeUri"] = address


def _request(stage: Stage, told: Mapping[str, Any]) -> dict[str, Any]:
    """A template by its address: as a text it would be too long."""
    key = bucket.upload(stage, json.dumps(told, sort_keys=True).encode(), "template-", ".json")
    return {"TemplateURL": bucket.url(stage, key)}


def _say_end(stage: Stage, changed: bool) -> None:
    outputs = stage.outputs()
    if not changed:
        print("Nothing has changed since the last deployment.")
    elif "Reconcile" in outputs:
        # Rules that went with an earlier stack, or are for another backend now, should not wait for the night.
        stage.client("lambda").invoke(FunctionName=outputs["Reconcile"], InvocationType="Event", Payload=b"{}")
    address = outputs.get("EndpointURL", "").rstrip("/")
    print(f"\n{stage.stack} is deployed. Console and API: {address}/")
    print(f"The first token: make token STAGE={stage.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
