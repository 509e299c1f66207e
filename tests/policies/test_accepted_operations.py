"""What operators change of a workflow, its roles and its listeners, and no reviewer refuses, passes."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.policies import harness
from tests.policies.harness import Document, body, change, name_like

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("pack")]

Change = Callable[[Document], object]
POLICY, ROLE, FUNCTION = "aws_iam_role_policy", "aws_iam_role", "aws_lambda_function"
LISTENER, GROUP, ACL = "aws_lb_listener", "aws_lb_target_group", "aws_wafv2_web_acl"


def edited(type_: str, part: str, argument: str, edit: Callable[[Any], object]) -> Change:
    """A JSON document of the stack, changed."""

    def mutate(document: Document) -> None:
        found = body(document, type_, part)
        content = json.loads(found[argument])
        edit(content)
        found[argument] = json.dumps(content)

    return mutate


def states(edit: Callable[[dict[str, Any]], object]) -> Change:
    return edited("aws_sfn_state_machine", "workflow", "definition", lambda found: edit(found["States"]))


def inside(type_: str, part: str, edit: Callable[[dict[str, Any]], object]) -> Change:
    return lambda document: edit(body(document, type_, part))


def statement(part: str, sid: str, edit: Callable[[dict[str, Any]], object]) -> Change:
    def of(content: dict[str, Any]) -> None:
        edit(next(one for one in content["Statement"] if one["Sid"] == sid))

    return edited(POLICY, part, "policy", of)


def noted(found: dict[str, Any]) -> None:
    found["Begin"]["Next"] = "Note"
    found["Note"] = {"Type": "Pass", "Next": "SelectStep"}


def closed(*listeners: str) -> Change:
    """A rule at each listener that closes an internal path."""

    def mutate(document: Document) -> None:
        for number, part in enumerate(listeners):
            document["resource"].setdefault("aws_lb_listener_rule", {})[f"closed{number}"] = {
                "listener_arn": f"${{{LISTENER}.{name_like(document, LISTENER, part)}.arn}}",
                "priority": 9 if len(set(listeners)) > 1 else 9 + number, "tags": {},
                "condition": [{"path_pattern": [{"values": [f"/internal{number}/*"]}]}],
                "action": [{
                    "type": "fixed-response",
                    "fixed_response": [{"content_type": "text/plain", "status_code": "404"}],
                }],
            }  # fmt: skip

    return mutate


def operators(document: Document) -> None:
    """A role that people take, and that may call one alias."""
    alias = name_like(document, "aws_lambda_alias", "operate")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    right = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": f"${{aws_lambda_alias.{alias}.arn}}",
    }
    document["resource"][ROLE]["operators"] = {
        "name": "payments-local-operators", "tags": {},
        "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    }  # fmt: skip
    document["resource"][POLICY]["operators"] = {
        "name": "operate", "role": f"${{{ROLE}.operators.id}}",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [right]}),
    }  # fmt: skip


def second_policy(document: Document) -> None:
    role = name_like(document, ROLE, "blue_role")
    namespace = {"StringEquals": {"cloudwatch:namespace": "Payments"}}
    right = {"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": namespace}
    document["resource"][POLICY]["metrics"] = {
        "name": "metrics", "role": f"${{{ROLE}.{role}.id}}",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [right]}),
    }  # fmt: skip


BLOCK = {
    "name": "country", "priority": 50, "action": {"block": {}},
    "statement": {"geo_match_statement": {"country_codes": ["KP"]}},
    "visibility_config": {
        "cloudwatch_metrics_enabled": True, "metric_name": "country", "sampled_requests_enabled": False,
    },
}  # fmt: skip
RETRY = {"ErrorEquals": ["States.TaskFailed", "States.Timeout"], "MaxAttempts": 5}
INVALID = {"ErrorEquals": ["ValidationError"], "ResultPath": "$.failure", "Next": "RollBack"}
INDEX = {"name": "by-id", "hash_key": "id", "projection_type": "ALL"}
WITHOUT = "WithoutResource"
ACCEPTED: dict[str, Change] = {
    "more time for a step": states(lambda found: found["Shift"].update(TimeoutSeconds=300)),
    "a heartbeat": states(lambda found: found["Verify"].update(HeartbeatSeconds=60)),
    "more attempts of a rollback": states(lambda found: found["RollBack"]["Retry"][1].update(MaxAttempts=99)),
    "a rollback again after named errors": states(lambda found: found["RollBack"].update(Retry=[RETRY])),
    "a named error that rolls back": states(lambda found: found["Verify"]["Catch"].insert(0, INVALID)),
    "a step that passes": states(noted),
    "a month for the whole": edited(
        "aws_sfn_state_machine", "workflow", "definition", lambda found: found.update(TimeoutSeconds=2592000)
    ),
    "no traces of the workflow": change("aws_sfn_state_machine", tracing_configuration={"enabled": False}),
    "a role of the workflow without traces": statement(
        "workflow_run", WITHOUT,
        lambda one: one.update(Action=[name for name in one["Action"] if not name.startswith("xray")]),
    ),
    "more memory": change(FUNCTION, "switching_switch", memory_size=512),
    "more time for the switch": change(FUNCTION, "switching_switch", timeout=90),
    "as much time as the step has": change(FUNCTION, "ledger_move", timeout=120),
    "more at once": change(FUNCTION, "switching_read", reserved_concurrent_executions=10),
    "sampling rules": statement(
        "ledger_move_runtime", WITHOUT, lambda one: one["Action"].append("xray:GetSamplingRules")
    ),
    "a look at security groups": statement(
        "ledger_move_runtime", WITHOUT, lambda one: one["Action"].append("ec2:DescribeSecurityGroups")
    ),
    "tags of a session": edited(
        ROLE, "blue_role", "assume_role_policy",
        lambda found: found["Statement"][0].update(Action=["sts:AssumeRole", "sts:TagSession"]),
    ),
    "a role for operators": operators,
    "a second policy of a role": second_policy,
    "a longer session": change(ROLE, "switching_switch_role", max_session_duration=7200),
    "a rule of the firewall": inside(ACL, "", lambda found: found["rule"].append(BLOCK)),
    "a lower rate": inside(
        ACL, "", lambda found: found["rule"][0]["statement"]["rate_based_statement"].update(limit=1000)
    ),
    "no list of anonymous addresses": inside(
        ACL, "",
        lambda found: found.update(rule=[r for r in found["rule"] if r["name"] != "anonymous-addresses"]),
    ),
    "half a minute to drain": change(GROUP, "blue", deregistration_delay="30"),
    "a slow start": change(GROUP, "blue", slow_start=60),
    "a look every 15 seconds": change(GROUP, "blue", health_check__interval=15),
    "two minutes idle": change("aws_lb", idle_timeout=120),
    "a listener whose scanner's tag is ignored": inside(
        LISTENER, "https", lambda found: found["lifecycle"]["ignore_changes"].append('tags["LastScanned"]')
    ),
    "two closed paths": closed("https", "https"),
    "one priority at two listeners": closed("https", "test"),
    "a second index": inside(
        "aws_dynamodb_table", "control", lambda found: found.update(global_secondary_index=[INDEX])
    ),
    "two weeks to restore a secret": change(
        "aws_secretsmanager_secret", "blue-credentials", recovery_window_in_days=14
    ),
    "a rotation each fortnight": change(
        "aws_secretsmanager_secret_rotation", "blue-credentials",
        rotation_rules={"automatically_after_days": 14},
    ),
    "a schedule of two minutes": change(
        "aws_cloudwatch_event_rule", "ledger_watching", schedule_expression="rate(2 minutes)"
    ),
    "fewer attempts of a notification": change(
        "aws_cloudwatch_event_target", "aws-health",
        retry_policy={"maximum_retry_attempts": 20, "maximum_event_age_in_seconds": 3600},
    ),
    "a key that rotates twice a year": change("aws_kms_key", rotation_period_in_days=180),
    "ten days of dead letters": change("aws_sqs_queue", "switching_switch", message_retention_seconds=864000),
    "a description of an alias": change("aws_lambda_alias", "operate", description="Operators"),
    "services in a list": edited(
        "aws_sns_topic_policy", "", "policy",
        lambda found: found["Statement"][1].update(Principal={"Service": ["events.amazonaws.com"]}),
    ),
    "a redirect for once": inside(
        LISTENER, "http_",
        lambda found: found["default_action"][0]["redirect"].update(status_code="HTTP_302"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_accepted(change: Change, original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    change(document)
    assert document != original
    report = harness.evaluate(document, place)
    assert (harness.pairs(report), report.errors) == (set(), ())
