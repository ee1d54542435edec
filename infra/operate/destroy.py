"""`make destroy STAGE=dev`: everything of a stack is removed; the table only with TABLE=delete."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.operate import bucket, changes, kept, leftovers
from infra.operate.refusals import Refused, plainly
from infra.operate.stage import Stage, chosen, parser


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    made = parser("Removes the stack and what the product has made.")
    made.add_argument("--yes", action="store_true", help="don't ask (make: YES=1)")
    made.add_argument("--delete-table", action="store_true", help="the table and its key too (make: TABLE=delete)")
    options = made.parse_args(arguments)
    return plainly(lambda: destroy(chosen(options), options.yes, options.delete_table))


def destroy(stage: Stage, sure: bool, with_table: bool) -> int:
    """List, ask, remove; raises Refused."""
    present = stage.described()
    wrong = changes.obstacle(stage, present)
    if wrong is not None and present is not None and present["StackStatus"].endswith("_IN_PROGRESS"):
        raise Refused(wrong)
    going = list(_going(stage, present, with_table))
    if not going:
        print(f"There is nothing of {stage.words}.")
        return 0
    print("\n".join([f"Of {stage.words}, this is removed:", *(f"  {line}" for line in going)]), flush=True)
    if not with_table and kept.table_arn(stage) is not None:
        print(f"The table {stage.table} and its key stay (TABLE=delete removes them too).", flush=True)
    if not sure:
        _ask(stage)
    _remove(stage, present, with_table)
    print(f"{stage.stack} is gone.")
    return 0


def _going(stage: Stage, present: Mapping[str, Any] | None, with_table: bool) -> Iterator[str]:
    counted = (
        (len(leftovers.running(stage)), "running deployments and jobs, which are stopped"),
        (len(leftovers.rules(stage)), "EventBridge rules of schedules"),
        (leftovers.schedules(stage), "EventBridge Scheduler entries"),
        (leftovers.images(stage), "images of Docker Files"),
    )
    yield from (f"{count} {words}" for count, words in counted if count)
    if present is not None:
        yield f"the stack {stage.stack} ({present['StackStatus']}) with its functions, API, builds, logs and alarms"
    if bucket.exists(stage):
        yield f"the bucket {stage.bucket} with the packages in it"
    if with_table and kept.table_arn(stage) is not None:
        yield f"the table {stage.table}: ALL blocks, projects, environments, history and tokens"
    if with_table and kept.key_id(stage) is not None:
        yield f"the key {kept.key_id(stage)}, without which no backup's masked values can be read"


def _ask(stage: Stage) -> None:
    try:
        answer = input(f"Type {stage.stack} to go on: ")
    except EOFError:
        answer = ""
        print()
    if answer.strip() != stage.stack:
        raise Refused("Nothing was removed. (YES=1 removes without asking.)")


def _remove(stage: Stage, present: Mapping[str, Any] | None, with_table: bool) -> None:
    key = kept.key_id(stage) if with_table else None
    leftovers.remove_rules(stage)
    leftovers.stop(stage)
    if present is not None:
        kept.remember(stage)
        _remove_stack(stage, present["StackId"])
        leftovers.remove_rules(stage)  # those that were being published meanwhile
    if bucket.exists(stage):
        bucket.remove(stage)
        print(f"The bucket {stage.bucket} is removed.", flush=True)
    if with_table:
        kept.delete(stage, key)


def _remove_stack(stage: Stage, stack_id: str) -> None:
    seen = changes.events_so_far(stage, stack_id)
    stage.client("cloudformation").delete_stack(StackName=stack_id)
    changes.follow(stage, stack_id, seen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
