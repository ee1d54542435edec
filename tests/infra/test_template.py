from __future__ import annotations

import json

import pytest

from infra import template

SHORT = """
Globals: {Function: {Environment: {Variables: {TABLE: !Ref Table}}}}
Conditions:
  Other: !Not [!Condition Some]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-table'
      Arn: !GetAtt Some.Nested.Arn
      Joined: !Join ['-', [!Ref A, !GetAtt [B, Arn]]]
      Map: !Sub [ '${X}', {X: !Ref Y} ]
      Policy: {Version: 2012-10-17}
"""


def loaded(folder, text):
    path = folder / "resources.yaml"
    path.write_text(text)
    return template.load(path)


def test_short_functions_are_read_as_long_ones(tmp_path):
    read = loaded(tmp_path, SHORT)
    assert read["Globals"]["Function"]["Environment"]["Variables"] == {"TABLE": {"Ref": "Table"}}
    assert read["Conditions"]["Other"] == {"Fn::Not": [{"Condition": "Some"}]}
    assert read["Resources"]["Table"]["Properties"] == {
        "TableName": {"Fn::Sub": "${AWS::StackName}-table"},
        "Arn": {"Fn::GetAtt": ["Some", "Nested.Arn"]},
        "Joined": {"Fn::Join": ["-", [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}]]},
        "Map": {"Fn::Sub": ["${X}", {"X": {"Ref": "Y"}}]},
        "Policy": {"Version": "2012-10-17"},
    }


def test_a_definition_is_put_in_as_text(tmp_path):
    text = '{"StartAt": "A", "ResultPath": null}\n'
    (tmp_path / "m.asl.json").write_text(text)
    machine = "{Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionUri: m.asl.json}}"
    read = loaded(tmp_path, f"Resources: {{M: {machine}}}")
    assert read["Resources"]["M"]["Properties"] == {"DefinitionString": text}


def test_a_definition_that_is_no_json_is_an_error(tmp_path):
    (tmp_path / "m.asl.json").write_text("{")
    machine = "{Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionUri: m.asl.json}}"
    with pytest.raises(json.JSONDecodeError):
        loaded(tmp_path, f"Resources: {{M: {machine}}}")


def test_a_buildspec_is_put_in_the_place_of_its_file_with_the_runner_in_it(tmp_path):
    (tmp_path / "b.yml").write_text("version: 0.2\n  {{runner}}\n")
    project = "{Type: AWS::CodeBuild::Project, Properties: {Source: {Type: NO_SOURCE, BuildSpec: b.yml}}}"
    spec = loaded(tmp_path, f"Resources: {{P: {project}}}")["Resources"]["P"]["Properties"]["Source"]["BuildSpec"]
    assert spec.startswith("version: 0.2\n")
    assert "{{runner}}" not in spec


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    machine = "{Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionUri: none.json}}"
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        loaded(tmp_path, f"Resources: {{M: {machine}}}")


def test_the_products_own_template_names_no_file_any_more():
    for resource in template.load()["Resources"].values():
        properties = resource.get("Properties", {})
        assert "DefinitionUri" not in properties
        assert not str(properties.get("Source", {}).get("BuildSpec", "")).endswith(".yml")


def nulls(value, path=""):
    """Return the path of every null in a template."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in nulls(inner, f"{path}/{key}")]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in nulls(inner, f"{path}/{index}")]
    return [path] if value is None else []


def test_the_template_holds_no_null():
    assert nulls({"a": [{"b": None}], "c": None}) == ["/a/0/b", "/c"]
    assert nulls(template.load()) == []
