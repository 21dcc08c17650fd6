"""What the tests themselves stand on."""

import socket
from pathlib import Path

from tests.support.postgres import free_port


def test_a_servers_port_is_never_lent_to_an_outgoing_connection() -> None:
    lent = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    for _ in range(50):
        assert free_port() < int(lent[0])


def test_a_port_in_use_is_not_given() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", port := free_port()))
        listening.listen()
        assert port not in {free_port() for _ in range(2000)}
