"""A man in the middle who hides from the client that the server offers TLS, and writes down what the client
says then.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pymysql.constants import CLIENT

SECONDS = 10.0


@dataclass
class Downgrade:
    """`said`: what clients have sent, in all connections together."""

    port: int
    said: list[bytes] = field(default_factory=list)


@contextmanager
def in_front_of(port: int) -> Iterator[Downgrade]:
    """Between clients and the server at `port` of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        downgrade = Downgrade(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, port, downgrade))
        thread.start()
        try:
            yield downgrade
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, port: int, downgrade: Downgrade) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # the block has ended
            return
        with client, socket.create_connection(("127.0.0.1", port), SECONDS) as server:
            client.settimeout(SECONDS)
            client.sendall(_without_tls(server.recv(4096)))
            downgrade.said.append(client.recv(4096))


def _without_tls(packet: bytes) -> bytes:
    """The server's greeting without the flag for TLS. Its place: after the version, which a zero ends, 4 + 8
    + 1 bytes on. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_pro
    tocol_handshake_v10.html
    """
    place = packet.index(b"\0", 5) + 1 + 4 + 8 + 1
    (flags,) = struct.unpack_from("<H", packet, place)
    assert flags & CLIENT.SSL, "the server offers TLS"
    return packet[:place] + struct.pack("<H", flags & ~CLIENT.SSL) + packet[place + 2 :]
