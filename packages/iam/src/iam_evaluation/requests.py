"""What is asked, and the policies that apply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iam_evaluation.callers import Caller, CallerKind
from iam_evaluation.context import Context, ContextValue
from iam_evaluation.decisions import Layer
from iam_evaluation.documents import Kind, Policy
from iam_evaluation.grants import Grant
from iam_evaluation.patterns import ARN_PARTS, arn_parts

# Actions on a role that its trust policy decides.
_ASSUMING = frozenset(
    {
        *("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:assumeroot"),
        *("sts:tagsession", "sts:setsourceidentity", "sts:setcontext"),
    }
)
_LAYER_OF_KIND = {Kind.RESOURCE: Layer.RESOURCE, Kind.KEY: Layer.KEY, Kind.TRUST: Layer.TRUST}
NO_POLICIES: tuple[Policy, ...] = ()


@dataclass(frozen=True)
class Request:
    """One call, for one action on one resource.

    action: `service:Action`
    resource: an ARN, or `*` for an action that has no resource
    context: condition keys that the service sends, with their values; those that follow from the caller are
        added, and aws:ResourceAccount (IAM User Guide, "AWS global condition context keys")
    resource_account: who owns the resource, where its ARN doesn't say (S3); without it, the caller's account
    """

    caller: Caller
    action: str
    resource: str = "*"
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    resource_account: str | None = None

    @cached_property
    def owner(self) -> str:
        """Account of the resource."""
        parts = arn_parts(self.resource)
        in_arn = parts[4] if len(parts) == ARN_PARTS else ""
        return self.resource_account or in_arn or self.caller.account

    @cached_property
    def keys(self) -> Context:
        """All condition keys."""
        derived = self.caller.key_values
        if self.owner and self.resource != "*":
            derived = {**derived, "aws:resourceaccount": (self.owner,)}
        return Context(self.context, derived)

    @cached_property
    def action_key(self) -> str:
        """In lower case."""
        return self.action.lower()

    @cached_property
    def own_rules(self) -> Layer | None:
        """KEY, TRUST: nothing but that policy (or what it delegates to) opens the resource.

        Source: IAM User Guide, "Policy evaluation logic": trust policies and key policies must allow
        explicitly.
        """
        parts = arn_parts(self.resource)
        if len(parts) < ARN_PARTS:
            return None
        if parts[2] == "kms" and parts[5].startswith("key/") and self.action_key.startswith("kms:"):
            return Layer.KEY
        if parts[2] == "iam" and parts[5].startswith("role/") and self.action_key in _ASSUMING:
            return Layer.TRUST
        return None


@dataclass(frozen=True)
class Policies:
    """All policies that apply to a request. What isn't there doesn't limit.

    identity: of the user with its groups, or of the role: inline and managed
    boundary: permissions boundary of the user or role
    session: session policies (None: none was passed)
    resource: of the resource: also a key policy (Kind.KEY) or trust policy (Kind.TRUST)
    endpoint: of the VPC endpoint that the request came through
    service_control: of the caller's organisation: root, each unit, account; each level has to allow
    resource_control: of the resource's organisation, without the RCPFullAWSAccess that every level has. Leave
        them out for services that don't support them
    grants: of the KMS key
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: tuple[Policy, ...] = ()
    endpoint: tuple[Policy, ...] | None = None
    service_control: tuple[tuple[Policy, ...], ...] = ()
    resource_control: tuple[Policy, ...] = ()
    grants: tuple[Grant, ...] = ()

    def denying(self, caller: Caller) -> Iterator[tuple[Layer, Policy]]:
        """Every policy, in the order in which AWS looks at them, for explicit denials."""
        if not caller.service_linked:
            if has_identity(caller):
                for level in self.service_control:
                    yield from ((Layer.SERVICE_CONTROL, policy) for policy in level)
            yield from ((Layer.RESOURCE_CONTROL, policy) for policy in self.resource_control)
        yield from ((Layer.ENDPOINT, policy) for policy in self.endpoint or ())
        yield from ((_LAYER_OF_KIND.get(policy.kind, Layer.RESOURCE), policy) for policy in self.resource)
        if has_identity(caller):
            yield from ((Layer.IDENTITY, policy) for policy in self.identity)
            if self.boundary:
                yield Layer.BOUNDARY, self.boundary
            yield from ((Layer.SESSION, policy) for policy in self.session or ())


def has_identity(caller: Caller) -> bool:
    """Whether it belongs to an account, so that policies of identities apply to it."""
    return caller.kind not in (CallerKind.SERVICE, CallerKind.PROVIDER, CallerKind.ANONYMOUS)
