"""Tokens made by the operator of the stack, with AWS rights instead of a token."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.actions import tokens as tokens_action
from chalicelib.edge import call_by

tokens = Blueprint(__name__)


@tokens.lambda_function(name="mint_token")
def mint_token(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"name", "role"}`: `{"id", "secret"}`; the secret is told this once."""
    made, secret = tokens_action.mint(call_by("operator"), event["name"], event["role"])
    return {"id": made.id, "secret": secret}
