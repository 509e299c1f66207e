"""From the options of a verb to the ledger's functions of a deployment."""

from collections.abc import Iterator
from contextlib import contextmanager

from embedded_aws import LocalAws

from bluegreen.cli.connect import connect, resolved, running_aws
from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.cli.errors import CODES, CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.views.gates import failing, sentence
from bluegreen.operate import ledger
from bluegreen.operate.client import FunctionFailedError
from bluegreen.operate.ledger import LedgerFunctions
from lambda_src.contract.errors import Meaning, meaning_of


def embedded(deployment: str) -> LocalAws:
    """The embedded AWS that holds the databases. Raises CommandError."""
    place = Deployment(deployment)
    if not is_local(place.document()):
        raise CommandError(
            ExitCode.INVALID,
            f"the databases of {deployment} admit security groups of its network only, not this machine",
            'name a deployment whose configuration says `backend.type = "local"`',
        )
    return running_aws(place)


def functions(deployment: str) -> LedgerFunctions:
    """Of a deployment that is applied. Raises CommandError, LocalAwsError, TerraformError."""
    found = functions_if_any(deployment)
    if found is None:
        raise CommandError(
            ExitCode.INVALID,
            f"{deployment} has no ledger that moves: its colours don't replicate to each other",
            "set `[ledger] replicate = true` in its configuration, and apply it as docs/ledger.md says",
        )
    return found


def functions_if_any(deployment: str) -> LedgerFunctions | None:
    """The same; None where the colours don't replicate to each other, or share a cluster."""
    place = Deployment(deployment)
    switch = connect(place)
    found = resolved(place, switch.environment)
    if found.ledger_setup is None or found.ledger_health is None:
        return None
    return ledger.of(found.ledger_setup, found.ledger_health, switch)


@contextmanager
def reporting() -> Iterator[None]:
    """The errors of the ledger's functions, and of the switch about the ledger, as the command line's."""
    try:
        yield
    except FunctionFailedError as error:
        code, message = ExitCode.INCOMPLETE, error.message
        meaning = meaning_of(error.error_type)
        if error.error_type in ledger.REFUSALS:
            code = ExitCode.REFUSED
        elif error.error_type in ledger.UNREACHABLE:
            code = ExitCode.UNREACHABLE
        elif meaning in (Meaning.INVALID, Meaning.NOTHING_BEGUN):  # the switch's
            code = CODES[meaning]
            message += "".join(f"\n  {sentence(verdict)}" for verdict in failing(error.gates))
            message += "\n  state: the ledger was not moved"
        raise CommandError(code, message, error.fix or "run `bluegreen ledger status`") from error
