"""How long a cold start imports, as packaged for Lambda, beside the least that any such function needs; and sizes.

python -m tests.benchmarks.bench_cold_start
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from app import app
from infra import package
from tests.infra.package.made import as_in_lambda

# A bare Chalice application and one client, which no function of ours can do without.
FLOOR = """
import chalice, botocore.session
chalice.Chalice("floor")
botocore.session.get_session().create_client("dynamodb", region_name="eu-west-1")
"""
# What a tick does before it reads its schedule: also the second client is there.
READY = """
import os
os.environ |= {name: "eu-west-1" for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
import chalicelib.handlers.schedules
from chalicelib.aws import clients
from chalicelib.store import table
clients.share(table.session)
table.Item._get_connection().connection.client
clients.client("stepfunctions")
"""
# Processor time: other processes of this machine are none of its business.
TIMED = "import time; began = time.process_time()\n{}\nprint(time.process_time() - began)"
ROUNDS = 9
LIMITS = {"app": 1.25, "a tick with both of its clients": 1.75}
MOST_OF_OTHERS = 1.15
MOST_BYTES = 12_000_000


def main() -> int:
    """Prints the figures; 1 where one is above its limit."""
    with tempfile.TemporaryDirectory() as folder:
        made, unpacked = Path(folder) / "made", Path(folder) / "unpacked"
        package.package("dev", made)
        with zipfile.ZipFile(made / "deployment.zip") as packed:
            packed.extractall(unpacked)
        size = sum(path.stat().st_size for path in unpacked.rglob("*") if path.is_file())
        times = measured(unpacked, {"floor": FLOOR, **imports(), "a tick with both of its clients": READY})
        packed_size = (made / "deployment.zip").stat().st_size
    ratios = {name: time / times["floor"] for name, time in times.items() if name != "floor"}
    print("\nCold starts: processor time of the import, as packaged, beside Chalice with one client")
    print(f"{'floor':40}{times['floor'] * 1000:8.0f} ms")
    for name, ratio in ratios.items():
        print(f"{name:40}{times[name] * 1000:8.0f} ms   ratio {ratio:.2f} of {LIMITS.get(name, MOST_OF_OTHERS):.2f}")
    print(f"package: {packed_size:,} bytes packed, {size:,} of {MOST_BYTES:,} unpacked")
    return int(size > MOST_BYTES or any(ratio > LIMITS.get(name, MOST_OF_OTHERS) for name, ratio in ratios.items()))


def imports() -> dict[str, str]:
    """The import of each module that Lambda loads by itself."""
    modules = {function.handler_string.rpartition(".")[0] for function in app.pure_lambda_functions}
    return {module: f"import {module}" for module in ("app", *sorted(modules))}


def measured(unpacked: Path, cases: dict[str, str]) -> dict[str, float]:
    """The least seconds of each case, each in fresh processes, in turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, code in cases.items():
            times[name].append(float(as_in_lambda(unpacked, TIMED.format(code))))
    return {name: min(found) for name, found in times.items()}


if __name__ == "__main__":
    raise SystemExit(main())
