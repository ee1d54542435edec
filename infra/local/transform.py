"""What a target of EventBridge is given for an event: Input, InputPath, InputTransformer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
# A JSON string, or a placeholder outside of one.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>\s]+>')
PLACEHOLDER = re.compile(r"<([^<>\s]+)>")


def payload_for(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> Any:
    """The payload of one target, as a JSON value."""
    if "Input" in target:
        return json.loads(_scheduled(target["Input"], event, rule_arn))
    if "InputPath" in target:
        return at_path(target["InputPath"], event)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule_arn)
    return event


def at_path(path: str, event: Any) -> Any:
    """The value at `$.a.b[0]`; None where there is none."""
    value = event
    for name, index in STEP.findall(path.removeprefix("$")):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _scheduled(text: str, event: Mapping[str, Any], rule_arn: str) -> str:
    """EventBridge Scheduler replaces its context attributes in a constant input; a rule replaces nothing."""
    if ":scheduler:" not in rule_arn:
        return text
    attributes = {
        "aws.scheduler.scheduled-time": event["time"],
        "aws.scheduler.schedule-arn": rule_arn,
        "aws.scheduler.execution-id": event["id"],
        "aws.scheduler.attempt-number": "1",
    }
    return PLACEHOLDER.sub(lambda match: attributes.get(match[1], match[0]), text)


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> Any:
    values = {name: at_path(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event.json": event,
    }
    return json.loads(TOKEN.sub(_token_filler(values), transformer["InputTemplate"]))


def _token_filler(values: Mapping[str, Any]) -> Callable[[re.Match[str]], str]:
    def inside_string(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
        return json.dumps(text)[1:-1]

    def fill(match: re.Match[str]) -> str:
        token = match[0]
        return PLACEHOLDER.sub(inside_string, token) if token[0] == '"' else json.dumps(values.get(token[1:-1]))

    return fill
