"""Network Firewall and DNS Firewall: what is protected or in use stays, and routes lead to endpoints."""

import json
import uuid
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

STRICT = {"RuleOrder": "STRICT_ORDER"}
RULE = 'pass tls any any -> any 443 (tls.sni; content:"a.example"; sid:1; rev:1;)'


@pytest.fixture
def name() -> str:
    return f"wall-{uuid.uuid4().hex[:8]}"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def group(client: Any, name: str, **more: Any) -> str:
    made = client.create_rule_group(
        RuleGroupName=name,
        Type="STATEFUL",
        Capacity=10,
        RuleGroup={"RulesSource": {"RulesString": RULE}, "StatefulRuleOptions": STRICT},
        **more,
    )
    return str(made["RuleGroupResponse"]["RuleGroupArn"])


def policy(client: Any, name: str, groups: list[str], options: dict[str, str], **more: Any) -> str:
    made = client.create_firewall_policy(
        FirewallPolicyName=name,
        FirewallPolicy={
            "StatelessDefaultActions": ["aws:forward_to_sfe"],
            "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
            "StatefulEngineOptions": options,
            "StatefulRuleGroupReferences": [{"ResourceArn": one, "Priority": 1} for one in groups],
            **more,
        },
    )
    return str(made["FirewallPolicyResponse"]["FirewallPolicyArn"])


def subnet(aws: LocalAws) -> tuple[str, str, str]:
    """VPC, subnet, its zone."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/28", AvailabilityZone="us-east-1a")["Subnet"]
    return vpc, made["SubnetId"], made["AvailabilityZone"]


def test_stock_moto_has_neither(stock: LocalAws) -> None:
    """Then the extensions `network_firewalls` and `name_firewalls` go."""
    for service, operation in (
        ("network-firewall", "list_rule_groups"),
        ("route53resolver", "list_firewall_domain_lists"),
    ):
        with pytest.raises(ClientError):
            getattr(stock.client(service), operation)()


def test_a_firewall_has_an_endpoint_in_each_zone_that_routes_lead_to(aws: LocalAws, name: str) -> None:
    client, ec2 = aws.client("network-firewall"), aws.client("ec2")
    vpc, place, zone = subnet(aws)
    client.create_firewall(
        FirewallName=name,
        FirewallPolicyArn=policy(client, name, [group(client, name)], STRICT),
        VpcId=vpc,
        SubnetMappings=[{"SubnetId": place}],
    )
    states = client.describe_firewall(FirewallName=name)["FirewallStatus"]["SyncStates"]
    assert states[zone]["Attachment"]["SubnetId"] == place
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    where = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**where, GatewayId=gateway)
    ec2.replace_route(**where, VpcEndpointId=states[zone]["Attachment"]["EndpointId"])
    (described,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    targets = [list(route.values()) for route in described["Routes"]]
    assert any(states[zone]["Attachment"]["EndpointId"] in target for target in targets)
    assert not any(gateway in target for target in targets)


def test_what_is_in_use_or_protected_stays(aws: LocalAws, name: str) -> None:
    client = aws.client("network-firewall")
    rules = group(client, name)
    vpc, place, _ = subnet(aws)
    arn = policy(client, name, [rules], STRICT)
    client.create_firewall(
        FirewallName=name,
        FirewallPolicyArn=arn,
        VpcId=vpc,
        SubnetMappings=[{"SubnetId": place}],
        DeleteProtection=True,
        FirewallPolicyChangeProtection=True,
    )
    for operation, asked in (
        ("delete_rule_group", {"RuleGroupName": name, "Type": "STATEFUL"}),
        ("delete_firewall_policy", {"FirewallPolicyName": name}),
        ("delete_firewall", {"FirewallName": name}),
        ("associate_firewall_policy", {"FirewallName": name, "FirewallPolicyArn": arn}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(client, operation)(**asked)
        assert code_of(error) == "InvalidOperationException", operation
    client.update_firewall_delete_protection(FirewallName=name, DeleteProtection=False)
    client.delete_firewall(FirewallName=name)
    client.delete_firewall_policy(FirewallPolicyName=name)
    client.delete_rule_group(RuleGroupName=name, Type="STATEFUL")


def test_a_policy_has_the_rule_order_of_its_groups(aws: LocalAws, name: str) -> None:
    client = aws.client("network-firewall")
    with pytest.raises(ClientError) as error:
        policy(client, name, [group(client, name)], {"RuleOrder": "DEFAULT_ACTION_ORDER"})
    assert code_of(error) == "InvalidRequestException"


def test_one_log_is_changed_at_a_time(aws: LocalAws, name: str) -> None:
    client = aws.client("network-firewall")
    vpc, place, _ = subnet(aws)
    arn = policy(client, name, [group(client, name)], STRICT)
    where = [{"SubnetId": place}]
    client.create_firewall(FirewallName=name, FirewallPolicyArn=arn, VpcId=vpc, SubnetMappings=where)
    aws.client("logs").create_log_group(logGroupName=f"/{name}")
    both = [
        {
            "LogType": kind,
            "LogDestinationType": "CloudWatchLogs",
            "LogDestination": {"logGroup": f"/{name}"},
        }
        for kind in ("ALERT", "FLOW")
    ]
    with pytest.raises(ClientError) as error:
        client.update_logging_configuration(
            FirewallName=name, LoggingConfiguration={"LogDestinationConfigs": both}
        )
    assert code_of(error) == "InvalidRequestException"
    for count in (1, 2):
        logs = {"LogDestinationConfigs": both[:count]}
        client.update_logging_configuration(FirewallName=name, LoggingConfiguration=logs)
    found = client.describe_logging_configuration(FirewallName=name)["LoggingConfiguration"]
    assert found["LogDestinationConfigs"] == both


def test_a_log_that_the_log_delivery_may_not_write_is_refused(aws: LocalAws, name: str) -> None:
    """API reference, UpdateLoggingConfiguration."""
    client, logs = aws.client("network-firewall"), aws.client("logs")
    vpc, place, _ = subnet(aws)
    arn = policy(client, name, [group(client, name)], STRICT)
    where = [{"SubnetId": place}]
    client.create_firewall(FirewallName=name, FirewallPolicyArn=arn, VpcId=vpc, SubnetMappings=where)
    logs.create_log_group(logGroupName=f"/{name}")
    log = {
        "LogType": "ALERT",
        "LogDestinationType": "CloudWatchLogs",
        "LogDestination": {"logGroup": f"/{name}"},
    }
    asked = {"FirewallName": name, "LoggingConfiguration": {"LogDestinationConfigs": [log]}}
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    deny = {
        "Effect": "Deny",
        "Principal": delivery,
        "Action": "logs:PutLogEvents",
        "Resource": f"*:/{name}:*",
    }
    document = {"Version": "2012-10-17", "Statement": [deny]}
    logs.put_resource_policy(policyName=name, policyDocument=json.dumps(document))
    with pytest.raises(ClientError) as error:
        client.update_logging_configuration(**asked)
    assert code_of(error) == "LogDestinationPermissionException"
    assert client.describe_logging_configuration(FirewallName=name)["LoggingConfiguration"] == {
        "LogDestinationConfigs": []
    }
    logs.delete_resource_policy(policyName=name)
    client.update_logging_configuration(**asked)
    streams = logs.describe_log_streams(logGroupName=f"/{name}")["logStreams"]
    assert [stream["storedBytes"] > 0 for stream in streams] == [True]


def test_a_key_that_refuses_the_firewall_is_not_used(aws: LocalAws, name: str) -> None:
    """A key policy that lets the account do everything, and names no service."""
    client, kms = aws.client("network-firewall"), aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match=r"network-firewall\.amazonaws\.com"):
        group(client, name, EncryptionConfiguration={"Type": "CUSTOMER_KMS", "KeyId": key})


def test_the_caller_needs_the_actions(aws: LocalAws, name: str) -> None:
    denied = (
        '{"Version": "2012-10-17", "Statement": ['
        '{"Effect": "Allow", "Action": "*", "Resource": "*"},'
        '{"Effect": "Deny", "Action": ["network-firewall:CreateRuleGroup", '
        '"route53resolver:CreateFirewallRuleGroup"], "Resource": "*"}]}'
    )
    caller = embedded_aws.as_deploying_role(aws, f"r-{name}", denied)
    with pytest.raises(ClientError, match="explicit deny"):
        group(caller.client("network-firewall"), name)
    with pytest.raises(ClientError, match="explicit deny"):
        caller.client("route53resolver").create_firewall_rule_group(CreatorRequestId=name, Name=name)


def test_names_have_a_dot_at_the_end_and_a_protected_association_stays(aws: LocalAws, name: str) -> None:
    client = aws.client("route53resolver")
    vpc, _, _ = subnet(aws)
    names = client.create_firewall_domain_list(CreatorRequestId=name, Name=name)["FirewallDomainList"]
    client.update_firewall_domains(
        FirewallDomainListId=names["Id"], Operation="REPLACE", Domains=["*", "A.example"]
    )
    listed = client.list_firewall_domains(FirewallDomainListId=names["Id"])["Domains"]
    assert listed == ["*.", "a.example."]
    rules = client.create_firewall_rule_group(CreatorRequestId=name, Name=name)["FirewallRuleGroup"]
    client.create_firewall_rule(
        CreatorRequestId=name,
        FirewallRuleGroupId=rules["Id"],
        FirewallDomainListId=names["Id"],
        Priority=1,
        Action="BLOCK",
        BlockResponse="NXDOMAIN",
        Name=name,
    )
    made = client.associate_firewall_rule_group(
        CreatorRequestId=name,
        FirewallRuleGroupId=rules["Id"],
        VpcId=vpc,
        Priority=101,
        MutationProtection="ENABLED",
        Name=name,
    )["FirewallRuleGroupAssociation"]
    of_association = {"FirewallRuleGroupAssociationId": made["Id"]}
    for operation, asked in (
        ("disassociate_firewall_rule_group", of_association),
        ("delete_firewall_rule_group", {"FirewallRuleGroupId": rules["Id"]}),
        ("delete_firewall_domain_list", {"FirewallDomainListId": names["Id"]}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(client, operation)(**asked)
        assert code_of(error) == "ConflictException", operation
    client.update_firewall_rule_group_association(**of_association, MutationProtection="DISABLED")
    client.disassociate_firewall_rule_group(**of_association)
