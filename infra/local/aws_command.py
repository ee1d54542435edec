"""The `aws` of builds on the laptop: the three commands that the runner gives, no more."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

from infra.local import wire

REFUSED = 254
NOT_UNDERSTOOD = 252


def main(arguments: list[str]) -> int:
    """One command; prints what the real one would with the runner's own --query and --output."""
    options = _options(arguments[2:])
    try:
        match arguments[:2]:
            case ["kms", "decrypt"]:
                print(_decrypt(options))
            case ["ecr", "get-login-password"]:
                print("laptop")
            case ["ecr", "describe-images"]:
                print(_digest(options))
            case _:
                print(f"Not on the laptop: aws {' '.join(arguments[:2])}", file=sys.stderr)
                return NOT_UNDERSTOOD
    except wire.Refused as refused:
        print(f"An error occurred ({refused.code}) when calling AWS: {refused}", file=sys.stderr)
        return REFUSED
    return 0


def _options(arguments: list[str]) -> dict[str, str]:
    return {name.removeprefix("--"): value for name, value in zip(arguments[::2], arguments[1::2], strict=True)}


def _decrypt(options: dict[str, str]) -> str:
    ciphertext = Path(options["ciphertext-blob"].removeprefix("fileb://")).read_bytes()
    name, _, value = options["encryption-context"].partition("=")
    request = {"CiphertextBlob": base64.b64encode(ciphertext).decode(), "EncryptionContext": {name: value}}
    return str(wire.call("kms", "Decrypt", request)["Plaintext"])


def _digest(options: dict[str, str]) -> str:
    tag = options["image-ids"].removeprefix("imageTag=")
    request: dict[str, Any] = {"repositoryName": options["repository-name"], "imageIds": [{"imageTag": tag}]}
    return str(wire.call("ecr", "DescribeImages", request)["imageDetails"][0]["imageDigest"])
