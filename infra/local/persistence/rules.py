"""EventBridge rules of the default bus, with their targets and tags."""

from __future__ import annotations

from typing import Any

from moto.core.responses import BaseResponse
from moto.events.models import Rule, events_backends
from moto.events.responses import EventsHandler

from infra.local.persistence import ACCOUNT, REGION, requests
from infra.local.persistence.database import Database

# The parameter that names the rule.
_ACTIONS = {
    "PutRule": "Name",
    "DeleteRule": "Name",
    "EnableRule": "Name",
    "DisableRule": "Name",
    "PutTargets": "Rule",
    "RemoveTargets": "Rule",
    "TagResource": "ResourceARN",
    "UntagResource": "ResourceARN",
}


def keep(database: Database) -> None:
    """Store every change of a rule."""
    requests.keep(database, "rule", EventsHandler, BaseResponse.call_action, _ACTIONS, _touched, _restore)


def _touched(request: Any) -> dict[str, Any]:
    name = str(request._get_param(_ACTIONS[request._get_action()])).split("/")[-1]
    rule = _rules().get(name)
    return {name: _plain(rule)} if rule else {}


def _backend() -> Any:
    return events_backends[ACCOUNT][REGION]


def _rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = _backend().event_buses["default"].rules
    return rules


def _plain(rule: Rule) -> dict[str, Any]:
    return {
        "description": rule.description,
        "pattern": rule.event_pattern.dump(),
        "schedule": rule.scheduled_expression,
        "role": rule.role_arn,
        "state": rule.state,
        "targets": [dict(target) for target in rule.targets],
        "tags": _backend().tagger.list_tags_for_resource(rule.arn)["Tags"],
    }


def _restore(name: str, plain: dict[str, Any] | None) -> None:
    _remove(name)
    if plain is None:
        return
    fields = (plain["description"], plain["pattern"], plain["schedule"], plain["role"], "default", plain["state"])
    rule = Rule(name, ACCOUNT, REGION, *fields, targets=plain["targets"])
    _rules()[name] = rule
    _backend().tagger.tag_resource(rule.arn, plain["tags"])


def _remove(name: str) -> None:
    rule = _rules().pop(name, None)
    if rule and _backend().tagger.has_tags(rule.arn):
        _backend().tagger.delete_all_tags_for_resource(rule.arn)
