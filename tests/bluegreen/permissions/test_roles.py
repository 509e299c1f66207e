"""The policies of the roles that deploy against the recording: nothing is missing, nothing is unneeded."""

import copy
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bluegreen.operate.cut_off import PERMISSIONS
from bluegreen.permissions import NAMES, Role, Scope, boundary_of, role_of, scope_of
from bluegreen.permissions.operating import migrate_statements
from bluegreen.permissions.recording import PHASES, READS, Row, load
from bluegreen.permissions.roles import Policy
from bluegreen.permissions.state import state_statements
from bluegreen.permissions.statements import LONGEST, MOST, length
from iam_evaluation import find_action
from tests.bluegreen.permissions.deciding import allowed, policies_of, request_of
from tests.stack_reader import Stack
from tools.permissions.page import PAGE, differing, page
from tools.permissions.sources import source_of

ROWS = load()
READING = ("Read", "List")
# What a refresh needs besides reading: to see an encrypted definition or environment, and to check one.
REFRESHES = {"kms:Decrypt", "states:ValidateStateMachineDefinition"}


def reads(row: Row) -> bool:
    return find_action(row.action).access_level in READING or row.action in REFRESHES


@pytest.mark.parametrize("name", NAMES)
def test_iam_takes_them(roles: dict[str, Role], name: str) -> None:
    """Quotas: IAM user guide, "IAM and AWS STS quotas"."""
    role = roles[name]
    assert 0 < len(role.policies) <= MOST
    assert all(length(policy.document) <= LONGEST for policy in role.policies)


def test_the_role_that_applies_may_do_all_that_was_recorded(roles: dict[str, Role], scope: Scope) -> None:
    role = roles["apply"]
    policies = policies_of(role)
    denied = [row for row in ROWS if not allowed(policies, request_of(role, row, scope))]
    assert denied == []


def test_the_role_that_plans_may_do_what_a_refresh_needs_and_writes_nothing(
    roles: dict[str, Role], scope: Scope
) -> None:
    role = roles["plan"]
    policies = policies_of(role)
    for row in ROWS:
        may = allowed(policies, request_of(role, row, scope))
        if READS in row.phases:
            assert may, row
            assert reads(row), row
        elif not reads(row):
            assert not may, row


def single(role: Role) -> list[tuple[int, int, str, str]]:
    """Every action on every resource of its Allows: policy, statement, action, resource."""
    return [
        (number, index, action, resource)
        for number, policy in enumerate(role.policies)
        for index, statement in enumerate(policy.document["Statement"])
        if statement["Effect"] == "Allow"
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    ]


def without(role: Role, number: int, index: int, action: str, resource: str) -> Role:
    """The role without one action on one resource."""
    policies = [Policy(one.name, one.arn, copy.deepcopy(one.document)) for one in role.policies]
    statements = policies[number].document["Statement"]
    statement = statements[index]
    others = [one for one in _list(statement["Action"]) if one != action]
    resources = [one for one in _list(statement["Resource"]) if one != resource]
    kept = [{**statement, "Action": others}] if others else []
    kept += [{**statement, "Action": action, "Resource": resources}] if resources else []
    statements[index : index + 1] = kept
    return Role(role.name, role.arn, tuple(one for one in policies if one.document["Statement"]))


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_no_permission_is_unneeded(roles: dict[str, Role], scope: Scope, name: str) -> None:
    """Without any one of them something that was recorded is denied. State: test_state.py."""
    role = roles[name]
    state = {
        (action, resource)
        for statement in [*state_statements(scope, writes=name == "apply"), *migrate_statements(scope)]
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    }
    rows = [row for row in ROWS if name == "apply" or READS in row.phases]
    unneeded = []
    for number, index, action, resource in single(role):
        if (action, resource) in state:
            continue
        concerned = [row for row in rows if row.action == action]
        policies = policies_of(without(role, number, index, action, resource))
        if all(allowed(policies, request_of(role, row, scope)) for row in concerned):
            unneeded.append((action, resource))
    assert unneeded == []


def test_a_permission_more_or_less_is_noticed(scope: Scope) -> None:
    """The two tests above can fail."""
    fewer = role_of("apply", scope, ROWS[1:])
    assert not allowed(policies_of(fewer), request_of(fewer, ROWS[0], scope))
    more = role_of("apply", scope, [*ROWS, Row("s3:GetObject", "*", {}, ("apply",), ("GetObject",))])
    assert ("s3:GetObject", "*") in {(action, resource) for _, _, action, resource in single(more)}
    assert not [row for row in ROWS if row.action == "s3:GetObject"]


def test_every_recorded_action_exists_and_takes_its_resource(scope: Scope) -> None:
    for row in ROWS:
        action = find_action(row.action)
        sample = scope.fill(row.resource)
        names = (sample.replace("*", name) for name in ("x", "x/x", "x:1"))
        assert row.resource == "*" or any(action.accepts(name) for name in names), row
        assert set(row.phases) <= set(PHASES)


def test_every_phase_was_recorded() -> None:
    assert {phase for row in ROWS for phase in row.phases} == set(PHASES)


def test_what_a_call_needs_under_another_name_has_a_source() -> None:
    missing = sorted(action for action in differing() if source_of(action) is None)
    assert missing == []


def test_what_changes_something_is_limited_to_the_deployment() -> None:
    """By name or tag; without either only what has no resource, or one that AWS chooses."""
    free = {
        f"{row.action} on {row.resource}"
        for row in ROWS
        if not reads(row)
        and not re.search(r"\{(prefix|file_system)\}", row.resource)
        and f"{row.condition}".find("Deployment") < 0
        and row.action != "iam:CreateServiceLinkedRole"  # names service and role
    }
    assert free == UNLIMITED


def test_mount_targets_are_for_the_file_systems_of_the_stack_alone(scope: Scope) -> None:
    """A role that may make mount targets reaches the files: without a policy EFS asks clients for nothing."""
    rows = [row for row in ROWS if "CreateMountTarget" in row.operations]
    actions = {row.action for row in rows}
    assert {"elasticfilesystem:CreateMountTarget", "ec2:CreateNetworkInterface"} <= actions

    def may(mounted: tuple[str, ...], wanted: str) -> set[str]:
        role = role_of("apply", replace(scope, file_systems=mounted))
        asked = replace(scope, file_systems=(wanted,))
        return {row.action for row in rows if allowed(policies_of(role), request_of(role, row, asked))}

    assert may(("fs-0a", "fs-0b"), "fs-0a") == may(("fs-0a", "fs-0b"), "fs-0b") == actions
    assert "elasticfilesystem:CreateMountTarget" not in may(("fs-0a", "fs-0b"), "fs-0c")
    assert not may((), "fs-0a") & {"elasticfilesystem:CreateMountTarget", "ec2:CreateNetworkInterface"}


def test_the_file_systems_of_a_stack_are_those_of_its_mount_targets(stacks: dict[str, Stack]) -> None:
    document = copy.deepcopy(stacks["staging"].document)
    assert scope_of(document).file_systems == ()
    targets = {str(n): {"file_system_id": f"fs-{n % 2}", "subnet_id": "subnet-1"} for n in range(4)}
    document["resource"]["aws_efs_mount_target"] = targets
    assert scope_of(document).file_systems == ("fs-0", "fs-1")


# Why: no resource type, and no condition key of the deployment (Service Authorization Reference).
UNLIMITED = {
    "backup-storage:MountCapsule on *",
    "ec2:CreateNetworkInterface on arn:aws:ec2:{region}:{account}:network-interface/*",
    "ecr:PutRegistryScanningConfiguration on *",
    "elasticloadbalancing:SetWebACL on *",
    "kms:RetireGrant on *",
    "logs:CreateLogDelivery on *",
    "logs:DeleteLogDelivery on *",
    "logs:DeleteResourcePolicy on *",
    "logs:PutResourcePolicy on *",
    "logs:UpdateLogDelivery on *",
    "route53:AssociateVPCWithHostedZone on arn:aws:route53:::hostedzone/*",
    "route53resolver:UpdateFirewallConfig on arn:aws:route53resolver:{region}:{account}:firewall-config/*",
    "secretsmanager:CreateSecret on arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-*",
    "secretsmanager:TagResource on arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-*",
    "wafv2:UpdateWebACL on arn:aws:wafv2:{region}:{account}:regional/managedruleset/*/*",
}


def test_roles_are_passed_to_one_service_each() -> None:
    passed = [row for row in ROWS if row.action == "iam:PassRole"]
    assert passed
    for row in passed:
        assert set(row.condition["StringEquals"]) == {"iam:PassedToService"}
        assert "*" not in row.resource


def test_roles_are_made_with_the_boundary_only() -> None:
    for name in ("iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"):
        rows = [row for row in ROWS if row.action == name]
        assert rows, name
        assert all(row.condition["StringEquals"]["iam:PermissionsBoundary"] == "{boundary}" for row in rows)


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_the_guardrails_are_a_policy_of_their_own(roles: dict[str, Role], name: str) -> None:
    """They deny nothing that is needed: the tests above have all policies."""
    denying = roles[name].policies[-1].document["Statement"]
    assert {statement["Effect"] for statement in denying} == {"Deny"}
    names = {action for statement in denying for action in _list(statement["Action"])}
    assert {"secretsmanager:GetSecretValue", "sts:AssumeRole", "dynamodb:GetItem"} <= names


def test_operators_invoke_the_operate_alias_and_what_only_reads(
    roles: dict[str, Role],
) -> None:
    (policy,) = roles["operate"].policies
    functions = [s["Resource"] for s in policy.document["Statement"] if "lambda" in json.dumps(s["Action"])]
    here = "arn:aws:lambda:us-east-1:123456789012:function:payments-staging"
    assert functions == [
        [f"{here}-switch-read", f"{here}-switch:operate", f"{here}-switch:deploy", f"{here}-ledger-health"]
    ]


def test_a_pipeline_that_deploys_invokes_the_deploy_alias_and_nothing_else(roles: dict[str, Role]) -> None:
    (policy,) = roles["deploy"].policies
    (statement,) = policy.document["Statement"]
    here = "arn:aws:lambda:us-east-1:123456789012:function:payments-staging"
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", f"{here}-switch:deploy")


def test_the_boundary_passes_the_roles_of_the_tasks_to_tasks_and_no_others(
    scope: Scope, stacks: dict[str, Stack]
) -> None:
    statements = boundary_of(scope, stacks["staging"].document).document["Statement"]
    (passing,) = [s for s in statements if "iam:PassRole" in _list(s["Action"])]
    here = "arn:aws:iam::123456789012:role/payments-staging"
    assert passing == {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": [f"{here}-{c}-{r}" for c in ("blue", "green") for r in ("application", "execution")],
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }


def test_the_role_that_applies_may_change_the_schema_and_the_others_may_not(
    roles: dict[str, Role], scope: Scope
) -> None:
    function = "arn:aws:lambda:{region}:{account}:function:{prefix}-ledger-migrate"
    row = Row("lambda:InvokeFunction", function, {}, (), ())
    may = {name: allowed(policies_of(role), request_of(role, row, scope)) for name, role in roles.items()}
    assert {name for name, found in may.items() if found} == {"apply"}


def test_the_role_that_applies_may_reclaim_the_ledger_and_operators_may_not(
    roles: dict[str, Role], scope: Scope
) -> None:
    """bluegreen/operate/cut_off.py, and the function that opens the source again."""
    tagged = {"StringEquals": {"aws:ResourceTag/Deployment": "{prefix}"}}
    here = "{region}:{account}"
    calls = [
        ("lambda:InvokeFunction", f"arn:aws:lambda:{here}:function:{{prefix}}-ledger-setup", {}),
        ("lambda:GetFunctionConfiguration", f"arn:aws:lambda:{here}:function:{{prefix}}-ledger-setup", {}),
        ("rds:DescribeDBClusters", f"arn:aws:rds:{here}:cluster:{{prefix}}-green", {}),
        ("ec2:DescribeSecurityGroupRules", "*", {}),
        ("ec2:RevokeSecurityGroupIngress", f"arn:aws:ec2:{here}:security-group/sg-1", tagged),
    ]
    assert {*PERMISSIONS, "lambda:InvokeFunction"} == {action for action, _, _ in calls}
    for name, may in (("apply", True), ("operate", False)):
        role = roles[name]
        for action, resource, condition in calls:
            row = Row(action, resource, condition, (), ())
            assert allowed(policies_of(role), request_of(role, row, scope)) is may, (name, action)


def test_the_page_is_the_one_that_is_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
