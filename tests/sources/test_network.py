"""Which addresses are asked: judged by number, however a host comes by them."""

from __future__ import annotations

import socket

import pytest

from chalicelib.sources import network
from chalicelib.sources.network import Refused

NOT_PUBLIC = """
127.0.0.1 127.255.0.1 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255
169.254.169.254 169.254.170.2 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:a00:1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1::1 2001::1 2001:db8::1 3fff::1 5f00::1 100::1 fc00::1 fd00:ec2::254
fd12:3456::1 fe80::1 fe80::1%lo fec0::1 ff02::1 4000::1
"""
PUBLIC = "1.1.1.1 172.32.0.1 100.128.0.1 140.82.121.3 2606:4700::1111 ::ffff:140.82.121.3 64:ff9b::8c52:7903"


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_an_address_that_is_not_public_is_refused(address):
    assert not network.is_public(network.plain(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_asked(address):
    assert network.is_public(network.plain(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]",
     "0xa9fea9fe", "169.254.43518", "[fd00:ec2::254]", "10.1", "LOCALHOST."],
)  # fmt: skip
def test_a_host_is_judged_by_where_it_leads_however_it_is_spelt(host):
    with pytest.raises(Refused):
        network.Network().endpoints(host, 443)


@pytest.fixture
def answers(monkeypatch):
    """`answers({host: [addresses]})`: what a name server says; addresses are themselves, as always."""
    asked = []
    real = socket.getaddrinfo

    def told(names):
        def getaddrinfo(host, port, *more, **kinds):
            if host in names:
                asked.append(host)
                found = names[host]
                found = found.pop(0) if found and isinstance(found[0], list) else found
                return [one for address in found for one in real(address, port, *more, **kinds)]
            return real(host, port, *more, **kinds)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return told


def test_one_private_answer_among_public_ones_refuses_all(answers):
    answers({"mixed.example": ["140.82.121.3", "10.0.0.1"], "good.example": ["140.82.121.3", "2606:4700::1"]})
    with pytest.raises(Refused, match=r"mixed\.example is 10\.0\.0\.1, which is not public"):
        network.Network().endpoints("mixed.example", 443)
    assert [place[0] for _, place in network.Network().endpoints("good.example", 443)] == [
        "140.82.121.3",
        "2606:4700::1",
    ]


def test_a_name_is_looked_up_once(answers):
    asked = answers({"git.example": ["140.82.121.3"]})
    network.Network().endpoints("git.example", 443)
    assert asked == ["git.example"]


@pytest.mark.parametrize("port", [22, 25, 80, 1023])
def test_ports_of_other_services_are_refused(port):
    with pytest.raises(Refused, match="port"):
        network.Network().endpoints("1.1.1.1", port)


@pytest.mark.parametrize("port", [443, 1024, 8443])
def test_ports_that_git_servers_and_registries_use_are_asked(port):
    assert network.Network().endpoints("1.1.1.1", port)[0][1] == ("1.1.1.1", port)


def test_an_operator_allows_private_hosts_by_name_address_or_block(answers):
    hosts = {"git.corp": ["10.1.2.3"], "other.corp": ["10.1.2.3"], "far.corp": ["10.2.0.1"], "v6.corp": ["fd12::1"]}
    answers(hosts)
    by_name = network.parse("Git.Corp., v6.corp")
    assert by_name.endpoints("git.corp", 80)
    assert by_name.endpoints("v6.corp", 443)
    by_block = network.parse("10.1.0.0/16 10.9.9.9")
    assert by_block.endpoints("other.corp", 443)
    for allowed, host in ((by_name, "other.corp"), (by_block, "far.corp"), (by_block, "v6.corp")):
        with pytest.raises(Refused, match="not public"):
            allowed.endpoints(host, 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_nobody_can_allow_instance_metadata(answers, address):
    answers({"git.corp": [address]})
    allowed = network.parse("git.corp, 0.0.0.0/0, ::/0")
    for host in ("git.corp", address):
        with pytest.raises(Refused, match="never asked"):
            allowed.endpoints(host, 443)


def test_the_machine_itself_is_allowed_by_its_address_only(answers):
    answers({"git.corp": ["127.0.0.1"]})
    with pytest.raises(Refused, match="not public"):
        network.parse("git.corp").endpoints("git.corp", 443)
    assert network.parse("127.0.0.1").endpoints("git.corp", 443)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "1.2.3", "10.1.2.3.4"])
def test_a_setting_that_cannot_be_read_is_an_error(text):
    with pytest.raises(ValueError, match="does not appear"):
        network.parse(text)
