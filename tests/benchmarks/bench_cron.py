"""How long patterns take to read, translate, gate and follow, beside croniter and cronsim in the same run.

python -m tests.benchmarks.bench_cron
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from croniter import croniter
from cronsim import CronSim

from chalicelib.domain.cron.occurrences import due, next_due, parse, zone
from chalicelib.domain.eventbridge import translate

PATTERNS = (
    "* * * * *",
    "*/5 * * * *",
    "*/7 8-18 * * *",
    "0 8 * * *",
    "30 2 * * 1-5",
    "0 0 13 * 5",
    "0 0 29 2 1",
    "0 0 29 2 */7",
    "0 0 */2 * 1",
    "3,17,42 1-23/2 1-14 */3 */7",
    "*/54 */7 */21 * */3,THU-FRI/1,MON",
    "59 23 31 12 *",
    "1,2,4,5,7,8,10 * 2-30/3 1,2,4,5,7 *",
)
ZONES = ("UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
NOW = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
LIMIT = 1000.0
ROUNDS = 200


def microseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of one call, of those after the first."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return median(times) * 1e6


def first_time(name: str) -> float:
    """Reading and translating for a zone that nobody asked for before: its file and its offsets are read too."""
    start = time.perf_counter()
    translate(parse("0 8 * * 1-5"), zone(name), NOW)
    return (time.perf_counter() - start) * 1e6


def ours(text: str, name: str) -> dict[str, float]:
    clock, cron = zone(name), parse(text)
    coming = next_due(cron, clock, NOW)
    return {
        "parse": microseconds(lambda: parse(text)),
        "parse + translate": microseconds(lambda: translate(parse(text), clock, NOW)),
        "due(), due": microseconds(lambda: due(cron, clock, coming)),
        "due(), not due": microseconds(lambda: due(cron, clock, NOW)),
        "next due minute": microseconds(lambda: next_due(cron, clock, NOW)),
    }


def theirs(text: str, name: str) -> dict[str, float]:
    """The same questions, as each library answers them; both read the pattern each time."""
    local = NOW.astimezone(zone(name))
    return {
        "croniter, next": microseconds(lambda: croniter(text, local).get_next(datetime)),
        "croniter, match": microseconds(lambda: croniter.match(text, local)),
        "cronsim, next": microseconds(lambda: next(CronSim(text, local))),
    }


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    """A table of microseconds, its last line the worst of each column."""
    columns = list(next(iter(rows.values())))
    worst = {column: max(row[column] for row in rows.values()) for column in columns}
    print(f"\n{title}, microseconds")
    print(f"{'':38}" + "".join(f"{column:>19}" for column in columns))
    for label, row in [*rows.items(), ("worst", worst)]:
        print(f"{label:38}" + "".join(f"{row[column]:19.1f}" for column in columns))


def main() -> int:
    """Prints the figures; 1 where a pattern takes more than a millisecond to read and translate, or to gate."""
    cold = {f"{name}, first use": {"parse + translate": first_time(name)} for name in ZONES}
    worst = 0.0
    ratios: dict[str, list[float]] = {"next / croniter": [], "next / cronsim": [], "due() / croniter.match": []}
    for name in ZONES:
        own = {text: ours(text, name) for text in PATTERNS}
        other = {text: theirs(text, name) for text in PATTERNS}
        show(f"KintoBlocks, {name}", own)
        show(f"others, {name}", other)
        worst = max(worst, *(time for row in own.values() for key, time in row.items() if key != "next due minute"))
        for text in PATTERNS:
            ratios["next / croniter"].append(own[text]["next due minute"] / other[text]["croniter, next"])
            ratios["next / cronsim"].append(own[text]["next due minute"] / other[text]["cronsim, next"])
            ratios["due() / croniter.match"].append(own[text]["due(), not due"] / other[text]["croniter, match"])
    show("First use of a zone", cold)
    for label, found in ratios.items():
        print(f"{label:24} median {median(found):6.2f}   least {min(found):6.2f}   most {max(found):6.2f}")
    print(f"worst parse + translate or gate: {worst:.0f} of {LIMIT:.0f} microseconds")
    return int(worst > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
