"""Blocks as they are told."""

from __future__ import annotations

import uuid


def test_a_block_that_is_sent_back_as_it_was_told_keeps_its_token(stack):
    url = "https://git.example/shop"
    body = {"name": f"told-{uuid.uuid4().hex[:8]}", "source": {"type": "command", "command": "true"}}
    status, _, made = stack.request("POST", "/blocks", body | {"repository": {"url": url, "token": "t0ken"}})
    assert status == 201
    assert made["repository"] == {"url": url, "branch": "main", "source_folder": ""}
    block = f"/blocks/{made['internal_name']}"

    told = stack.request("GET", block)[2]
    same = {name: told[name] for name in ("name", "repository", "source", "variables")}
    assert stack.request("PATCH", block, same)[2]["has_token"]

    assert not stack.request("PATCH", block, {"repository": {"token": None}})[2]["has_token"]
    assert stack.request("DELETE", block)[0] == 204
