"""A rule that the platform declares is known to the switch function by what Terraform computes of it."""

from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleActionFixedResponse,
    LbListenerRuleActionRedirect,
    LbListenerRuleCondition,
    LbListenerRuleConditionHttpHeader,
    LbListenerRuleConditionPathPattern,
    LbListenerRuleConditionQueryString,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider

from bluegreen.terraform import Terraform
from lambda_src.switch.rules import fingerprint
from lambda_src.switch.settings import NO_RULES, Settings
from modules.synthesis import PROVIDER_LOCK
from modules.traffic.listener_rules import declared_rules
from tests.lambda_src.switch.test_switch_settings import ENVIRONMENT

CONDITIONS = [
    LbListenerRuleCondition(path_pattern=LbListenerRuleConditionPathPattern(values=["/b/*", "/a/*"])),
    LbListenerRuleCondition(
        http_header=LbListenerRuleConditionHttpHeader(http_header_name="X-Beta", values=["1"])
    ),
    LbListenerRuleCondition(query_string=[LbListenerRuleConditionQueryString(key="v", value="2")]),
]


@pytest.fixture
def balanced(tmp_path: Path, _integration: None) -> Any:
    """An AWS with a listener that forwards to one group: (AWS, listener's ARN, group's ARN)."""
    with embedded_aws.running(tmp_path / "aws") as aws:
        ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
            for number, zone in enumerate("ab")
        ]
        names = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
        balancer = elbv2.create_load_balancer(Name="balanced", Subnets=names)["LoadBalancers"][0]
        group = elbv2.create_target_group(Name="one", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        listener = elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        yield aws, listener["Listeners"][0]["ListenerArn"], group


def test_terraform_computes_the_fingerprint_of_the_live_rule(balanced: Any, tmp_path: Path) -> None:
    aws, listener, group = balanced
    app = App(outdir=str(tmp_path / "out"))
    stack = TerraformStack(app, "rules")
    AwsProvider(stack, "aws", region="us-east-1")
    forbidden = LbListenerRuleActionFixedResponse(
        content_type="text/plain", message_body="no", status_code="403"
    )
    actions = [
        LbListenerRuleAction(type="fixed-response", fixed_response=forbidden),
        LbListenerRuleAction(
            type="redirect", redirect=LbListenerRuleActionRedirect(status_code="HTTP_302", path="/b")
        ),
        LbListenerRuleAction(type="forward", target_group_arn=group),
    ]
    rules = [
        LbListenerRule(
            stack,
            f"rule-{number}",
            listener_arn=listener,
            priority=number,
            condition=CONDITIONS,
            action=[action],
        )
        for number, action in enumerate(actions, 1)
    ]
    TerraformOutput(stack, "declared", value=declared_rules(rules), static_id=True)
    app.synth()
    directory = tmp_path / "out" / "stacks" / "rules"
    (directory / ".terraform.lock.hcl").write_bytes(PROVIDER_LOCK.read_bytes())
    terraform = Terraform(directory, aws.environment())
    terraform.init()
    terraform.apply()

    declared = terraform.output()["declared"]
    described = aws.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    live = {rule["RuleArn"]: fingerprint(rule) for rule in described if not rule["IsDefault"]}
    assert len(live) == len(actions)
    assert Settings.from_environment(ENVIRONMENT | {"DECLARED_RULES": declared}).declared_rules == live


def test_none_is_a_value_that_the_function_reads() -> None:
    assert declared_rules([]) == NO_RULES
    assert Settings.from_environment(ENVIRONMENT | {"DECLARED_RULES": NO_RULES}).declared_rules == {}
