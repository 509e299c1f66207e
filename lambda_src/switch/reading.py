"""Entry point of the function that reads: `switch.reading.handler`. Its role may read and nothing else, and
none of the code that writes is imported here. Answers: status.py.
"""

from __future__ import annotations

from ..contract.aliases import READS
from .admission import not_admitted
from .invocation import Invocation
from .serving import Context, serve
from .status import READS as PERFORM


def handler(event: object, context: Context) -> dict[str, object]:
    return serve(event, context, _admitted, lambda invocation: PERFORM[invocation.request.action](invocation))


def _admitted(invocation: Invocation) -> Invocation:
    if invocation.request.action not in READS:
        raise not_admitted(invocation.request, "the function that reads", READS)
    return invocation
