"""What is counted and measured, as lines of the log in CloudWatch's embedded metric format: no call, no client.

Each combination of dimensions is a metric that is paid for, so there are few; what else a line says can be asked of
the log. Each fact is told by the call that wrote it, which a second call for the same fact can't be.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import logs
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run

NAMESPACE = "KintoBlocks"
STACK = ("stack",)

log = logging.getLogger(__name__)


def run_ended(stack: str, run: Run) -> None:
    """A run has got its final state; a missed tick is counted for itself too, which an alarm can watch."""
    directives = [_directive({"RunsEnded": "Count"}, [("stack", "state", "trigger")])]
    values = {"RunsEnded": 1}
    if run.status == "missed":
        directives.append(_directive({"MissedTicks": "Count"}, [STACK]))
        values["MissedTicks"] = 1
    about = {"state": run.status, "trigger": run.trigger, "run_id": run.id, "exit_code": run.exit_code}
    _tell(f"run {run.id} ended {run.status}", stack, directives, values, about)


def tick_accounted(stack: str, run: Run, lag: float) -> None:
    """A due minute has got its row, `lag` seconds after it began."""
    directives = [_directive({"TickLag": "Seconds"}, [STACK])]
    _tell(f"tick {run.id} accounted for after {lag:.0f} s", stack, directives, {"TickLag": lag}, {"run_id": run.id})


def deployment_ended(stack: str, deployment: Deployment, seconds: float) -> None:
    """A deployment has got its final state, `seconds` after it was asked for."""
    units = {"DeploymentsEnded": "Count", "DeploymentDuration": "Seconds"}
    values = {"DeploymentsEnded": 1, "DeploymentDuration": seconds}
    about = {"state": deployment.status, "deployment_id": deployment.id}
    directives = [_directive(units, [("stack", "state")])]
    _tell(f"deployment {deployment.id} ended {deployment.status}", stack, directives, values, about)


def answered(stack: str, method: str, route: str, status: int, milliseconds: float) -> None:
    """A request was answered. Its route is a dimension only where that was an error of ours, which is rare."""
    directives = [_directive({"Latency": "Milliseconds"}, [STACK])]
    values = {"Latency": milliseconds}
    if status >= 500:
        directives.append(_directive({"ServerErrors": "Count"}, [STACK, ("stack", "route")]))
        values["ServerErrors"] = 1
    about = {"method": method, "route": f"{method} {route}", "status": status, "duration_ms": milliseconds}
    _tell(f"{method} {route} {status}", stack, directives, values, about)


def repaired(stack: str, step: str) -> None:
    """Reconcile has put one thing right."""
    _tell(f"repaired: {step}", stack, [_directive({"Repairs": "Count"}, [STACK])], {"Repairs": 1}, {})


def replayed(stack: str) -> None:
    """A dead letter was handled after all."""
    directives = [_directive({"DeadLettersReplayed": "Count"}, [STACK])]
    _tell("a dead letter was replayed", stack, directives, {"DeadLettersReplayed": 1}, {})


def _directive(units: Mapping[str, str], dimensions: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "Namespace": NAMESPACE,
        "Dimensions": [list(one) for one in dimensions],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }


def _tell(
    message: str,
    stack: str,
    directives: Sequence[Mapping[str, Any]],
    values: Mapping[str, float],
    about: Mapping[str, Any],
) -> None:
    told = logs.told(stack=stack, **{name: value for name, value in about.items() if value is not None}, **values)
    log.info("%s", message, extra={**told, "metrics": directives})
