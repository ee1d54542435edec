"""What CloudFormation adds to the functions: resources.yaml, with the files that it names put in their places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from infra.runner import buildspec

RESOURCES = Path(__file__).parent / "resources.yaml"


def load(path: Path = RESOURCES) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text(), _Loader)
    for resource in template.get("Resources", {}).values():
        inline = _INLINE.get(resource.get("Type"))
        if inline:
            inline(resource["Properties"], path.parent)
    return template


def _definition(machine: dict[str, Any], folder: Path) -> None:
    """Put the definition in as text: CloudFormation refuses the nulls that a definition may hold as an object."""
    if "DefinitionUri" in machine:
        text = (folder / machine.pop("DefinitionUri")).read_text()
        json.loads(text)
        machine["DefinitionString"] = text


def _build_spec(project: dict[str, Any], folder: Path) -> None:
    name = project["Source"].get("BuildSpec")
    if isinstance(name, str) and "\n" not in name and (folder / name).is_file():
        project["Source"]["BuildSpec"] = buildspec.compose(folder / name)


_INLINE = {"AWS::StepFunctions::StateMachine": _definition, "AWS::CodeBuild::Project": _build_spec}


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: short intrinsic functions, and dates that stay text."""


def _intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value = _value(loader, node)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


def _value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _intrinsic)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
