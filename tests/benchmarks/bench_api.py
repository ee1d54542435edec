"""For each API call: the AWS calls it makes, exactly, and the time it takes here (median)."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.benchmarks.product import Product, measure

TIMES = 15
MANY = 100
SHOP = "/projects/bench/environments/default"

Row = tuple[str, Counter[str], float]


def main(product: Product) -> None:
    """Print the table."""
    fill(product)
    print(f"\nAPI calls, with {MANY} blocks and {MANY} projects in the stack")
    print(f"{'call':58} {'median':>8}  AWS calls")
    for told, calls, median in measured(product):
        print(f"{told:58} {median * 1000:6.1f}ms  {', '.join(f'{n} {c}' for c, n in sorted(calls.items())) or '-'}")


def block(name: str, product: Product) -> dict[str, Any]:
    """A block's body."""
    return {"name": name, "repository": {"url": product.repository()}, "source": {"type": "command", "command": "true"}}


def fill(product: Product) -> None:
    """A stack with something in it."""
    for number in range(MANY):
        product.request("POST", "/blocks", block(f"block-{number:03}", product))
        product.request("POST", "/projects", {"name": f"project-{number:03}"})
    product.request("POST", "/projects", {"name": "bench"})
    for number in range(5):
        product.request("PUT", f"{SHOP}/blocks/job-{number}", {"block": f"block-{number:03}"})
    product.request("POST", f"{SHOP}/deployments")
    wait(product, SHOP)


def wait(product: Product, environment: str) -> Any:
    """The environment's latest deployment once it has ended."""
    while True:
        latest = product.request("GET", environment)["latest"]
        if latest["status"] != "running":
            return product.request("GET", f"{environment}/deployments/{latest['number']}")
        time.sleep(0.05)


def measured(product: Product) -> list[Row]:
    """Every call that can be repeated, and the creating ones with a new name each time."""
    names = (f"new-{n}" for n in range(10_000))
    schedule = {"mode": "repeat_schedule", "cron": "0 8 13 * 5"}
    run_id = product.request("GET", f"{SHOP}/deployments/1")["phases"]["pre_deployment"][0]["id"]
    calls: list[tuple[str, str, Callable[[], str], Callable[[], Any]]] = [
        ("GET", "/health", lambda: "/health", lambda: None),
        ("GET", "/quick-patterns", lambda: "/quick-patterns", lambda: None),
        ("POST", "/schedules/preview", lambda: "/schedules/preview", lambda: {"cron": "0 8 13 * 5"}),
        ("GET", "/blocks?limit=100", lambda: "/blocks?limit=100", lambda: None),
        ("POST", "/blocks", lambda: "/blocks", lambda: block(next(names), product)),
        ("GET", "/blocks/{block}", lambda: "/blocks/block-001", lambda: None),
        ("PATCH", "/blocks/{block}", lambda: "/blocks/block-099", lambda: {"name": next(names)}),
        ("GET", "/projects?limit=100", lambda: "/projects?limit=100", lambda: None),
        ("POST", "/projects", lambda: "/projects", lambda: {"name": next(names)}),
        ("GET", "/projects/{p}", lambda: "/projects/bench", lambda: None),
        ("PATCH", "/projects/{p}", lambda: "/projects/bench", lambda: {"name": next(names)}),
        ("GET", ".../environments/{e} (5 blocks)", lambda: SHOP, lambda: None),
        ("PUT", ".../blocks/{hostname} (add)", lambda: f"{SHOP}/blocks/{next(names)}", lambda: {"block": "block-001"}),
        ("PUT", ".../blocks/{hostname} (change)", lambda: f"{SHOP}/blocks/job-0", lambda: {"block": "block-000"}),
        (
            "PUT",
            ".../blocks/{hostname} (schedule)",
            lambda: f"{SHOP}/blocks/job-1",
            lambda: {"block": "block-001", "run": schedule},
        ),
        ("GET", ".../blocks/{hostname}", lambda: f"{SHOP}/blocks/job-0", lambda: None),
        ("GET", ".../changes", lambda: f"{SHOP}/changes", lambda: None),
        ("GET", ".../deployments", lambda: f"{SHOP}/deployments", lambda: None),
        ("GET", ".../deployments/{number} (5 runs)", lambda: f"{SHOP}/deployments/1", lambda: None),
        ("GET", ".../runs", lambda: f"{SHOP}/blocks/job-2/runs", lambda: None),
        ("POST", ".../runs (force)", lambda: f"{SHOP}/blocks/job-2/runs", lambda: {"force": True}),
        ("GET", "/runs/{id}", lambda: f"/runs/{run_id}", lambda: None),
        ("GET", "/runs/{id}/logs", lambda: f"/runs/{run_id}/logs", lambda: None),
    ]
    return [_measure(product, method, told, path, body) for method, told, path, body in calls]


def _measure(product: Product, method: str, told: str, path: Callable[[], str], body: Callable[[], Any]) -> Row:
    times = []
    for _ in range(TIMES if "force" not in told else 1):
        address, sent = path(), body()
        product.calls.clear()
        began = time.perf_counter()
        product.request(method, address, sent)
        times.append(time.perf_counter() - began)
        calls = Counter(product.calls)
    return f"{method:6} {told}", calls, statistics.median(times)


if __name__ == "__main__":
    measure(main)
