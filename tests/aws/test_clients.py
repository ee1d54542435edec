"""Clients: one session for all, since making one is dear."""

from __future__ import annotations

from chalicelib.aws import clients
from chalicelib.store import table


def test_the_table_and_all_clients_share_one_session(embed):
    embed("Table")
    clients.client("events")
    assert clients._session() is table.session()
