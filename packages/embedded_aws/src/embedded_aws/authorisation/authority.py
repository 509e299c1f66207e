"""Decides requests to the embedded AWS, and what its services do for each other."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from embedded_aws.access.keys import Key
from embedded_aws.access.refusals import Denied
from embedded_aws.authorisation import attached, context, endpoints, held, identities
from embedded_aws.authorisation.actions import actions_of
from embedded_aws.authorisation.calls import Call, call_of
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.denials import Denials, wording
from embedded_aws.authorisation.dependents import dependent_checks
from embedded_aws.authorisation.documents import rechecking
from embedded_aws.authorisation.encryption import Use, checks
from embedded_aws.authorisation.key_uses import key_uses
from embedded_aws.authorisation.needs import Need, Needs
from embedded_aws.authorisation.passing import passed_roles
from embedded_aws.authorisation.resources import resources_of
from embedded_aws.authorisation.tagging import tagging_checks
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import (
    Caller,
    CallerKind,
    Decision,
    Kind,
    Policies,
    PolicyError,
    Request,
    evaluate,
    parse_policy,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PLACES = ("aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce")
MALFORMED = "MalformedPolicyDocumentException"
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."

log = logging.getLogger(__name__)


class Recheck(NamedTuple):
    """`denied`: what was allowed before; `allowed`: what was denied; `documents`: text → name and kind of all
    that took part.
    """

    denied: list[Need]
    allowed: list[Need]
    documents: dict[str, tuple[str, Kind]]


class Authority:
    """Of one server. Thread-safe: it reads what moto holds, and keeps denials."""

    def __init__(self) -> None:
        self.denials = Denials()
        self.needs = Needs()

    def admit(self, environ: "WSGIEnvironment", service: str, region: str, key: Key) -> None:
        """Raise Denied unless a signed request may be carried out."""
        caller = identities.caller_of(key)
        call = replace(call_of(environ, service, region), account=caller.account or ACCOUNT_ID)
        if caller.kind is CallerKind.SERVICE and call.operation == "PutMetricData":
            return  # AWS's services publish their metrics without a policy of the account
        for check in _checks_of(call, caller, key):
            self.require(check, call.operation)
        if call.service == "kms" and call.operation in ("CreateKey", "PutKeyPolicy"):
            _require_no_lock_out(call, caller)

    def decide(self, check: Check, operation: str) -> Decision:
        """Whether it is allowed; a denial is kept. `operation`: what for, in the list of denials."""
        check = _complete(check)
        decision = _decided(check)
        if decision.allowed:
            self.needs.add(check, operation)
        else:
            denial = self.denials.add(check, decision, operation)
            log.warning("denied: %s", denial)
        return decision

    def recheck(self, instead: Mapping[str, str]) -> Recheck:
        """All that was decided, decided anew. `instead`: text of a document → the text in its place."""
        with rechecking(instead) as documents:
            denied = [need for need in self.needs.listed() if not _decided(need.check).allowed]
            allowed = [need for need in self.denials.needs() if _decided(need.check).allowed]
        return Recheck(denied, allowed, dict(documents))

    def changed_by(self, alternatives: Iterable[Mapping[str, str]]) -> list[bool]:
        """For each of `alternatives` (as `recheck` takes them): whether any decision would be another.

        A decision that a document took no part in stays as it is: only the others are decided anew.
        """
        decided: defaultdict[str, list[tuple[Check, bool]]] = defaultdict(list)
        for need in (*self.needs.listed(), *self.denials.needs()):
            with rechecking({}) as documents:
                allowed = _decided(need.check).allowed
            for text in documents:
                decided[text].append((need.check, allowed))
        return [_differ(instead, decided) for instead in alternatives]

    def require(self, check: Check, operation: str) -> None:
        """Raise Denied unless it is allowed."""
        decision = self.decide(check, operation)
        if not decision.allowed:
            raise Denied(check.code, check.refusal or wording(check, decision))

    def allows(self, check: Check, operation: str) -> bool:
        """For what a service does without a client that waits for an answer."""
        return self.decide(check, operation).allowed

    def would_allow(self, check: Check) -> bool:
        """For what a service finds out before it acts: neither a need nor a denial is kept."""
        return _decided(_complete(check)).allowed

    def allows_use(self, use: Use, caller: Caller, region: str, operation: str, *, via: bool = True) -> bool:
        """Whether a key may be used: what the caller itself or a service in its name does."""
        return all(self.allows(check, operation) for check in checks(use, caller, region, via=via))


def _differ(instead: Mapping[str, str], decided: Mapping[str, list[tuple[Check, bool]]]) -> bool:
    affected = (one for text in instead for one in decided.get(text, ()))
    with rechecking(instead):
        return any(_decided(check).allowed is not allowed for check, allowed in affected)


def _decided(check: Check) -> Decision:
    found = identities.policies_of(check.caller, check.session)
    if check.endpoint is not None:
        found = replace(found, endpoint=endpoints.policies_of(check.endpoint))
    owner = attached.owner(check.resource)
    request = Request(check.caller, check.action, check.resource, check.context, resource_account=owner)
    return evaluate(request, attached.with_resource(found, check.resource))


def _complete(check: Check) -> Check:
    return replace(check, context={**_own_keys(check.resource), **check.context})


def _own_keys(resource: str) -> dict[str, Any]:
    """What the resource brings: `aws:ResourceTag/KEY`, and the aliases of a key."""
    found: dict[str, Any] = {f"aws:ResourceTag/{name}": value for name, value in held.tags(resource).items()}
    if aliases := held.aliases(resource):
        found["kms:ResourceAliases"] = aliases
    return found


def _checks_of(call: Call, caller: Caller, key: Key) -> Iterator[Check]:
    """Its own actions first, on every resource of theirs; then what it implies."""
    keys = {**context.common(call, caller), **key.context}
    endpoint = endpoints.endpoint_of(caller, call.service, call.region)
    if endpoint is not None:
        keys |= {"aws:SourceVpce": endpoint.id, "aws:SourceVpc": endpoint.vpc_id}
    through = str(endpoint.policy_document) if endpoint is not None else None
    for action in actions_of(call):
        for resource in resources_of(call, action):
            yield Check(caller, action, resource, keys, key.policy, through)
    implied: Iterable[Iterator[Check]] = (
        passed_roles(call, caller),
        key_uses(call, caller),
        dependent_checks(call, caller),
        tagging_checks(call, caller),
    )
    for found in implied:
        for check in found:
            own = check.caller is caller
            yield replace(check, context=_implied(keys, check.context), session=key.policy) if own else check


def _implied(keys: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What the request carries, but its own service's keys and tags; then what the implied call adds.

    A service that calls in the caller's name calls from elsewhere (IAM user guide, `aws:ViaAWSService`).
    """
    kept = {name: value for name, value in keys.items() if name.startswith("aws:") and "Tag" not in name}
    if "kms:ViaService" in own:
        kept = {name: value for name, value in kept.items() if name not in PLACES}
        kept["aws:ViaAWSService"] = True
    return {**kept, **own}


def _require_no_lock_out(call: Call, caller: Caller) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""
    document = call.text("Policy")
    if not document:
        return
    try:
        policy = parse_policy(document, name="key policy", kind=Kind.KEY)
    except PolicyError as error:
        raise Denied(MALFORMED, str(error)) from error
    if call.parameters.get("BypassPolicyLockoutSafetyCheck"):
        return
    found: Policies = replace(identities.policies_of(caller), resource=(policy,))
    arn = f"arn:aws:kms:{call.region}:{caller.account}:key/new"
    # The key as it will be: with the tags of its creation, or with those that it has.
    sent = {
        name.replace(":RequestTag/", ":ResourceTag/"): value for name, value in context.tags_of(call).items()
    }
    key = held.key(call.text("KeyId"), call.region, call.account)
    keys = {**context.common(call, caller), **sent, **(_own_keys(key.arn) if key else {})}
    if not evaluate(Request(caller, "kms:PutKeyPolicy", arn, keys), found).allowed:
        raise Denied(MALFORMED, LOCKED_OUT)
