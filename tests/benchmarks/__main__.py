"""`make bench`: every benchmark, one after another; figures to compare within one run."""

from __future__ import annotations

import os
import sys

from tests.benchmarks import bench_api, bench_cold_start, bench_cron, bench_deployments, bench_schedules
from tests.benchmarks.product import running

if __name__ == "__main__":
    bench_cold_start.main()
    bench_cron.main()
    bench_schedules.main()
    with running() as product:
        bench_deployments.main(product)
        bench_api.main(product)
    sys.stdout.flush()
    # Threads of the emulator would keep the process.
    os._exit(0)
