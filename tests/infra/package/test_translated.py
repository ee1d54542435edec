"""The template as SAM translates it, which is what CloudFormation gets."""

from __future__ import annotations

import pytest

from tests.infra.test_template import nulls

pytestmark = pytest.mark.ci


def resources(transformed, kind):
    return {name: one for name, one in transformed["Resources"].items() if one["Type"] == kind}


def test_it_holds_no_null(packaged, transformed):
    """CloudFormation refuses a null anywhere in a resource, in its JSON properties too."""
    assert nulls(packaged.template()) == []
    assert nulls(transformed) == []


def test_the_api_has_one_stage_with_throttling_and_access_logs(transformed):
    (stage,) = resources(transformed, "AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["StageName"] == "api"
    (settings,) = stage["Properties"]["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    condition, enabled, disabled = stage["Properties"]["AccessLogSetting"]["Fn::If"]
    assert (condition, disabled) == ("LogsRequests", {"Ref": "AWS::NoValue"})
    assert enabled["DestinationArn"] == {"Fn::GetAtt": ["AccessLog", "Arn"]}
    (deployment,) = resources(transformed, "AWS::ApiGateway::Deployment").values()
    assert "StageName" not in deployment["Properties"], "it would be a second stage"
