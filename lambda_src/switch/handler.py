"""Entry point of the switch function: `switch.handler.handler`. It moves traffic; what only reads is
`reading.py`, of another function. Events: event.py; failures: errors.py. Answers are JSON objects that begin
with `action` and `request_id`; what follows is said where it is made: outcome.py for what moves traffic,
steps.py for the state machine's, operators.py for the rest.
"""

from __future__ import annotations

from .admission import admitted
from .logic import perform
from .serving import Context, serve


def handler(event: object, context: Context) -> dict[str, object]:
    """Whoever may invoke an alias may ask for what that alias admits, and for nothing else."""
    return serve(
        event, context, lambda invocation: admitted(invocation, context.invoked_function_arn), perform
    )
