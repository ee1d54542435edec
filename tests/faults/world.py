"""What the emulator holds: kept, put back, and told in words that are the same for the same deeds."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter

from moto.codebuild.models import codebuild_backends
from moto.events.models import events_backends
from moto.stepfunctions.models import stepfunctions_backends

from infra.local.persistence import ACCOUNT, REGION
from infra.local.persistence.database import Change

# What differs each time: ids, ciphertexts, digests of ids, and how often something was written.
NAMES = [
    (re.compile(r"\b[0-9a-f]{32}([0-9a-f]{32})?\b"), "<digest>"),
    (re.compile(r"m?01[0-9a-hjkmnp-tv-z]{24}"), "<id>"),
    (re.compile(r"-s-[0-9a-hjkmnp-tv-z]{16}-[0-9a-f]{12}"), "-s-<rule>"),
    (re.compile(r'"(id|sk|token)": "[0-9a-hjkmnp-tv-z]{12}"'), r'"\1": "<token>"'),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{26}(?![0-9a-f])"), "<id>"),
    (re.compile(r"[A-Za-z0-9+/]{80,}=*"), "<ciphertext>"),
    (re.compile(r"(check|due)#\d"), "<shard>"),
    (re.compile(r'"version": "?\d+"?'), '"version": <n>'),
]


def _of(backends):
    return backends[ACCOUNT][REGION]


class World:
    """The state of every service that the product writes to."""

    def __init__(self, database):
        self.database, self.events = database, _of(events_backends)
        self.machines, self.codebuild = _of(stepfunctions_backends), _of(codebuild_backends)

    def keep(self):
        """A copy to come back to."""
        return copy.deepcopy(self._parts(), {id(self.events): self.events})

    def back(self, kept):
        """Everything is as it was when `kept` was kept."""
        kept = copy.deepcopy(kept, {id(self.events): self.events})
        self.database.delete("TRUE")
        self.database.write(*(Change(*row) for row in kept["rows"]))
        self.rules().clear()
        self.rules().update(kept["rules"])
        for machine, executions in kept["executions"].items():
            self._machine(machine).executions[:] = executions
        self.codebuild.build_metadata_history.clear()
        self.codebuild.build_metadata_history.update(kept["builds"])

    def _parts(self):
        return {
            "rows": list(self.database.select("SELECT kind, key, sort, value FROM entries")),
            "rules": dict(self.rules()),
            "executions": {machine.arn: list(machine.executions) for machine in self.machines.state_machines},
            "builds": dict(self.codebuild.build_metadata_history),
        }

    def _machine(self, arn):
        return next(machine for machine in self.machines.state_machines if machine.arn == arn)

    def rules(self):
        """EventBridge's rules by name."""
        return self.events.event_buses["default"].rules

    def executions(self):
        """Machine and name of each execution, with its status."""
        every = [one for machine in self.machines.state_machines for one in machine.executions]
        return {(one.state_machine_arn.rpartition(":")[2], one.name): one for one in every}

    def told(self):
        """Everything there is, without what differs from one time to the next; how often each occurs."""
        items = self.database.select("SELECT value FROM entries WHERE kind LIKE 'item:%'")
        rows = [_row(json.loads(item)) for (item,) in items]
        rules = [
            f"rule {rule.scheduled_expression} {rule.state} {json.dumps(rule.targets, sort_keys=True)}"
            for rule in self.rules().values()
        ]
        executions = [
            f"execution {machine} {one.status} {one.execution_input}" for (machine, _), one in self.executions().items()
        ]
        builds = [f"build {one['id']} {one['buildStatus']}" for all_ in self.codebuild.build_metadata_history.values()
                  for one in all_]  # fmt: skip
        return Counter(_nameless(line) for line in [*rows, *rules, *executions, *builds])


def _row(item):
    plain = {name: next(iter(value.values())) for name, value in item.items()}
    for chance in ("stamp", "used_at"):
        plain.pop(chance, None)
    return "row " + json.dumps({name: _data(name, value) for name, value in plain.items()}, sort_keys=True)


def _data(name, value):
    if name != "data":
        return value
    told = json.loads(value)
    # Of a claim only that it was answered, and with which status.
    return {"answered": told["answer"] and told["answer"]["status"]} if "fingerprint" in told else told


def _nameless(text):
    for pattern, name in NAMES:
        text = pattern.sub(name, text)
    return text
