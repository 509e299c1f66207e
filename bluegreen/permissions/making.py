"""The roles that deploy, in an account: look, then make them so. It can be repeated."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bluegreen.permissions.roles import Policy, Role
from bluegreen.permissions.scope import PATH
from bluegreen.permissions.statements import Document, text_of
from bluegreen.permissions.trust import AUDIENCE, Trust
from bluegreen.terraform.bootstrap.setting import Setting, code_of

# IAM keeps at most five versions of a policy (IAM user guide, "Versioning IAM policies").
VERSIONS = 5
# A shift is followed to its end.
SECONDS = {"operate": 14_400}
HOUR = 3600
ABSENT = "NoSuchEntity"


class Making:
    """`policies` that belong to no role, such as the boundary, come first. `client`: of IAM."""

    def __init__(
        self,
        client: Any,
        roles: Iterable[Role],
        policies: Iterable[Policy],
        trust: Trust,
        *,
        deployment: str,
        tags: Mapping[str, str],
    ) -> None:
        self._client, self._trust, self._deployment = client, trust, deployment
        self._roles, self._policies = tuple(roles), tuple(policies)
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    def settings(self) -> list[Setting]:
        """In the order in which they are made."""
        return list(self._settings())

    def _settings(self) -> Iterator[Setting]:
        if provider := self._trust.provider:
            yield Setting(
                "identity provider",
                provider,
                lambda: self._is_provider(provider),
                lambda: self._provide(provider),
            )
        for policy in self._policies:
            yield self._policy(policy)
        for role in self._roles:
            for policy in role.policies:
                yield self._policy(policy)
            yield self._role(role)
            yield self._attachments(role)

    def _role(self, role: Role) -> Setting:
        wanted = f"{role.arn}, with its trust policy"
        return Setting(
            f"role {role.name}", wanted, lambda: self._is_role(role), lambda: self._make_role(role)
        )

    def _attachments(self, role: Role) -> Setting:
        wanted = f"these {len(role.policies)}, and no others"
        return Setting(
            f"policies of {role.name}",
            wanted,
            lambda: self._is_attached(role),
            lambda: self._attach(role),
        )

    def _is_provider(self, arn: str) -> bool:
        found = self._find(lambda: self._client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
        return found is not None and AUDIENCE in found["ClientIDList"]

    def _provide(self, arn: str) -> None:
        """AWS verifies its certificate by itself (IAM API reference, CreateOpenIDConnectProvider)."""
        if self._find(lambda: self._client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)):
            self._client.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=AUDIENCE
            )
            return
        url = f"https://{arn.partition(':oidc-provider/')[2]}"
        self._client.create_open_id_connect_provider(Url=url, ClientIDList=[AUDIENCE], Tags=self._tags)

    def _policy(self, policy: Policy) -> Setting:
        return Setting(
            f"policy {policy.name}",
            f"{len(text_of(policy.document)):,} characters",
            lambda: self._document_of(policy.arn) == policy.document,
            lambda: self._make_policy(policy),
        )

    def _document_of(self, arn: str) -> Document | None:
        found = self._find(lambda: self._client.get_policy(PolicyArn=arn)["Policy"])
        if found is None:
            return None
        version = self._client.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])
        document: Document = _parsed(version["PolicyVersion"]["Document"])
        return document

    def _make_policy(self, policy: Policy) -> None:
        text = text_of(policy.document)
        if self._document_of(policy.arn) is None:
            self._client.create_policy(
                PolicyName=policy.name, Path=PATH, PolicyDocument=text, Tags=self._tags
            )
            return
        versions = self._client.list_policy_versions(PolicyArn=policy.arn)["Versions"]
        if len(versions) >= VERSIONS:
            oldest = min((one for one in versions if not one["IsDefaultVersion"]), key=_created)
            self._client.delete_policy_version(PolicyArn=policy.arn, VersionId=oldest["VersionId"])
        self._client.create_policy_version(PolicyArn=policy.arn, PolicyDocument=text, SetAsDefault=True)

    def _is_role(self, role: Role) -> bool:
        found = self._find(lambda: self._client.get_role(RoleName=_name(role))["Role"])
        if found is None or found["Arn"] != role.arn:
            return False
        same: bool = _parsed(found["AssumeRolePolicyDocument"]) == self._trusted(role)
        return same and found.get("MaxSessionDuration", HOUR) == SECONDS.get(role.name, HOUR)

    def _make_role(self, role: Role) -> None:
        name, trust = _name(role), text_of(self._trusted(role))
        seconds = SECONDS.get(role.name, HOUR)
        if self._find(lambda: self._client.get_role(RoleName=name)) is None:
            self._client.create_role(
                RoleName=name,
                Path=PATH,
                AssumeRolePolicyDocument=trust,
                MaxSessionDuration=seconds,
                Tags=self._tags,
            )
            return
        self._client.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        self._client.update_role(RoleName=name, MaxSessionDuration=seconds)

    def _trusted(self, role: Role) -> Document:
        return self._trust.document(role.name, self._deployment)

    def _is_attached(self, role: Role) -> bool:
        found = self._find(lambda: self._attached(role))
        inline = self._find(lambda: self._client.list_role_policies(RoleName=_name(role))["PolicyNames"])
        return found == {policy.arn for policy in role.policies} and not inline

    def _attach(self, role: Role) -> None:
        wanted, found = {policy.arn for policy in role.policies}, self._attached(role)
        for arn in sorted(wanted - found):
            self._client.attach_role_policy(RoleName=_name(role), PolicyArn=arn)
        for arn in sorted(found - wanted):
            self._client.detach_role_policy(RoleName=_name(role), PolicyArn=arn)
        for name in self._client.list_role_policies(RoleName=_name(role))["PolicyNames"]:
            self._client.delete_role_policy(RoleName=_name(role), PolicyName=name)

    def _attached(self, role: Role) -> set[str]:
        answer = self._client.list_attached_role_policies(RoleName=_name(role))
        return {one["PolicyArn"] for one in answer["AttachedPolicies"]}

    def _find(self, read: Callable[[], Any]) -> Any:
        """None where IAM has no such thing."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - loading it takes long

        try:
            return read()
        except ClientError as error:
            if code_of(error) != ABSENT:
                raise
            return None


def _name(role: Role) -> str:
    return role.arn.rpartition("/")[2]


def _created(version: Mapping[str, Any]) -> Any:
    return version["CreateDate"]


def _parsed(found: Any) -> Any:
    """botocore parses documents; another client has the text."""
    return json.loads(found) if isinstance(found, str) else found
