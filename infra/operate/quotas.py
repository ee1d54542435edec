"""What the account allows of what a stack needs: builds at once, rules a bus, functions at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.operate.refusals import told
from infra.operate.stage import Stage

SMALL = "Concurrently running builds for Linux/Small environment"
LARGER = {size: SMALL.replace("Small", size) for size in ("Medium", "Large", "XLarge", "2XLarge")}
RULES = "L-244521F2"  # AWS has renamed this quota before; its code stays
FUNCTIONS = "L-B99A9384"
FEW_FUNCTIONS = 50
# What there is where nobody has raised it, for an account that doesn't let us look.
USUAL_RULES = 300

Finding = tuple[str, str]


def findings(stage: Stage, own_rules: int) -> Iterator[Finding]:
    """What each quota means here; `own_rules` are those of the template that are not there yet."""
    for look, service in ((_builds, "codebuild"), (_functions, "lambda")):
        try:
            yield from look(stage)
        except ClientError as error:
            yield "look", f"The quotas of {service} can't be read; see {_page(stage, service)} ({told(error)})"
    yield _rules(stage, own_rules)


def _quotas(stage: Stage, service: str) -> Mapping[str, Mapping[str, Any]]:
    """The quotas of a service, by code and by name."""
    pages = stage.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
    quotas = [quota for page in pages for quota in page["Quotas"]]
    return {quota[key]: quota for quota in quotas for key in ("QuotaCode", "QuotaName")}


def _page(stage: Stage, path: str) -> str:
    return f"https://{stage.region}.console.aws.amazon.com/servicequotas/home/services/{path}"


def _builds(stage: Stage) -> Iterator[Finding]:
    known = _quotas(stage, "codebuild")
    if SMALL not in known:
        yield "look", f"Service Quotas does not tell how many builds may run at once; see {_page(stage, 'codebuild')}"
        return
    small = int(known[SMALL]["Value"])
    others = ", ".join(f"{size} {int(known[name]['Value'])}" for size, name in LARGER.items() if name in known)
    larger = f" (larger machines, for jobs with more memory: {others})" if others else ""
    raising = f"Raise it at {_page(stage, 'codebuild/quotas/' + known[SMALL]['QuotaCode'])}"
    if small == 0:
        yield "look", f"CodeBuild may run no build at all here, so no job can run{larger}. {raising}"
    elif small < 5:
        yield "look", f"Jobs at once: {small}; further ones wait as queued{larger}. {raising}"
    else:
        yield "ok", f"Jobs at once: {small}{larger}"


def _functions(stage: Stage) -> Iterator[Finding]:
    quota = _quotas(stage, "lambda").get(FUNCTIONS)
    if quota is None:
        yield "look", f"Service Quotas does not tell how many functions may run at once; see {_page(stage, 'lambda')}"
    elif quota["Value"] < FEW_FUNCTIONS:
        yield (
            "look",
            f"Lambda runs {int(quota['Value'])} functions at once, for everything in the account: ticks of the same "
            f"minute and people wait for each other. Raise it at {_page(stage, f'lambda/quotas/{FUNCTIONS}')}",
        )
    else:
        yield "ok", f"Functions at once: {int(quota['Value'])}"


def _rules(stage: Stage, own: int) -> Finding:
    present = sum(len(page["Rules"]) for page in stage.client("events").get_paginator("list_rules").paginate())
    try:
        most, sure = int(_quotas(stage, "events")[RULES]["Value"]), ""
    except (ClientError, KeyError):
        most, sure = USUAL_RULES, " (if nobody has raised or lowered it)"
    room = most - present - own
    raising = f"Raise it at {_page(stage, f'events/quotas/{RULES}')}"
    if room < 0:
        return "bad", f"No room for the stack's own {own} EventBridge rules: {present} of {most}{sure}. {raising}"
    if room < 50:
        return "look", f"Room for {room} schedules: {present} of {most} rules{sure}. {raising}, or set ScheduleBackend."
    return "ok", f"Room for {room} schedules: {present} of {most} rules{sure}; beyond, set ScheduleBackend to scheduler"
