"""Which colour is active, read with calls that only read: listeners, rules, records.

With the switch function's own code, so that what decides where clients go is decided in one place, and with
this process's own credentials, so that nothing has to be invoked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bluegreen.aws import Access
from lambda_src.contract.errors import SwitchError
from lambda_src.contract.ledger import NO_LEDGER
from lambda_src.contract.values import Colour
from lambda_src.switch.aws import Caller, Clients
from lambda_src.switch.gateway import Gateway
from lambda_src.switch.records import Records
from lambda_src.switch.routing import Reach, Routing
from lambda_src.switch.settings import Settings

READ_SECONDS, ATTEMPTS = 10, 3
LEDGER = "LEDGER_PARAM_NAME"
PATIENCE_SECONDS = 900.0  # of all calls together: no function's timeout limits them


class UnreadError(Exception):
    """It could not be read. The message says what and why."""


@dataclass(frozen=True)
class Found:
    """`weights`: None where production doesn't forward by weight; `elsewhere`: what else may send its clients
    elsewhere, and the step that removes it; `writers`: colours whose database may be the ledger's writer, as
    the record says: both where it names none.
    """

    active: str
    weights: Mapping[str, int] | None
    elsewhere: tuple[tuple[str, str], ...]
    writers: frozenset[str] = frozenset()


def read(environment: Mapping[str, str], access: Access) -> Found:
    """`environment`: the switch function's. Raises UnreadError."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - loading it takes long

    try:
        caller = Caller(_Clients(access), lambda: PATIENCE_SECONDS)
        # A deployment of an earlier version records no writer.
        settings = Settings.from_environment({LEDGER: NO_LEDGER} | dict(environment))
        gateway = Gateway(settings, caller)
        routing, records = caller.together([gateway.listeners, gateway.records])
    except SwitchError as error:
        raise UnreadError(f"{error.what}, {error.where}") from error
    except (BotoCoreError, ValueError) as error:  # no credentials, no such profile
        raise UnreadError(str(error)) from error
    return replace(_found(routing, records), writers=_writers(settings, records))


def _found(routing: Routing, records: Records) -> Found:
    """As `status` of the switch function has it."""
    production = routing.production
    active = (production.share.holder if production.share else None) or records.last_active
    weights = production.weights.to_json() if production.weights else None
    elsewhere = tuple((finding.what, finding.fix) for finding in routing.of(Reach.PRODUCTION))
    return Found(str(active), weights, elsewhere)


def _writers(settings: Settings, records: Records) -> frozenset[str]:
    if not settings.has_ledger:
        return frozenset()
    writer = records.ledger.writer if records.ledger else None
    return frozenset(str(colour) for colour in Colour if writer in (colour, None))


class _Clients(Clients):
    """Those of an Access."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self._access = access

    def create(self, service: str) -> Any:
        return self._access.client(service, read_timeout=READ_SECONDS, attempts=ATTEMPTS)
