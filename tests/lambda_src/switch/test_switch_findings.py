"""What is found at a load balancer beyond its shapes: declared rules, fingerprints, pages, failed reads."""

from typing import Any

import pytest

from lambda_src.contract.errors import AwsCallError
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.findings import route
from lambda_src.switch.listener import declared_action, read_listener, share_of
from lambda_src.switch.load_balancer import MOST_PAGES, _pages
from lambda_src.switch.routing import Entrance, Reach, Routing
from lambda_src.switch.rules import conditions_of, fingerprint, listener_of, load_balancer_of

ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
PRODUCTION, TEST = f"{ELB}:listener/app/pay/1/2", f"{ELB}:listener/app/pay/1/3"
RULE = f"{ELB}:listener-rule/app/pay/1/2/9"
GROUPS = {f"{ELB}:targetgroup/blue/1": Colour.BLUE, f"{ELB}:targetgroup/green/1": Colour.GREEN}
BLUE, GREEN = GROUPS


def rule(**changes: Any) -> dict[str, Any]:
    """As DescribeRules has it."""
    described = {
        "RuleArn": RULE,
        "Priority": "5",
        "Conditions": [
            {"Field": "path-pattern", "Values": ["/a", "/b"], "PathPatternConfig": {"Values": ["/a", "/b"]}}
        ],
        "Actions": [{"Type": "fixed-response", "Order": 1, "FixedResponseConfig": {"StatusCode": "403"}}],
        "IsDefault": False,
    }
    return described | changes


def routing(*rules: dict[str, Any], declared: dict[str, str] | None = None, **options: Any) -> Routing:
    described = {"DefaultActions": [declared_action(Weights(100, 0), GROUPS, sticky=False)]}
    entrance = Entrance(
        production=read_listener(PRODUCTION, "production listener", described, GROUPS),
        test=read_listener(TEST, "test listener", described, GROUPS),
        target_groups=GROUPS,
        rules={PRODUCTION: rules},
        declared_rules=declared or {},
        **options,
    )
    return route(entrance)


def test_a_declared_rule_is_none_of_the_findings() -> None:
    assert routing(rule(), declared={RULE: fingerprint(rule())}).findings == ()
    assert routing(rule(IsDefault=True)).findings == ()


@pytest.mark.parametrize(
    "change",
    [
        {"Conditions": [{"Field": "path-pattern", "Values": ["/a"]}]},
        {"Conditions": [{"Field": "host-header", "Values": ["/a", "/b"]}]},
        {"Conditions": []},
        {"Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]},
        {"Actions": [{"Type": "forward", "TargetGroupArn": GREEN}]},
    ],
)
def test_a_declared_rule_that_was_changed_is_one(change: dict[str, Any]) -> None:
    (finding,) = routing(rule(**change), declared={RULE: fingerprint(rule())}).findings
    assert finding.what.endswith("other than the platform declares")
    assert "delete-rule" not in finding.fix  # it is to be restored


def test_a_declared_rule_that_is_gone_is_one_unless_its_listener_could_not_be_read() -> None:
    (finding,) = routing(declared={RULE: "0" * 64}).findings
    assert (finding.reach, finding.resource) == (Reach.PRODUCTION, RULE)
    unread = {
        PRODUCTION: AwsCallError(what="DescribeRules failed", where=PRODUCTION, cause="why", fix="again")
    }
    found = routing(declared={RULE: "0" * 64}, unread=unread)
    assert [finding.what for finding in found.findings] == [
        "it is unknown whether anything overrides the weights: DescribeRules failed"
    ]
    assert (found.findings[0].lasting, found.verdict().passed) == (True, False)


def test_a_declared_listener_is_put_back_and_any_other_deleted() -> None:
    redirect, stranger = f"{ELB}:listener/app/pay/1/4", f"{ELB}:listener/app/pay/1/5"
    forward = [{"Type": "forward", "TargetGroupArn": GREEN}]
    others = [{"ListenerArn": arn, "Port": 80, "DefaultActions": forward} for arn in (redirect, stranger)]
    back, gone = routing(others=others, redirect=redirect).findings
    assert back.fix.startswith(f"aws elbv2 modify-listener --listener-arn {redirect} --default-actions")
    assert gone.fix == f"aws elbv2 delete-listener --listener-arn {stranger}"


def test_what_aws_fills_in_does_not_count() -> None:
    plain = rule(Conditions=[{"Field": "path-pattern", "Values": ["/b", "/a"]}])
    assert fingerprint(plain) == fingerprint(rule())
    one = {"TargetGroupArn": GREEN, "Weight": 1}
    forward = {"Type": "forward", "TargetGroupArn": GREEN}
    described = forward | {"ForwardConfig": {"TargetGroups": [one]}, "Order": 1}
    assert fingerprint(rule(Actions=[forward])) == fingerprint(rule(Actions=[described]))
    sticky = {"TargetGroups": [one], "TargetGroupStickinessConfig": {"Enabled": True}}
    assert fingerprint(rule(Actions=[{"Type": "forward", "ForwardConfig": sticky}])) != fingerprint(
        rule(Actions=[forward])
    )


def test_conditions_are_named_by_field_and_values() -> None:
    described = rule(
        Conditions=[
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Beta", "Values": ["1"]}},
            {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/x"]}},
        ]
    )
    assert conditions_of(described) == ["http-header X-Beta 1", "path-pattern ^/x", "query-string v=2"]


def test_arns_lead_from_a_rule_to_its_listener_and_load_balancer() -> None:
    assert listener_of(RULE) == PRODUCTION
    assert load_balancer_of(PRODUCTION) == f"{ELB}:loadbalancer/app/pay/1"


@pytest.mark.parametrize(
    ("weights", "share"),
    [
        (None, None),
        (Weights(0, 0), None),
        (Weights(0, 1), Weights(0, 100)),
        (Weights(999, 0), Weights(100, 0)),
        (Weights(1, 999), Weights(1, 99)),  # who has any weight keeps some
        (Weights(999, 1), Weights(99, 1)),
        (Weights(30, 70), Weights(30, 70)),
        (Weights(100, 100), Weights(50, 50)),
    ],
)
def test_a_share_is_what_clients_get_in_percent(weights: Weights | None, share: Weights | None) -> None:
    assert share_of(weights) == share


def test_all_pages_are_read() -> None:
    first, second, third = rule(Priority="1"), rule(Priority="2"), rule(Priority="3")
    pages = {"": ([first], "a"), "a": ([second], "b"), "b": ([third], None)}

    def page(marker: Any) -> dict[str, Any]:
        items, following = pages[marker.get("Marker", "")]
        return {"Rules": items, "NextMarker": following}

    assert _pages(page, "Rules", PRODUCTION) == [first, second, third]


def test_pages_that_do_not_end_are_an_error() -> None:
    asked: list[Any] = []

    def page(marker: Any) -> dict[str, Any]:
        asked.append(marker)
        return {"Rules": [], "NextMarker": "again"}

    with pytest.raises(AwsCallError, match="more than"):
        _pages(page, "Rules", PRODUCTION)
    assert len(asked) == MOST_PAGES
