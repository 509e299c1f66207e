"""Callers of the switch with the permissions of SECURITY.md, on any embedded AWS that it is deployed in."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.auth
import embedded_aws
import pytest
from botocore.exceptions import ClientError

from bluegreen.aws import Access
from bluegreen.operate.client import NotReachableError, SwitchFunction
from bluegreen.operate.identity import attest

OPERATOR = f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:user/operator"
FREEZE, UNFREEZE = {"action": "freeze", "reason": "who may"}, {"action": "unfreeze"}
STEP = {"action": "begin", "workflow": "w", "plan": {"target": "green", "steps": [100], "bake_seconds": 0}}


@dataclass(frozen=True)
class Ways:
    """The ways into one switch: those that there are, and those that there are not."""

    aws: embedded_aws.LocalAws
    switch: str  # ARN

    @property
    def arns(self) -> dict[str, str]:
        aliases = {name: f"{self.switch}:{name}" for name in ("operate", "deploy", "workflow", "interrupted")}
        none = {"whole": self.switch, "latest": f"{self.switch}:$LATEST", "version": f"{self.switch}:1"}
        return {"read": f"{self.switch}-read", **aliases, **none}

    def function(self, environment: Mapping[str, str] | None = None) -> SwitchFunction:
        """As the command line asks it; by the operator's keys, if no others are given."""
        given = environment or self.aws.environment()
        return SwitchFunction(self.switch, embedded_aws.REGION, self.aws.endpoint, given)

    @contextmanager
    def caller(self, name: str, way: str) -> Iterator["Someone"]:
        """A role of that name that may invoke one way in, and nothing else."""
        iam, sts = self.aws.client("iam"), self.aws.client("sts")
        account = f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:root"
        trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": self.arns[way]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=_policy(allow))
        keys = sts.assume_role(RoleArn=role, RoleSessionName="ann")
        given = keys["Credentials"]
        environment = {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
        yield Someone(keys["AssumedRoleUser"]["Arn"], environment, self)
        iam.delete_role_policy(RoleName=name, PolicyName="invoke")
        iam.delete_role(RoleName=name)


@dataclass(frozen=True)
class Someone:
    """The session of a role."""

    arn: str
    environment: Mapping[str, str]
    ways: Ways

    @property
    def access(self) -> Access:
        return Access(embedded_aws.REGION, self.ways.aws.endpoint, self.environment)

    @property
    def function(self) -> SwitchFunction:
        return self.ways.function(self.environment)

    def invoke(self, way: str, event: Mapping[str, Any]) -> Any:
        """The event as it is, past the command line."""
        given = self.environment
        client = boto3.client(
            "lambda",
            region_name=embedded_aws.REGION,
            endpoint_url=self.ways.aws.endpoint,
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=given["AWS_SESSION_TOKEN"],
        )
        answer = client.invoke(FunctionName=self.ways.arns[way], Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def denied(self) -> set[str]:
        """The ways that IAM denies it, before a function runs."""
        return {way for way in self.ways.arns if self._is_denied(way)}

    def _is_denied(self, way: str) -> bool:
        try:
            self.invoke(way, UNFREEZE)
        except ClientError as error:
            return str(error.response["Error"]["Code"]) == "AccessDeniedException"
        return False

    def refusal(self, event: Mapping[str, Any]) -> str:
        """Why the function does not believe who sends it, to the alias for operators."""
        answer = self.invoke("operate", event)
        assert answer.get("errorType") == "NotAttestedError", answer
        assert not self.ways.function().invoke({"action": "status"})["frozen"]
        return str(json.loads(answer["errorMessage"])["what"])

    def proven(self, id_: str, *, access: Access | None = None, arn: str = "") -> dict[str, Any]:
        """A harmless request with a proof, of other keys or for another function."""
        asked = {**UNFREEZE, "request_id": id_}
        proof = attest(access or self.access, arn or self.ways.arns["operate"], id_, asked)
        return asked | {"attestation": proof}


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class _LongAgo(datetime):
    """A clock that is an hour behind."""

    @classmethod
    def utcnow(cls) -> "_LongAgo":
        return cls.now(UTC).replace(tzinfo=None) - timedelta(hours=1)


def reads_and_nothing_else(reader: Someone) -> None:
    assert reader.function.invoke({"action": "status"})["weights"] == {"blue": 100, "green": 0}
    assert reader.denied() == set(reader.ways.arns) - {"read"}
    with pytest.raises(NotReachableError, match="AccessDeniedException"):
        reader.function.invoke(FREEZE)


def operates_and_nothing_else(operator: Someone) -> None:
    """Neither what reads nor the steps of a shift, which are the state machine's."""
    assert operator.function.invoke(FREEZE)["frozen"]["by"] == operator.arn
    operator.function.invoke(UNFREEZE)
    assert operator.denied() == set(operator.ways.arns) - {"operate"}
    entries = operator.ways.function().invoke({"action": "history", "limit": 2})["entries"]
    assert [(entry["action"], entry["by"]) for entry in entries] == [
        ("unfreeze", operator.arn),
        ("freeze", operator.arn),
    ]
    assert operator.invoke("operate", STEP)["errorType"] == "NotAdmittedError"
    with pytest.raises(ClientError, match="AccessDeniedException"):
        operator.invoke("workflow", STEP)


def no_other_way_moves_traffic(ways: Ways) -> None:
    """Not for an administrator either."""
    client = ways.aws.client("lambda")
    event = json.dumps({"action": "switch", "target": "green"})
    for way in ("read", "deploy", "workflow", "interrupted", "whole", "version"):
        answer = client.invoke(FunctionName=ways.arns[way], Payload=event)
        assert json.loads(answer["Payload"].read())["errorType"] == "NotAdmittedError", way
    assert ways.function().invoke({"action": "status"})["weights"] == {"blue": 100, "green": 0}


def is_believed_once_in_time_and_for_what_was_signed(
    operator: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = operator.proven("once")
    assert operator.invoke("operate", event)["frozen"] is None
    assert "used before, by the request once" in operator.refusal(event)
    proof = {"attestation": event["attestation"]}
    assert "SignatureDoesNotMatch" in operator.refusal(FREEZE | {"request_id": "other"} | proof)
    assert "has no attestation" in operator.refusal(FREEZE | {"by": operator.arn})
    elsewhere = operator.ways.arns["operate"].replace("switch", "another-switch")
    assert "SignatureDoesNotMatch" in operator.refusal(operator.proven("foreign", arn=elsewhere))
    keys = {"AWS_ACCESS_KEY_ID": "AKIAFOREIGN000000000", "AWS_SECRET_ACCESS_KEY": "x"}
    stranger = Access(embedded_aws.REGION, operator.ways.aws.endpoint, keys)
    assert "InvalidClientTokenId" in operator.refusal(operator.proven("unknown", access=stranger))
    with monkeypatch.context() as patch:
        patch.setattr(botocore.auth, "datetime", SimpleNamespace(datetime=_LongAgo))
        old = operator.proven("late")
    assert "has expired" in operator.refusal(old)
