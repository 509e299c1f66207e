"""The server name that the first bytes of a TLS connection name. Source: RFC 8446, 4.1.2; RFC 6066, 3."""

HANDSHAKE, CLIENT_HELLO, SERVER_NAME, HOST_NAME = 22, 1, 0, 0
LARGEST = 64 * 1024
RECORD, MESSAGE = 5, 4


class NotTlsError(ValueError):
    """These bytes begin no TLS connection."""


def complete(data: bytes) -> bool:
    """Whether all of the client hello has come. Raises NotTlsError."""
    message = _message(data)
    return len(message) >= MESSAGE and len(message) >= MESSAGE + int.from_bytes(message[1:4])


def server_name(data: bytes) -> str | None:
    """The name in a complete client hello, in lower case; None: it has none. Raises NotTlsError."""
    try:
        return _server_name(_Bytes(_message(data)[MESSAGE:]))
    except (IndexError, UnicodeDecodeError) as error:
        raise NotTlsError("a client hello that ends too early") from error


def _message(data: bytes) -> bytes:
    """The handshake's bytes, which may come in several records."""
    found = b""
    while data:
        if data[0] != HANDSHAKE:
            raise NotTlsError("no TLS handshake")
        length = int.from_bytes(data[3:RECORD]) if len(data) >= RECORD else 0
        found += data[RECORD : RECORD + length]
        data = data[RECORD + length :]
    if found and found[0] != CLIENT_HELLO:
        raise NotTlsError("no client hello")
    return found


class _Bytes:
    """A row of fields, each with its length before it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def take(self, count: int) -> bytes:
        if len(self._data) < count:
            raise IndexError
        found, self._data = self._data[:count], self._data[count:]
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def field(self, size: int) -> bytes:
        """One whose length has `size` bytes."""
        return self.take(self.number(size))


def _server_name(hello: _Bytes) -> str | None:
    hello.take(2 + 32)  # version, random
    hello.field(1)  # session
    hello.field(2)  # cipher suites
    hello.field(1)  # compression
    extensions = _Bytes(hello.field(2) if len(hello) else b"")
    while len(extensions):
        kind, content = extensions.number(2), _Bytes(extensions.field(2))
        if kind != SERVER_NAME:
            continue
        names = _Bytes(content.field(2))
        while len(names):
            if names.number(1) == HOST_NAME:
                return names.field(2).decode("ascii").lower()
            names.field(2)
    return None
