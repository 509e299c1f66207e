"""Which requests a way into the switch admits (contract/aliases.py)."""

from __future__ import annotations

from collections.abc import Iterable

from ..contract.actions import Action
from ..contract.aliases import ADMITTED, ATTESTED, Alias, alias_of
from ..contract.errors import NotAdmittedError
from ..contract.event import ABOUT_A_WORKFLOW
from ..contract.request import Request
from .attestation import attested
from .invocation import Invocation


def admitted(invocation: Invocation, function_arn: str) -> Invocation:
    """The invocation, with who asks for it. `function_arn`: by which the function was called.

    An operator proves who it is with each request, a workflow with its first: who started it. Raises
    NotAdmittedError, NotAttestedError.
    """
    alias, request = alias_of(function_arn), invocation.request
    if alias is None:
        raise not_admitted(request, function_arn, ())
    actions, of_a_workflow = ADMITTED[alias]
    sent_by_one = request.workflow is not None and request.action not in ABOUT_A_WORKFLOW
    if request.action not in actions or sent_by_one is not of_a_workflow:
        raise not_admitted(request, f"the alias {alias}", actions)
    if alias in ATTESTED and request.action is not Action.DEPLOYMENT:
        return attested(invocation, function_arn)
    if request.action is Action.BEGIN or (request.plan and request.plan.only_ledger):
        return attested(invocation, function_arn, repeatable=True)
    return invocation


def not_admitted(request: Request, where: str, actions: Iterable[Action]) -> NotAdmittedError:
    of = f" of the workflow {request.workflow}" if request.workflow else ""
    allowed = ", ".join(sorted(actions)) or "nothing"
    return NotAdmittedError(
        what=f"the request {request.action}{of} is not admitted; admitted here: {allowed}",
        where=where,
        cause="each way into the switch has a permission of its own; nothing was read or changed",
        fix=f"invoke the alias `{Alias.OPERATE}` to act, the function whose name ends in -read to look",
    )
