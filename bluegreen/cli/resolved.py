"""Where a deployment's functions are, as the last apply left them: a verb then needs no Terraform."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from safe_io import private

from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.operate import ledger

FUNCTION, STATE_MACHINE = "switch_lambda_arn", "shift_state_machine_arn"  # outputs of the stack
NEEDED = (FUNCTION, STATE_MACHINE)
ARN = re.compile(r"arn:aws[a-z-]*:(?:lambda|states):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):\S+")


@dataclass(frozen=True)
class Resolved:
    """ARNs. Lambda and Step Functions refuse an ARN to credentials of another account.

    `ledger_setup`, `ledger_health`: None where the deployment has no ledger that moves.
    """

    function: str
    state_machine: str
    ledger_setup: str | None
    ledger_health: str | None


def remember(deployment: Deployment, outputs: Mapping[str, Any]) -> Resolved:
    """Write the file, of the outputs that NEEDED names and those of the ledger."""
    of_ledger = (outputs.get(name) for name in (ledger.SETUP, ledger.HEALTH))
    found = Resolved(outputs[FUNCTION], outputs[STATE_MACHINE], *of_ledger)
    private.folder(deployment.resolved.parent)
    with private.writer(deployment.resolved) as file:
        json.dump(asdict(found), file)
    return found


def recall(deployment: Deployment, document: Mapping[str, Any]) -> Resolved | None:
    """What the file says; None where there is none, or it is not of the account and region of `document`, the
    stack as it is synthesized now. That of a local deployment ends with its embedded AWS.
    """
    try:
        content = json.loads((deployment.resolved).read_text(encoding="utf-8"))
        found = Resolved(**content)
        arns = [ARN.fullmatch(arn) for arn in (found.function, found.state_machine)]
    except (OSError, ValueError, TypeError):
        return None
    where = {(arn["account"], arn["region"]) if arn else None for arn in arns}
    known = len(where) == 1 and None not in where
    return found if known and (is_local(document) or where <= _places(document)) else None


def _places(document: Mapping[str, Any]) -> set[tuple[str, str] | None]:
    providers = document.get("provider", {}).get("aws", ())
    return {
        (account, provider.get("region"))
        for provider in providers
        for account in provider.get("allowed_account_ids", ())
    }
