"""For deployments of n jobs: state transitions, AWS calls, and the time from POST to the first job's first line."""

from __future__ import annotations

import time
from typing import Any

import boto3

from tests.benchmarks.bench_api import block, wait
from tests.benchmarks.product import Product, measure

SIZES = (1, 10, 50)


def main(product: Product) -> None:
    """Print the table."""
    source = {"type": "command", "command": "date +%s.%N"}
    product.request("POST", "/blocks", block("clock", product) | {"source": source})
    _row(product, 1, "warm-up")
    print("\nDeployments of n jobs in one wave before the deployment")
    print("  n  first line     whole   a job  transitions  a job  AWS calls  a job  (calls of the functions)")
    for size in SIZES:
        print(_row(product, size, f"n{size}-jobs"))


def _row(product: Product, size: int, name: str) -> str:
    environment = f"/projects/{name}/environments/default"
    product.request("POST", "/projects", {"name": name})
    for number in range(size):
        product.request("PUT", f"{environment}/blocks/job-{number}", {"block": "clock"})
    product.calls_of_functions = 0
    began = time.time()
    product.request("POST", f"{environment}/deployments")
    time.sleep(0.5)
    deployment = wait(product, environment)
    took, calls = time.time() - began, product.calls_of_functions
    assert deployment["status"] == "deployed", deployment["reason"]
    first = min(_first_line(product, run) for run in deployment["phases"]["pre_deployment"]) - began
    entered = _transitions()
    return (
        f"{size:3} {first:10.2f}s {took:8.2f}s {took / size:6.2f}s {entered:12} {entered / size:6.1f}"
        f" {calls:10} {calls / size:6.1f}"
    )


def _first_line(product: Product, run: Any) -> float:
    return float(product.request("GET", f"/runs/{run['id']}/logs")["lines"][0]["text"])


_seen: set[str] = set()


def _transitions() -> int:
    """States entered by executions that were not there when this was asked last."""
    states = boto3.client("stepfunctions")
    entered = 0
    for machine in states.list_state_machines()["stateMachines"]:
        for execution in states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            if execution["executionArn"] not in _seen:
                _seen.add(execution["executionArn"])
                entered += _entered(states, execution["executionArn"])
    return entered


def _entered(states: Any, arn: str) -> int:
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    return sum(event["type"].endswith("StateEntered") for page in pages for event in page["events"])


if __name__ == "__main__":
    measure(main)
