"""The decision: explicit denials, then what has to allow.

Sources: IAM User Guide, "Policy evaluation logic" (order; same account), "Cross-account policy evaluation
logic", "Permissions boundaries for IAM entities", "Session policies"; KMS Developer Guide, "Troubleshooting
key access", "Default key policy"; Organizations User Guide, "SCP evaluation"; STS API Reference (AssumeRole:
not for root; GetCallerIdentity: needs no permission, and no Deny stops it).
"""

from collections.abc import Iterable

from iam_evaluation.callers import CallerKind
from iam_evaluation.decisions import Decision, Layer, StatementRef
from iam_evaluation.documents import Policy, Statement
from iam_evaluation.near_misses import nearest
from iam_evaluation.principals import Reach
from iam_evaluation.requests import NO_POLICIES, Policies, Request, has_identity

_FREE = frozenset({"sts:getcalleridentity"})
_Found = tuple[StatementRef, ...]
_NOTHING: _Found = ()


class _MissingError(Exception):
    """A layer in which nothing allows the request."""

    def __init__(self, layer: Layer, policies: Iterable[Policy]) -> None:
        super().__init__(layer)
        self.layer = layer
        self.policies = tuple(policies)


def evaluate(request: Request, policies: Policies) -> Decision:
    """Whether AWS allows `request` under `policies`, and why."""
    if request.action_key in _FREE:
        return Decision(allowed=True)
    bounded = policies.boundary is not None
    for layer, policy in policies.denying(request.caller):
        for statement in policy.covering(request.action_key).denying:
            if _applies(statement, request, bounded) is not Reach.NONE:
                return Decision(allowed=False, explicit=True, by=(_reference(layer, policy, statement),))
    try:
        return Decision(allowed=True, by=_Evaluation(request, policies).allowed_by())
    except _MissingError as missing:
        near = nearest(missing.layer, missing.policies, request)
        return Decision(allowed=False, missing=missing.layer, nearest=near)


class _Evaluation:
    """Of one request that no statement denies. Each step says which statements allow it, or raises
    `_MissingError`.
    """

    def __init__(self, request: Request, policies: Policies) -> None:
        self._request = request
        self._policies = policies
        self._caller = request.caller

    def allowed_by(self) -> _Found:
        limits = self._limits()
        reach, granted = self._resource()
        if not has_identity(self._caller):
            self._require(reach is not Reach.NONE, self._resource_layer, self._policies.resource)
            return limits + granted
        if self._request.own_rules is Layer.TRUST and self._caller.kind is CallerKind.ROOT:
            raise _MissingError(Layer.TRUST, ())
        if self._caller.account != self._request.owner:
            return limits + self._from_another_account(reach, granted)
        return limits + self._within_the_account(reach, granted)

    def _within_the_account(self, reach: Reach, granted: _Found) -> _Found:
        if reach is Reach.DIRECT:
            return granted
        if reach is Reach.ENTITY:
            return granted + self._boundary() + self._session()
        if self._request.own_rules is None:
            return self._identity() + self._boundary() + self._session()
        self._require(reach is Reach.ACCOUNT, self._resource_layer, self._policies.resource)
        return granted + self._identity() + self._boundary() + self._session()

    def _from_another_account(self, reach: Reach, granted: _Found) -> _Found:
        self._require(reach is not Reach.NONE, self._resource_layer, self._policies.resource)
        if granted[0].layer is Layer.GRANT and reach >= Reach.ENTITY:
            return granted + self._boundary() + self._session()
        return granted + self._identity() + self._boundary() + self._session()

    @property
    def _resource_layer(self) -> Layer:
        return self._request.own_rules or Layer.RESOURCE

    def _resource(self) -> tuple[Reach, _Found]:
        """The farthest reach of the resource's policies and grants."""
        best, by = Reach.NONE, _NOTHING
        layer = self._resource_layer
        for policy in self._policies.resource:
            for statement in policy.covering(self._request.action_key).allowing:
                if (reach := _applies(statement, self._request, bounded=False)) > best:
                    best, by = reach, (_reference(layer, policy, statement),)
        if layer is Layer.KEY and best < Reach.DIRECT:
            for grant in self._policies.grants:
                if grant.covers(self._request.action_key, self._request.context):
                    reach = grant.principals.reach(self._caller)
                    if reach > best:
                        best, by = reach, (StatementRef(Layer.GRANT, grant.id, 0),)
        return best, by

    def _limits(self) -> _Found:
        """SCPs and the endpoint's policy."""
        found: _Found = ()
        if has_identity(self._caller) and not self._caller.service_linked:
            for level in self._policies.service_control:
                found += self._allowing(Layer.SERVICE_CONTROL, level)
        if self._policies.endpoint is not None:
            found += self._allowing(Layer.ENDPOINT, self._policies.endpoint)
        return found

    def _identity(self) -> _Found:
        if self._caller.kind is CallerKind.ROOT:
            return ()  # full access by default
        return self._allowing(Layer.IDENTITY, self._policies.identity)

    def _boundary(self) -> _Found:
        boundary = self._policies.boundary
        if boundary is None or self._caller.kind is CallerKind.ROOT:
            return ()
        return self._allowing(Layer.BOUNDARY, (boundary,))

    def _session(self) -> _Found:
        """A federated user without a session policy may do nothing."""
        if self._policies.session is None and self._caller.kind is not CallerKind.FEDERATED_USER:
            return ()
        return self._allowing(Layer.SESSION, self._policies.session or NO_POLICIES)

    def _allowing(self, layer: Layer, policies: tuple[Policy, ...]) -> _Found:
        for policy in policies:
            for statement in policy.covering(self._request.action_key).allowing:
                if _applies(statement, self._request, bounded=False) is not Reach.NONE:
                    return (_reference(layer, policy, statement),)
        raise _MissingError(layer, policies)

    @staticmethod
    def _require(met: bool, layer: Layer, policies: Iterable[Policy]) -> None:
        if not met:
            raise _MissingError(layer, policies)


def _applies(statement: Statement, request: Request, bounded: bool) -> Reach:
    """How far a statement whose action matches reaches the caller, if the rest of it matches."""
    if not statement.covers_resource(request.resource, request.keys):
        return Reach.NONE
    reach = statement.reach(request.caller, bounded=bounded)
    if reach is Reach.NONE or statement.unmet(request.keys):
        return Reach.NONE
    return reach


def _reference(layer: Layer, policy: Policy, statement: Statement) -> StatementRef:
    return StatementRef(layer, policy.name, statement.index, statement.sid)
