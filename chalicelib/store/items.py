"""The rows of the one table and its indexes, as PynamoDB sees them."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model


class ByStatus(GlobalSecondaryIndex[Any]):
    """Runs of one configured block in one status, by time."""

    class Meta:
        index_name = "by_status"
        projection = AllProjection()

    status_key = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class ByEnvironment(GlobalSecondaryIndex[Any]):
    """Runs of one environment that are open, or that ended badly, by time."""

    class Meta:
        index_name = "by_environment"
        projection = AllProjection()

    environment_key = UnicodeAttribute(hash_key=True)
    at = UnicodeAttribute(range_key=True)


class ByCheck(GlobalSecondaryIndex[Any]):
    """What is not final, stack-wide in shards, by the time at which the watchdog should look."""

    class Meta:
        index_name = "by_check"
        projection = AllProjection()

    check_shard = UnicodeAttribute(hash_key=True)
    check_at = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex[Any]):
    """Schedules, stack-wide in shards, by the next tick that is not accounted for."""

    class Meta:
        index_name = "by_due"
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    next_due = UnicodeAttribute(range_key=True)


class ByState(GlobalSecondaryIndex[Any]):
    """Environments, runs and last results that are failing or running, stack-wide in shards, by project.

    It holds the reason alone, so that a row's other changes write nothing here.
    """

    class Meta:
        index_name = "by_state"
        projection = IncludeProjection(["state_reason"])

    state_shard = UnicodeAttribute(hash_key=True)
    state_place = UnicodeAttribute(range_key=True)


class Item(Model):
    """A row of the table."""

    class Meta:
        table_name = "kinto"
        # PynamoDB's own (15 s, 30 s) let one call take longer than a request has.
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_retry_attempts = 3

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    data = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    stamp = UnicodeAttribute(null=True)
    expires = NumberAttribute(null=True)
    uses = NumberAttribute(null=True)
    holder = UnicodeAttribute(null=True)
    until = NumberAttribute(null=True)
    waiting = UnicodeAttribute(null=True)
    status_key = UnicodeAttribute(null=True)
    environment_key = UnicodeAttribute(null=True)
    at = UnicodeAttribute(null=True)
    check_shard = UnicodeAttribute(null=True)
    check_at = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    next_due = UnicodeAttribute(null=True)
    used_at = UnicodeAttribute(null=True)
    search = UnicodeAttribute(null=True)
    state_shard = UnicodeAttribute(null=True)
    state_place = UnicodeAttribute(null=True)
    state_reason = UnicodeAttribute(null=True)
    by_status = ByStatus()
    by_environment = ByEnvironment()
    by_check = ByCheck()
    by_due = ByDue()
    by_state = ByState()


Index = ByStatus | ByEnvironment | ByCheck | ByDue | ByState
