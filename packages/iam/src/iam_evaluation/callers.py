"""Who makes a request, and the condition keys that follow from it.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "AWS global condition context keys" (section
"Properties of the principal": which keys are present for which caller).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from iam_evaluation.context import ContextValue, Values, values_of
from iam_evaluation.patterns import ARN_PARTS, arn_parts


class CallerKind(StrEnum):
    """The value is what `aws:PrincipalType` says of it; services and providers have none."""

    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    ANONYMOUS = "Anonymous"
    SERVICE = "service"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Caller:
    """One principal. Make it with one of the class methods.

    arn: what signs: the user's, session's or root's ARN; a service's or an identity provider's name; "" when
        anonymous
    account: 12 digits; "" for services, providers and anonymous callers
    entity: the ARN of the role or user behind `arn` (the same as `arn` for users and root)
    """

    kind: CallerKind
    arn: str
    account: str = ""
    entity: str = ""

    @classmethod
    def root(cls, account: str, partition: str = "aws") -> "Caller":
        """The root user of an account."""
        arn = f"arn:{partition}:iam::{account}:root"
        return cls(CallerKind.ROOT, arn, account, arn)

    @classmethod
    def user(cls, arn: str) -> "Caller":
        """An IAM user: `arn:aws:iam::ACCOUNT:user/PATH/NAME`."""
        return cls(CallerKind.USER, arn, _account(arn, "user/"), arn)

    @classmethod
    def role(cls, arn: str, session: str = "session") -> "Caller":
        """A session of the role `arn:aws:iam::ACCOUNT:role/PATH/NAME`. Its own ARN doesn't have the path."""
        account, partition = _account(arn, "role/"), arn_parts(arn)[1]
        own = f"arn:{partition}:sts::{account}:assumed-role/{arn.rpartition('/')[2]}/{session}"
        return cls(CallerKind.ROLE, own, account, arn)

    @classmethod
    def federated_user(cls, user: str, name: str) -> "Caller":
        """A session `name` that the IAM user with the ARN `user` got by GetFederationToken."""
        account, partition = _account(user, "user/"), arn_parts(user)[1]
        return cls(
            CallerKind.FEDERATED_USER, f"arn:{partition}:sts::{account}:federated-user/{name}", account, user
        )

    @classmethod
    def service(cls, name: str) -> "Caller":
        """A service principal, such as `events.amazonaws.com`."""
        return cls(CallerKind.SERVICE, name)

    @classmethod
    def provider(cls, name: str) -> "Caller":
        """An identity of an OIDC or SAML provider (its ARN or name), which assumes a role."""
        return cls(CallerKind.PROVIDER, name)

    @classmethod
    def anonymous(cls) -> "Caller":
        """An unsigned request."""
        return cls(CallerKind.ANONYMOUS, "")

    @cached_property
    def service_linked(self) -> bool:
        """Whether it is a service-linked role: SCPs and RCPs don't apply to it (Organizations User Guide)."""
        return ":role/aws-service-role/" in self.entity

    @cached_property
    def keys(self) -> Mapping[str, ContextValue]:
        """Condition keys that follow from it."""
        if self.kind is CallerKind.ANONYMOUS:
            return {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": self.kind.value}
        if self.kind is CallerKind.SERVICE:
            return {
                "aws:PrincipalIsAWSService": True,
                "aws:PrincipalServiceName": self.arn,
                "aws:PrincipalServiceNamesList": (self.arn,),
            }
        if self.kind is CallerKind.PROVIDER:
            return {"aws:PrincipalIsAWSService": False}
        keys: dict[str, ContextValue] = {
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalArn": self.entity if self.kind is CallerKind.ROLE else self.arn,
            "aws:PrincipalIsAWSService": False,
            "aws:PrincipalType": self.kind.value,
        }
        if self.kind is CallerKind.USER:
            keys["aws:username"] = self.arn.rpartition("/")[2]
        return keys

    @cached_property
    def key_values(self) -> Mapping[str, Values]:
        """`keys` as a request's context has them."""
        return {name.lower(): values_of(value) for name, value in self.keys.items()}


def _account(arn: str, resource: str) -> str:
    parts = arn_parts(arn)
    if len(parts) < ARN_PARTS or parts[2] != "iam" or not parts[5].startswith(resource):
        raise ValueError(f"{arn!r} is not the ARN of an IAM {resource.rstrip('/')}")
    return parts[4]
