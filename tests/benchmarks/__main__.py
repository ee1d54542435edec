"""`make bench`: every benchmark, one after another; figures to compare within one run.

Each in a process of its own: the emulator, and the connections to it, are one for a process.
"""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("bench_cold_start", "bench_cron", "bench_schedules", "bench_deployments", "bench_api", "bench_laptop")

if __name__ == "__main__":
    commands = [[sys.executable, "-m", f"tests.benchmarks.{name}"] for name in BENCHMARKS]
    codes = [subprocess.run(command, check=False).returncode for command in commands]
    sys.exit(any(codes))  # whatever is not 0: the end by a signal is below it
