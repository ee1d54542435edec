"""Which addresses of the network may be asked: public ones, and private ones that the stack's operator names."""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
from typing import Any

MOST_ADDRESSES = 4
HTTPS = 443
FIRST_FREE_PORT = 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Block = ipaddress.IPv4Network | ipaddress.IPv6Network
Endpoint = tuple[int, Any]


def _blocks(text: str) -> tuple[Block, ...]:
    return tuple(ipaddress.ip_network(word) for word in text.split())


# Nobody can open these: what a machine says about itself and its role, everybody, nobody.
_NEVER = _blocks("0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/128 fd00:ec2::/32 fe80::/10 ff00::/8")
# What an operator opens by the name of a host; a machine's own (127.0.0.0/8, ::1) only by its address.
_PRIVATE = _blocks("10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 fc00::/7")
# The rest of what IANA keeps back; of IPv6 everything beside the one block of global addresses.
_SPECIAL = _blocks(
    "127.0.0.0/8 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
    "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
_GLOBAL = ipaddress.IPv6Network("2000::/3")
# An IPv4 address within an IPv6 one: mapped, and translated (NAT64).
_WITHIN = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class Refused(Exception):
    """What is not asked, ever; the text says what and why, for people."""


@dataclasses.dataclass(frozen=True)
class Network:
    """What may be asked: `names` and `blocks` beside what is public; `folders`: also repositories in a folder."""

    names: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()
    folders: bool = False

    def endpoints(self, host: str, port: int) -> list[Endpoint]:
        """Where to connect for a host, by one look-up; raises Refused if any of its addresses may not be asked.

        Whoever connects takes these and doesn't look up again: the second answer may be another one.
        """
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused(f"{host} has no address") from None
        for *_, told in found:
            self._check(host.strip("[]").lower().rstrip("."), port, plain(str(told[0])))
        endpoints: list[Endpoint] = [(int(family), told) for family, _, _, _, told in found]
        return list(dict.fromkeys(endpoints))[:MOST_ADDRESSES]

    def _check(self, host: str, port: int, address: Address) -> None:
        if _in(address, _NEVER):
            raise Refused(f"{host} is {address}, which is never asked")
        if _in(address, self.blocks) or (host in self.names and _in(address, _PRIVATE)):
            return
        if not is_public(address):
            raise Refused(f"{host} is {address}, which is not public; the stack's operator can allow it")
        if port != HTTPS and port < FIRST_FREE_PORT:
            raise Refused(f"port {port} is not asked; use 443 or one above 1023")


def parse(private_hosts: str, folders: bool = False) -> Network:
    """A network by a setting: hosts, addresses and blocks of them, separated by commas; raises ValueError."""
    names: set[str] = set()
    blocks: list[Block] = []
    for word in private_hosts.replace(",", " ").lower().split():
        if word[0].isdigit() or ":" in word:
            blocks.append(ipaddress.ip_network(word, strict=False))
        else:
            names.add(word.rstrip("."))
    return Network(frozenset(names), tuple(blocks), folders)


def plain(text: str) -> Address:
    """An address as it is connected to, whatever it is wrapped into."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and any(address in block for block in _WITHIN):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether everybody on the internet can ask there."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL:
        return False
    return not _in(address, (*_NEVER, *_PRIVATE, *_SPECIAL))


def _in(address: Address, blocks: tuple[Block, ...]) -> bool:
    return any(address in block for block in blocks)
