"""R25-R27 and P5: explicit health checks, a weighted forward over both colours, and weights that Terraform
leaves alone.
"""

import pytest

from tests.stack_reader import Resource, Stack

WEIGHTS = "default_action[0].forward[0].target_group"
STICKY_SECONDS = "default_action[0].forward[0].stickiness[0].duration"


def listener(stack: Stack, port: int) -> Resource:
    (found,) = [one for one in stack.all("aws_lb_listener") if one["port"] == port]
    return found


def weights(stack: Stack, of: Resource) -> dict[str, int]:
    (action,) = of["default_action"]
    assert action["type"] == "forward"
    return {
        stack.named(target["arn"]).path.split("/")[0]: target["weight"]
        for target in action["forward"]["target_group"]
    }


def test_the_listener_starts_with_everything_on_blue(stack: Stack) -> None:
    assert weights(stack, listener(stack, 443)) == {"blue": 100, "green": 0}


def test_the_test_listener_starts_with_everything_on_the_inactive_colour(stack: Stack) -> None:
    assert weights(stack, listener(stack, 8443)) == {"blue": 0, "green": 100}


@pytest.mark.parametrize("port", [443, 8443])
def test_terraform_ignores_the_weights_and_what_aws_does_not_show(stack: Stack, port: int) -> None:
    assert listener(stack, port)["lifecycle"] == {"ignore_changes": [WEIGHTS, STICKY_SECONDS]}


@pytest.mark.parametrize("port", [443, 8443])
def test_weighted_listeners_speak_modern_tls_and_are_never_sticky(stack: Stack, port: int) -> None:
    found = listener(stack, port)

    assert found["protocol"] == "HTTPS"
    assert found["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert found["certificate_arn"].startswith("arn:aws:acm:us-east-1:")
    assert found["default_action"][0]["forward"]["stickiness"]["enabled"] is False


def test_plain_http_is_only_redirected(stack: Stack) -> None:
    (action,) = listener(stack, 80)["default_action"]

    assert action["type"] == "redirect"
    assert action["redirect"] == {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}


def test_both_colours_have_the_same_explicit_health_check(stack: Stack) -> None:
    groups = {group.path.split("/")[0]: group for group in stack.all("aws_lb_target_group")}

    assert set(groups) == {"blue", "green"}
    assert groups["blue"]["health_check"] == groups["green"]["health_check"]
    assert groups["blue"]["health_check"]["path"] == "/health"
    assert {group["protocol"] for group in groups.values()} == {"HTTPS"}


def test_the_load_balancer_is_protected_and_logs(stack: Stack) -> None:
    balancer = stack.one("aws_lb")

    assert balancer["enable_deletion_protection"] is True
    assert balancer["drop_invalid_header_fields"] is True
    assert balancer["access_logs"]["enabled"] is True
    assert stack.named(balancer["access_logs"]["bucket"]) == stack.one("aws_s3_bucket")


def test_the_test_listener_is_not_open_to_the_world(stack: Stack) -> None:
    rules = stack.all("aws_vpc_security_group_ingress_rule")
    open_ports = {rule["from_port"] for rule in rules if rule.block.get("cidr_ipv4") == "0.0.0.0/0"}

    assert open_ports == {80, 443}


def test_testers_reach_the_test_listener_of_the_load_balancer_that_faces_the_internet(stack: Stack) -> None:
    """No client comes from a private address; those in the VPC come from the NAT gateways' addresses."""
    assert stack.one("aws_lb")["internal"] is False
    port = stack.at("load-balancer/test")["port"]
    rules = [one for one in stack.all("aws_vpc_security_group_ingress_rule") if one["from_port"] == port]
    group = stack.at("load-balancer/security-group")
    admitted = {one["cidr_ipv4"] for one in rules if stack.named(one["security_group_id"]) == group}
    gateways = {f"${{aws_eip.{one.name}.public_ip}}/32" for one in stack.all("aws_eip")}

    assert len(gateways) == 3
    assert admitted == {"203.0.113.0/24", *gateways}


def test_services_admit_the_load_balancer_only(stack: Stack) -> None:
    for colour in ("blue", "green"):
        group = stack.at(f"{colour}/security-group")
        (rule,) = [
            rule
            for rule in stack.all("aws_vpc_security_group_ingress_rule")
            if stack.named(rule["security_group_id"]) == group
        ]
        assert stack.named(rule["referenced_security_group_id"]) == stack.at("load-balancer/security-group")
