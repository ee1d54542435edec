"""moto's interpreter makes a new boto client for each task, for a host name; here one stays for each service."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

import boto3
from botocore.config import Config

# A task ends when its state does, not when a socket gives up.
_CONFIG = Config(
    parameter_validation=False,
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=10,
    read_timeout=24 * 3600,
    max_pool_connections=100,
)


def apply() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions") and hasattr(module, "boto_client_for"):
            module.boto_client_for = boto_client_for  # type: ignore[attr-defined]  # a module is read as untyped


def boto_client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    return _client(service, region, os.environ["AWS_ENDPOINT_URL"])


@functools.cache
def _client(service: str, region: str, endpoint: str) -> Any:
    session: Any = boto3.Session(aws_access_key_id="laptop", aws_secret_access_key="laptop", region_name=region)
    return session.client(service, endpoint_url=endpoint, config=_CONFIG)
