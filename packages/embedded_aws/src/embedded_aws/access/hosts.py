"""Which `Host` is this machine's own.

To a browser, a page whose name resolves to 127.0.0.1 (DNS rebinding) is of the same origin as the server.
Only the `Host` of its requests shows that it is not.
"""

import re

# Loopback as clients name it. Names below `localhost` never leave this machine (RFC 6761, section 6.3): SDKs
# put bucket names, account ids and the like there. Before an address they put account ids only; that is no
# name that DNS could resolve.
NAMES = re.compile(
    r"(?:\d{12}\.)?127\.0\.0\.1"
    r"|\[::1\]"
    r"|(?:[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\.)?localhost\.?",
    re.IGNORECASE,
)
DEFAULT_PORT = 80


def is_own(host: str, port: int, default_port: int = DEFAULT_PORT) -> bool:
    """Whether a `Host` header is one of a listener at that port of loopback."""
    name, given = split(host)
    if given == "":
        return port == default_port and NAMES.fullmatch(name) is not None
    return given == str(port) and NAMES.fullmatch(name) is not None


def split(host: str) -> tuple[str, str]:
    """Name and port of a `Host` header; the port is empty where there is none."""
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", host)
    return (found[1], found[2] or "") if found else (host, "")
