"""The laptop's AWS listens for the product alone: a page in a browser gets nothing of it, and can't make it forget."""

from __future__ import annotations

import urllib.error
import urllib.request

import boto3
import pytest


@pytest.fixture(scope="module")
def rules(embed):
    embed("Tick")
    client = boto3.client("events")
    client.put_rule(Name="kept", ScheduleExpression="rate(1 day)")
    return client


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/moto-api/reset", {}),
        ("POST", "/moto-api/reset", {"Origin": "https://evil.example"}),
        ("GET", "/moto-api/data.json", {}),
        ("POST", "/", {"Origin": "null", "Content-Type": "text/plain"}),
        ("GET", "/", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_page_of_another_site_is_not_let_in(rules, method, path, headers):
    request = urllib.request.Request(rules.meta.endpoint_url + path, method=method, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refused:
        assert refused.code == 403
    assert [rule["Name"] for rule in rules.list_rules()["Rules"]] == ["kept"]
