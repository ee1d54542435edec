"""One request to the laptop's AWS, without the weight of an SDK: a build makes a few and must start fast."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

TARGETS = {"kms": "TrentService", "ecr": "AmazonEC2ContainerRegistry_V20150921"}


class Refused(Exception):
    """AWS said no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def call(service: str, action: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request in AWS's JSON protocol."""
    region = os.environ["AWS_DEFAULT_REGION"]
    scope = f"Credential={os.environ['AWS_ACCESS_KEY_ID']}/20200101/{region}/{service}/aws4_request"
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{TARGETS[service]}.{action}",
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
    }
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, timeout=30)
    try:
        connection.request("POST", "/", json.dumps(request), headers)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read() or b"{}")
    finally:
        connection.close()
    if response.status >= 400:
        code = str(answer.get("__type", response.status)).rpartition("#")[2]
        raise Refused(code, str(answer.get("message") or answer.get("Message") or ""))
    return answer
