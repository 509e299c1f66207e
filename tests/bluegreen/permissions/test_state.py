"""The state in its bucket, under the roles: Terraform and the plans get what they need, and no more."""

import json
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

from bluegreen.aws import Access
from bluegreen.permissions import Scope, scope_of
from bluegreen.permissions.state import state_statements
from bluegreen.terraform import Terraform, TerraformFailedError
from bluegreen.terraform.plans import InStateBucket
from tests.bluegreen.cli.conftest import run, write_stack
from tests.default_session import led_to
from tests.stack_reader import Stack

pytestmark = pytest.mark.integration

NAME = "a" * 64


@pytest.fixture(scope="module")
def place(
    account: LocalAws, stacks: dict[str, Stack], tmp_path_factory: pytest.TempPathFactory
) -> tuple[LocalAws, Scope, Path]:
    """The account with bucket, key and roles of `staging`, made by `bluegreen bootstrap --roles` as the role
    that is there for it; and a stack that has nothing but the state.
    """
    account.control("POST", "reset")
    directory = tmp_path_factory.mktemp("state")
    document = stacks["staging"].document
    write_stack(directory, "staging", document)
    operator = account.client("sts").get_caller_identity()["Arn"]
    made = ("bootstrap", "-d", "staging", "--roles", "--trusted-role", operator, "--yes", "--output", "json")
    scope = scope_of(document)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        led_to(account, patch)
        first = run(*made)
        assert first.exit_code == 0, first.output
        # Again, as the role: it finds nothing to do, and makes what is missing.
        bootstrapper = embedded_aws.as_role(account, scope.role_arn("bootstrap"), "bootstrap")
        account.client("iam").detach_role_policy(
            RoleName=f"{scope.prefix}-plan", PolicyArn=scope.policy_arn("plan-1")
        )
        led_to(bootstrapper, patch)
        again = run(*made)
        assert again.exit_code == 0, again.output
        assert json.loads(again.stdout)["changed"] == ["policies of plan"]
    stack = directory / "state-only"
    stack.mkdir()
    (stack / "cdk.tf.json").write_text(
        json.dumps(
            {"terraform": document["terraform"] | {"required_providers": {}}, "output": {"x": {"value": "y"}}}
        )
    )
    return account, scope, stack


def needed(aws: LocalAws, session: str) -> set[tuple[str, str]]:
    """Actions and resources that a session was allowed."""
    return {
        (need["action"], need["resource"])
        for need in embedded_aws.needs(aws)
        if need["caller"].endswith(f"/{session}") and need["action"] != "sts:GetCallerIdentity"
    }


def granted(scope: Scope, *, writes: bool) -> set[str]:
    """The actions of the state's statements."""
    return {
        action
        for statement in state_statements(scope, writes=writes)
        for action in _list(statement["Action"])
    }


def test_state_and_plans_under_the_roles(place: tuple[LocalAws, Scope, Path]) -> None:
    account, scope, stack = place
    assert scope.backend is not None
    applier = embedded_aws.as_role(account, scope.role_arn("apply"), "applies")
    planner = embedded_aws.as_role(account, scope.role_arn("plan"), "plans")
    applying, planning = (Terraform(stack, one.environment()) for one in (applier, planner))

    applying.init()
    applying.apply()
    planning.init()
    planning.plan()
    assert planning.output() == {"x": "y"}
    _store(planner, scope).put(NAME, b"plan")
    assert _store(applier, scope).get(NAME) == b"plan"

    for session, writes in (("applies", True), ("plans", False)):
        found = needed(account, session)
        assert {action for action, _ in found} == granted(scope, writes=writes)

    (stack / "cdk.tf.json").write_text((stack / "cdk.tf.json").read_text().replace('"y"', '"z"'))
    with pytest.raises(TerraformFailedError, match=r"AccessDenied|not authorized"):
        planning.apply()
    with pytest.raises(ClientError, match="AccessDenied"):
        planner.client("s3").put_object(Bucket=scope.backend.bucket, Key=scope.backend.key, Body=b"{}")
    with pytest.raises(ClientError, match="AccessDenied"):
        applier.client("s3").get_object(Bucket=scope.backend.bucket, Key="another/terraform.tfstate")


def test_the_role_that_bootstraps_needs_all_that_it_has(place: tuple[LocalAws, Scope, Path]) -> None:
    """Of those that look: what makes them was needed by an administrator before."""
    account, scope, _ = place
    found = {action for action, _ in needed(account, "bootstrap")}
    assert {"iam:AttachRolePolicy", "iam:GetPolicyVersion", "iam:ListRolePolicies", "s3:ListBucket"} <= found
    own = scope.role_arn("bootstrap").rpartition("/")[2]
    bootstrapper = embedded_aws.as_role(account, scope.role_arn("bootstrap"), "more").client("iam")
    with pytest.raises(ClientError, match="AccessDenied"):
        bootstrapper.attach_role_policy(RoleName=own, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def _store(aws: LocalAws, scope: Scope) -> InStateBucket:
    assert scope.backend is not None
    return InStateBucket(Access(scope.backend.region, aws.endpoint, aws.environment()), scope.backend)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
