"""R03: the AWS APIs are reached without the internet."""

import json

from tests.stack_reader import Resource, Stack


def endpoints(stack: Stack, kind: str) -> dict[str, Resource]:
    return {
        endpoint["service_name"].removeprefix("com.amazonaws.us-east-1."): endpoint
        for endpoint in stack.all("aws_vpc_endpoint")
        if endpoint["vpc_endpoint_type"] == kind
    }


def test_gateway_endpoints_are_on_every_private_route_table(stack: Stack) -> None:
    private = {table for table in stack.all("aws_route_table") if "public" not in table.path}
    gateways = endpoints(stack, "Gateway")

    assert set(gateways) == {"s3", "dynamodb"}
    assert len(private) == 4
    for gateway in gateways.values():
        assert {stack.named(table) for table in gateway["route_table_ids"]} == private


def test_endpoint_policies_admit_this_account_only(stack: Stack) -> None:
    account = stack.document["provider"]["aws"][0]["allowed_account_ids"][0]
    for endpoint in stack.all("aws_vpc_endpoint"):
        (statement, *exceptions) = endpoint.policy()
        conditions = statement["Condition"]["StringEquals"]
        assert conditions["aws:PrincipalAccount"] == account
        if endpoint["vpc_endpoint_type"] == "Gateway":
            assert conditions["aws:ResourceAccount"] == account
            assert not any("*" in action for action in statement["Action"])
        assert bool(exceptions) is endpoint["service_name"].endswith(".s3")


def test_layers_of_images_can_be_read_from_the_bucket_of_ecr_and_nothing_else(stack: Stack) -> None:
    (_, layers) = endpoints(stack, "Gateway")["s3"].policy()

    assert layers["Action"] == ["s3:GetObject"]
    assert layers["Resource"] == ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"]


def test_every_api_that_a_function_may_call_has_an_endpoint_in_each_zone(stack: Stack) -> None:
    interfaces = endpoints(stack, "Interface")
    # Endpoints that aren't called like the API's actions.
    other_names = {"cloudwatch": "monitoring", "ecr": "ecr.api"}
    called = {
        other_names.get(action.split(":")[0], action.split(":")[0])
        for role_policy in stack.all("aws_iam_role_policy")
        if role_policy["name"] == "calls"
        for statement in role_policy.policy()
        for action in statement["Action"]
        if action != "iam:PassRole"  # asked for by ECS, no call
    }

    assert called <= set(interfaces) | set(endpoints(stack, "Gateway"))
    for name, interface in interfaces.items():
        (statement,) = interface.policy()
        api = {endpoint: action for action, endpoint in other_names.items()}.get(name, name)
        # STS answers a caller's own signed request: for that one action.
        wanted = "sts:GetCallerIdentity" if name == "sts" else f"{api.split('.')[0]}:*"
        assert statement["Action"] == [wanted]
        subnets = {stack.named(subnet).path for subnet in interface["subnet_ids"]}
        assert subnets == {f"network/application-us-east-1{zone}" for zone in "abc"}
        assert interface["private_dns_enabled"] is True


def test_the_endpoints_admit_callers_by_security_group_and_only_https(stack: Stack) -> None:
    group = stack.at("endpoints/security-group")
    rules = [
        rule
        for rule in stack.all("aws_vpc_security_group_ingress_rule")
        if stack.named(rule["security_group_id"]) == group
    ]

    assert rules
    for rule in rules:
        assert (rule["from_port"], rule["to_port"], rule["ip_protocol"]) == (443, 443, "tcp")
        assert stack.named(rule["referenced_security_group_id"]).type == "aws_security_group"
        assert "cidr_ipv4" not in json.dumps(rule.block)
