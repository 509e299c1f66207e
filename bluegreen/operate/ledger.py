"""The ledger's functions, by what they are asked. Failures are those of `client.py`."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bluegreen.operate.client import Function, NotReachableError, SwitchFunction
from bluegreen.operate.identity import IdentityUnknownError, attest
from lambda_src.contract.attestation import KEY

# Outputs of the stack.
SETUP, HEALTH, MOVER = "ledger_setup_lambda_arn", "ledger_health_lambda_arn", "ledger_lambda_arn"
MIGRATE = "ledger_migrate_lambda_arn"
# Errors of the functions (lambda_src/ledger/errors.py) that say that nothing was changed.
REFUSALS = frozenset({"MigrationRefusedError", "MoveRefusedError", "NotReadyError"})
UNREACHABLE = frozenset({"DatabaseUnreachableError", "NotSetUpError"})


@dataclass(frozen=True)
class Migration(Function):
    """The function that changes the ledger's schema, by its ARN. Each request proves who sends it."""

    def migrate(self, sql: str, *, no_way_back: bool, reason: str) -> dict[str, Any]:
        """Run the statements: `writer`, `statements`, `done`. Raises SwitchError."""
        asked = {"action": "migrate", "sql": sql, "no_way_back": no_way_back, "reason": reason}
        return self.invoke(asked | {"request_id": uuid.uuid4().hex})

    def _given(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            proof = attest(self.access, self.name, str(request["request_id"]), request)
        except IdentityUnknownError as error:
            raise NotReachableError(f"{self} was not asked: no proof of who asks. {error}") from error
        return dict(request) | {KEY: proof}


@dataclass(frozen=True)
class LedgerFunctions:
    """Those of one deployment that the operator asks: the mover is the state machine's. Every method raises
    SwitchError.
    """

    setup: Function
    health: Function

    def set_up(self) -> dict[str, Any]:
        """Create what is missing of the ledger: `writer`."""
        return self.setup.invoke({"action": "setup"})

    def status(self) -> dict[str, Any]:
        """Writer, replication and guards, as lambda_src/ledger/status.py has them."""
        return self.health.invoke({"action": "status"})

    def check_reclaim(self, source: str) -> dict[str, Any]:
        """Whether it can be reclaimed to a colour, as lambda_src/ledger/reclaim.py has it."""
        return self.setup.invoke({"action": "reclaim", "source": source})

    def reclaim(self, source: str, epoch: int) -> dict[str, Any]:
        """Open that colour's database: `writer`, `epoch`."""
        return self.setup.invoke({"action": "reclaim", "source": source, "epoch": epoch})

    def verify(self, *, fresh: bool = False) -> dict[str, Any]:
        """Some seconds of a verification (lambda_src/ledger/verification.py). `fresh`: begin anew."""
        return self.health.invoke({"action": "verify", "fresh": fresh})


def migration(arn: str, like: SwitchFunction) -> Migration:
    """By its ARN; reached as `like` is."""
    return Migration(arn, like.region, like.endpoint_url, like.environment)


def of(setup: str, health: str, like: SwitchFunction) -> LedgerFunctions:
    """By their ARNs; reached as `like` is."""
    return LedgerFunctions(
        *(Function(arn, like.region, like.endpoint_url, like.environment) for arn in (setup, health))
    )
