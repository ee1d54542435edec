"""Decoders of all message types, created before any thread may use one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


def create_all() -> int:
    """Create a decoder for each struct that is loaded; return their number.

    msgspec 0.22 collects what it knows of a type at its first use, and crashes the process when two threads do that at
    once. Lambda runs one request at a time; the laptop's stack has many threads from the start.
    """
    types = set(_structs(msgspec.Struct))
    for struct in types:
        msgspec.json.Decoder(struct)
    return len(types)


def _structs(parent: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for struct in parent.__subclasses__():
        yield struct
        yield from _structs(struct)
