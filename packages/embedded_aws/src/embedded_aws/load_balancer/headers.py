"""Headers on the way through: what belongs to one connection stays there, what the target must know is added.

Source: Elastic Load Balancing user guide, "HTTP headers and Application Load Balancers".
"""

import secrets
import time
from collections.abc import Mapping

from multidict import CIMultiDict, CIMultiDictProxy

# RFC 9110, section 7.6.1, and its predecessors.
HOP_BY_HOP = (
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)
TRACE_ID = "X-Amzn-Trace-Id"


def end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Without the headers that concern one connection only."""
    kept = headers.copy()
    named = [name.strip() for line in kept.getall("Connection", ()) for name in line.split(",")]
    for name in (*HOP_BY_HOP, *named):
        kept.popall(name, None)
    return kept


def to_target(headers: CIMultiDictProxy[str], *, client: str, protocol: str, port: int) -> CIMultiDict[str]:
    """A request's headers as the target gets them; `port` and `protocol` are the listener's."""
    kept = end_to_end(headers)
    kept.popall("Expect", None)  # answered here
    before = kept.getall("X-Forwarded-For", ())
    kept["X-Forwarded-For"] = ", ".join((*before, client))
    kept["X-Forwarded-Proto"] = protocol.lower()
    kept["X-Forwarded-Port"] = str(port)
    kept[TRACE_ID] = _trace(kept)
    return kept


def _trace(headers: Mapping[str, str]) -> str:
    """The client's own fields stay, ours is `Self` where it sent a root, else `Root`."""
    mark = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    given = headers.get(TRACE_ID)
    if given is None:
        return f"Root={mark}"
    rest = ";".join(part for part in given.split(";") if not part.startswith("Self="))
    return f"Self={mark};{rest}" if "Root=" in rest else ";".join(filter(None, (f"Root={mark}", rest)))
