"""IAM policy documents as plain JSON strings, so that every scanner of the synthesized code can read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from modules.config import Deployment

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `principals` only in resource policies: {"Service": "logs.us-east-1.amazonaws.com"} and
    the like.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    principals: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    conditions: Condition = field(default_factory=dict)
    effect: str = "Allow"

    def to_json(self) -> dict[str, Any]:
        """The statement in IAM's grammar, empty elements left out."""
        elements: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": self.principals,
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": self.conditions,
        }
        return {key: value for key, value in elements.items() if value}


def policy(*statements: Statement) -> str:
    """The policy document with these statements, as a JSON string."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement.to_json() for statement in statements]}
    )


def service_role(
    scope: Construct,
    id_: str,
    *,
    name: str,
    service: str,
    deployment: Deployment,
    says_account: bool = True,
    colour: str | None = None,
) -> IamRole:
    """A role that only `service` (such as lambda.amazonaws.com) assumes, and only on behalf of this account.

    The condition keeps another account's resources from using the service as a confused deputy.
    `says_account`: whether the service documents that it sends the account. `colour`: None where both use it.
    """
    trust = Statement(
        sid="AssumedByTheService",
        actions=["sts:AssumeRole"],
        principals={"Service": service},
        conditions={"StringEquals": {"aws:SourceAccount": deployment.account_id}} if says_account else {},
    )
    return IamRole(
        scope,
        id_,
        name=name,
        path=deployment.iam.path if deployment.iam.path != "/" else None,
        permissions_boundary=deployment.iam.permissions_boundary,
        assume_role_policy=policy(trust),
        tags={"Name": name} | ({"Colour": colour} if colour else {}),
    )


def tls_only(actions: Sequence[str], *arns: str) -> Statement:
    """For a resource policy: no one calls these actions without TLS."""
    return Statement(
        sid="TlsOnly",
        effect="Deny",
        principals={"AWS": "*"},
        actions=actions,
        resources=arns,
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
