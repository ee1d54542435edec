from __future__ import annotations

import pytest

from infra.local.resolve import Resolver

TEMPLATE = {
    "Parameters": {"Size": {"Type": "String", "Default": "small"}, "Empty": {"Type": "String"}},
    "Conditions": {
        "Small": {"Fn::Equals": [{"Ref": "Size"}, "small"]},
        "Large": {"Fn::Not": [{"Condition": "Small"}]},
        "Both": {"Fn::And": [{"Condition": "Small"}, {"Condition": "Large"}]},
        "Any": {"Fn::Or": [{"Condition": "Small"}, {"Condition": "Large"}]},
    },
}


def resolved(value):
    pseudo = {"AWS::Region": "r"}
    return Resolver(TEMPLATE, pseudo, lambda name: f"<{name}>", lambda name, of: f"<{name}.{of}>").resolve(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Thing"}, "<Thing>"),
        ({"Ref": "AWS::Region"}, "r"),
        ({"Ref": "Size"}, "small"),
        ({"Ref": "Empty"}, ""),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, "<Thing.Arn>"),
        ({"Fn::GetAtt": "Thing.Arn"}, "<Thing.Arn>"),
        ({"Fn::Sub": "${AWS::Region}-${Thing}-${Thing.Arn}-${!Literal}"}, "r-<Thing>-<Thing.Arn>-${Literal}"),
        ({"Fn::Sub": ["${A}-${Size}", {"A": {"Ref": "Thing"}}]}, "<Thing>-small"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Size"}]]}, "a-small"),
        ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::If": ["Small", {"Ref": "Thing"}, "no"]}, "<Thing>"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Any", "yes", "no"]}, "yes"),
        ({"a": {"Fn::If": ["Large", 1, {"Ref": "AWS::NoValue"}]}, "b": [{"Ref": "AWS::NoValue"}, 2]}, {"b": [2]}),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_functions_are_resolved_as_cloudformation_does(value, expected):
    assert resolved(value) == expected


def test_a_function_that_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="Fn::ImportValue"):
        resolved({"Fn::ImportValue": "a"})
