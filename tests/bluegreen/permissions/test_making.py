"""`Making` and `bluegreen bootstrap --roles` on the embedded AWS: what is made, what is found changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from embedded_aws import ACCOUNT_ID, LocalAws

from bluegreen.permissions import Scope, scope_of
from tests.bluegreen.cli.conftest import run, write_stack
from tests.default_session import led_to
from tests.stack_reader import Stack

pytestmark = pytest.mark.integration

PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"
WORKFLOW = "example/payments-platform/.github/workflows/deploy.yml"
PIPELINE = ("--oidc-provider", PROVIDER, "--repository", "example/payments-platform")
ROLES = ("bootstrap", "--deployment", "staging", "--roles", *PIPELINE)
AS_JSON = (*ROLES, "--yes", "--output", "json")


@pytest.fixture
def staging(
    account: LocalAws, stacks: dict[str, Stack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Scope:
    """A checkout with `staging` synthesized, led to an account that has nothing."""
    account.control("POST", "reset")
    monkeypatch.chdir(tmp_path)
    led_to(account, monkeypatch)
    write_stack(tmp_path, "staging", stacks["staging"].document)
    return scope_of(stacks["staging"].document)


def test_it_makes_them_once(staging: Scope, account: LocalAws) -> None:
    check = run(*ROLES, "--check")
    assert check.exit_code == 1, check.stderr
    first = run(*AS_JSON)
    assert first.exit_code == 0, first.output
    assert {"role plan", "policies of apply", "identity provider"} <= set(json.loads(first.stdout)["changed"])

    assert json.loads(run(*AS_JSON).stdout)["changed"] == []
    assert run(*ROLES, "--check").exit_code == 0
    role = account.client("iam").get_role(RoleName=f"{staging.prefix}-apply")["Role"]
    assert role["Arn"] == staging.role_arn("apply")


def test_a_pipeline_is_trusted_in_one_environment_on_one_branch(staging: Scope, account: LocalAws) -> None:
    assert run(*AS_JSON).exit_code == 0
    iam, host = account.client("iam"), "token.actions.githubusercontent.com"
    for name, environment in (("plan", "staging-plan"), ("apply", "staging"), ("operate", "staging-traffic")):
        role = iam.get_role(RoleName=f"{staging.prefix}-{name}")["Role"]
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Federated": PROVIDER}
        assert statement["Condition"] == {
            "StringEquals": {
                f"{host}:aud": "sts.amazonaws.com",
                f"{host}:sub": f"repo:example/payments-platform:environment:{environment}",
                f"{host}:repository": "example/payments-platform",
                f"{host}:environment": environment,
                f"{host}:ref": "refs/heads/main",
                f"{host}:job_workflow_ref": f"{WORKFLOW}@refs/heads/main",
            }
        }


Harm = Callable[[Any, Scope], object]
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
HARM: dict[str, Harm] = {
    "policies of plan": lambda iam, scope: iam.put_role_policy(
        RoleName=f"{scope.prefix}-plan", PolicyName="more", PolicyDocument=EVERYTHING
    ),
    "policies of apply": lambda iam, scope: iam.attach_role_policy(
        RoleName=f"{scope.prefix}-apply", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    ),
    "policies of operate": lambda iam, scope: iam.detach_role_policy(
        RoleName=f"{scope.prefix}-operate", PolicyArn=scope.policy_arn("operate-1")
    ),
    "policy payments-staging-boundary": lambda iam, scope: iam.create_policy_version(
        PolicyArn=scope.boundary, PolicyDocument=EVERYTHING, SetAsDefault=True
    ),
    "role operate": lambda iam, scope: iam.update_role(
        RoleName=f"{scope.prefix}-operate", MaxSessionDuration=43200
    ),
    "role plan": lambda iam, scope: iam.update_assume_role_policy(
        RoleName=f"{scope.prefix}-plan",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
                ],
            }
        ),
    ),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", HARM)
def test_a_change_is_found_and_corrected(staging: Scope, account: LocalAws, name: str) -> None:
    assert run(*AS_JSON).exit_code == 0
    HARM[name](account.client("iam"), staging)
    check = run(*ROLES, "--check", "--output", "json")
    assert check.exit_code == 1
    assert [each["name"] for each in json.loads(check.stdout)["settings"] if not each["ok"]] == [name]
    assert json.loads(run(*AS_JSON).stdout)["changed"] == [name]
    assert run(*ROLES, "--check").exit_code == 0


def test_the_oldest_version_of_a_policy_makes_room(staging: Scope, account: LocalAws) -> None:
    assert run(*AS_JSON).exit_code == 0
    iam = account.client("iam")
    for number in range(4):
        changed = EVERYTHING.replace('"Action": "*"', f'"Action": "s3:Get{number}*"')
        iam.create_policy_version(PolicyArn=staging.boundary, PolicyDocument=changed, SetAsDefault=True)
    assert len(iam.list_policy_versions(PolicyArn=staging.boundary)["Versions"]) == 5
    assert run(*AS_JSON).exit_code == 0
    assert run(*ROLES, "--check").exit_code == 0


@pytest.mark.usefixtures("staging")
def test_who_assumes_them_has_to_be_said() -> None:
    nobody = run("bootstrap", "--deployment", "staging", "--roles", "--yes")
    assert nobody.exit_code == 2
    assert "who assumes the roles?" in nobody.stderr
    malformed = run("bootstrap", "--deployment", "staging", "--roles", "--yes", "--trusted-role", "me")
    assert malformed.exit_code == 2
    assert "--trusted-role 'me' is malformed" in malformed.stderr


def test_without_a_boundary_there_are_no_roles(
    staging: Scope, stacks: dict[str, Stack], tmp_path: Path
) -> None:
    text = json.dumps(stacks["staging"].document).replace("permissions_boundary", "description")
    write_stack(tmp_path, "staging", json.loads(text))
    refused = run(*AS_JSON)
    assert refused.exit_code == 2
    assert "have no permissions boundary" in refused.stderr
    assert staging.boundary in refused.stderr
