"""Tokens made by the operator of the stack, with AWS rights instead of a token."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.actions import tokens as tokens_action
from chalicelib.edge import call_by, logged

tokens = Blueprint(__name__)


@tokens.lambda_function(name="mint_token")
@logged
def mint_token(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"name", "role"}`: `{"id", "secret"}`; the secret is told this once."""
    request_id = getattr(context, "aws_request_id", None)
    made, secret = tokens_action.mint(call_by("operator"), event["name"], event["role"], request_id)
    return {"id": made.id, "secret": secret}
