"""`[network] firewall`: what leaves passes the firewall of its zone, there and back, and applies."""

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

from bluegreen.aws import Access
from bluegreen.terraform import Terraform
from bluegreen.terraform.recovery.clients import clients
from bluegreen.terraform.recovery.imports import BY_LOOKUP, import_id
from iam_evaluation import Caller, Kind, Policies, Request, evaluate, parse_policy
from tests.modules.generated import toml
from tests.stack_reader import Stack
from tests.workspaces import stack_of, synthesize, with_shipped_configuration

pytestmark = pytest.mark.integration

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
INTERNET = "0.0.0.0/0"
EGRESS = [
    {"domain": "api.acquirer.example", "reason": "acquirer Example Bank"},
    {"cidr": "203.0.113.0/24", "port": 8443, "reason": "acquirer Sample Bank"},
    {"prefix_list": "pl-0123456789abcdef0", "port": 9443, "colour": "green", "reason": "acquirer Third Bank"},
]
NAMED = re.compile(r"(?<![\w.])(aws_[a-z0-9_]+)\.([\w-]+)")
ZONE = re.compile(r'state\.availability_zone == "([\w-]+)"')
KEPT = (
    *("aws_networkfirewall_logging_configuration", "aws_route", "aws_route53_resolver_firewall_config"),
    *("aws_route53_resolver_firewall_rule_group_association", "aws_route_table_association"),
)


def made(directory: Path, network: Mapping[str, Any]) -> Stack:
    """The stack of `local` with this table."""
    shipped = with_shipped_configuration(directory) / "config/local.toml"
    document = tomllib.loads(shipped.read_text(encoding="utf-8"))
    shipped.write_text(toml({**document, "network": network}), encoding="utf-8")
    done = synthesize(directory, DEPLOYMENT="local")
    assert done.returncode == 0, done.stderr
    return Stack(stack_of(directory, "local"))


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return made(tmp_path_factory.mktemp("walled"), {"firewall": True, "egress": EGRESS})


@pytest.fixture(scope="module")
def open_(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return made(tmp_path_factory.mktemp("open"), {"egress": EGRESS[1:]})


def routes(stack: Stack, subnet: str) -> dict[str, Mapping[str, Any]]:
    """Of a subnet, such as `application-us-east-1a`: destination → route."""
    of_subnet = stack.at(f"network/{subnet}-association")["route_table_id"]
    return {
        route["destination_cidr_block"]: route.block
        for route in stack.all("aws_route")
        if route["route_table_id"] == of_subnet
    }


def zone_of(route: Mapping[str, Any]) -> str:
    (found,) = ZONE.findall(route["vpc_endpoint_id"])
    return str(found)


@pytest.mark.parametrize("zone", ZONES)
def test_both_ways_pass_the_firewall_of_the_zone(walled: Stack, zone: str) -> None:
    """A stateful firewall that sees one way only drops the connection."""
    application = walled.at(f"network/application-{zone}")
    assert zone_of(routes(walled, f"application-{zone}")[INTERNET]) == zone

    (out,) = routes(walled, f"firewall-{zone}").values()
    nat = walled.named(out["nat_gateway_id"])
    assert nat["subnet_id"] == f"${{aws_subnet.{walled.at(f'network/egress-{zone}').name}.id}}"

    last = routes(walled, f"egress-{zone}")
    assert walled.named(last[INTERNET]["gateway_id"]).type == "aws_internet_gateway"
    assert zone_of(last[application["cidr_block"]]) == zone
    assert len(last) == 2


def test_the_load_balancer_shares_no_subnet_with_the_way_out(walled: Stack) -> None:
    """What it sends to the tasks would take the routes to the firewall, and their answers would not."""
    balancer = walled.one("aws_lb")
    of_gateways = {nat["subnet_id"] for nat in walled.all("aws_nat_gateway")}
    assert not of_gateways & set(balancer["subnets"])
    for zone in ZONES:
        assert set(routes(walled, f"public-{zone}")) == {INTERNET}


def test_no_two_subnets_overlap(walled: Stack) -> None:
    cidrs = [IPv4Network(subnet["cidr_block"]) for subnet in walled.all("aws_subnet")]
    assert len(cidrs) == 15
    assert not any(a.overlaps(b) for i, a in enumerate(cidrs) for b in cidrs[:i])


def test_the_rules_let_the_acquirers_pass_on_their_ports_only(walled: Stack) -> None:
    group = walled.one("aws_networkfirewall_rule_group")
    rules = group["rule_group"]["rules_source"]["rules_string"].splitlines()
    assert [rule.partition(" (")[0] for rule in rules] == [
        "pass tls $HOME_NET any -> any 443",
        "pass tcp $HOME_NET any -> 203.0.113.0/24 8443",
        "pass tcp $HOME_NET any -> @PL_0123456789ABCDEF0 9443",
    ]
    assert 'tls.sni; content:"api.acquirer.example"; startswith; endswith; nocase;' in rules[0]
    assert len({re.findall(r"sid:(\d+);", rule)[0] for rule in rules}) == 3
    (reference,) = group["rule_group"]["reference_sets"]["ip_set_references"]
    assert reference["ip_set_reference"][0]["reference_arn"].endswith(":prefix-list/pl-0123456789abcdef0")


def test_what_no_rule_lets_pass_is_dropped_and_logged(walled: Stack) -> None:
    policy = walled.one("aws_networkfirewall_firewall_policy")["firewall_policy"]
    assert policy["stateless_default_actions"] == policy["stateless_fragment_default_actions"]
    assert policy["stateless_default_actions"] == ["aws:forward_to_sfe"]
    assert {action.partition("_")[0] for action in policy["stateful_default_actions"]} == {
        "aws:drop",
        "aws:alert",
    }
    assert policy["stateful_engine_options"] == {
        "rule_order": "STRICT_ORDER",
        "stream_exception_policy": "REJECT",
    }


def test_what_is_dropped_rings(walled: Stack, open_: Stack) -> None:
    """An acquirer that is missing in the configuration, or a task that is broken into."""
    alarms = walled.all("aws_cloudwatch_metric_alarm")
    (alarm,) = (found for found in alarms if found.path.endswith("firewall-drops"))
    metrics = [query["metric"] for query in alarm["metric_query"] if "metric" in query]
    assert {(m["metric_name"], m["dimensions"]["AvailabilityZone"]) for m in metrics} == {
        ("DroppedPackets", zone) for zone in ZONES
    }
    assert {(m["namespace"], m["dimensions"]["Engine"]) for m in metrics} == {
        ("AWS/NetworkFirewall", "Stateful")
    }
    assert (alarm["threshold"], alarm["comparison_operator"]) == (0, "GreaterThanThreshold")
    paths = [found.path for found in open_.all("aws_cloudwatch_metric_alarm")]
    assert [path for path in paths if "firewall-drops" in path] == []


def test_everything_is_encrypted_with_the_key_and_protected(walled: Stack) -> None:
    for type_ in ("aws_networkfirewall_firewall", "aws_networkfirewall_firewall_policy"):
        assert "aws_kms_key" in walled.one(type_)["encryption_configuration"]["key_id"]
    assert "aws_kms_key" in walled.one("aws_networkfirewall_rule_group")["encryption_configuration"]["key_id"]
    firewall = walled.one("aws_networkfirewall_firewall")
    assert firewall["delete_protection"] is True
    assert firewall["firewall_policy_change_protection"] is True


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("stateful-rulegroup/payments-local-acquirers", True),
        ("firewall-policy/payments-local", True),
        ("firewall/payments-local", True),
        ("firewall/shop", False),
    ],
)
def test_the_key_admits_the_firewalls_of_the_deployment(walled: Stack, resource: str, allowed: bool) -> None:
    key = parse_policy(walled.one("aws_kms_key")["policy"], name="key", kind=Kind.KEY)
    arn = f"arn:aws:network-firewall:us-east-1:123456789012:{resource}"
    context = {"kms:EncryptionContext:aws:network-firewall:resource-id": arn}
    service = Caller.service("network-firewall.amazonaws.com")
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        request = Request(
            service, action, "arn:aws:kms:us-east-1:123456789012:key/k", context, "123456789012"
        )
        assert evaluate(request, Policies(resource=(key,))).allowed is allowed


def test_only_named_hosts_and_aws_are_resolved(walled: Stack) -> None:
    rules = sorted(walled.all("aws_route53_resolver_firewall_rule"), key=lambda rule: int(rule["priority"]))
    assert [rule["action"] for rule in rules] == ["ALLOW", "BLOCK"]
    allowed, blocked = (walled.named(rule["firewall_domain_list_id"])["domains"] for rule in rules)
    assert blocked == ["*."]
    assert "api.acquirer.example." in allowed
    assert all(name.endswith(".amazonaws.com.") for name in allowed if name != "api.acquirer.example.")
    assert walled.one("aws_route53_resolver_firewall_config")["firewall_fail_open"] == "DISABLED"


def test_a_host_opens_its_port_in_the_security_groups(walled: Stack) -> None:
    rules = [
        rule
        for rule in walled.all("aws_vpc_security_group_egress_rule")
        if rule.block.get("cidr_ipv4") == INTERNET
    ]
    assert {(rule["from_port"], rule["to_port"]) for rule in rules} == {(443, 443)}
    assert len(rules) == 2  # one a colour
    assert all(rule["description"].startswith("api.acquirer.example") for rule in rules)


def test_a_deployment_without_it_has_none_of_it(open_: Stack, walled: Stack) -> None:
    """And turning it on replaces the gateways alone: every other address stays."""
    assert not [type_ for type_ in open_.document["resource"] if "networkfirewall" in type_]
    for type_, before in open_.document["resource"].items():
        assert set(before) <= set(walled.document["resource"][type_])


def part(stack: Stack) -> dict[str, Any]:
    """Network and firewall, with all that they refer to, and no more of the stack."""
    resources = stack.document["resource"]
    waiting = [(type_, name) for type_ in KEPT for name in resources.get(type_, ())]
    kept: dict[str, dict[str, Any]] = {}
    while waiting:
        type_, name = waiting.pop()
        if name in resources.get(type_, {}) and name not in kept.get(type_, {}):
            kept.setdefault(type_, {})[name] = resources[type_][name]
            waiting += NAMED.findall(json.dumps(resources[type_][name]))
    return {name: stack.document[name] for name in ("provider", "terraform")} | {"resource": kept}


def lifted(document: dict[str, Any]) -> dict[str, Any]:
    """Without what protects it from being destroyed."""
    found = copy.deepcopy(document)
    for firewall in found["resource"]["aws_networkfirewall_firewall"].values():
        firewall["delete_protection"] = False
    for association in found["resource"]["aws_route53_resolver_firewall_rule_group_association"].values():
        association["mutation_protection"] = "DISABLED"
    return found


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.mark.long
def test_terraform_turns_it_on_changes_it_and_destroys_it(
    open_: Stack, walled: Stack, aws: LocalAws, tmp_path: Path
) -> None:
    directory = tmp_path / "stack"
    directory.mkdir()
    terraform = Terraform(directory, embedded_aws.as_deploying_role(aws, "apply").environment())

    def apply(document: dict[str, Any]) -> None:
        local = {**document["terraform"], "backend": {"local": {"path": str(tmp_path / "state")}}}
        (directory / "cdk.tf.json").write_text(json.dumps({**document, "terraform": local}))
        terraform.init()
        terraform.apply(parallelism=48)
        assert not terraform.plan().changes

    apply(part(open_))
    on = part(walled)
    apply(on)
    assert led_through(aws) == set(ZONES)
    changed = copy.deepcopy(on)
    (group,) = changed["resource"]["aws_networkfirewall_rule_group"].values()
    source = group["rule_group"]["rules_source"]
    source["rules_string"] = source["rules_string"].replace("api.acquirer", "pay.acquirer")
    apply(changed)
    assert found_without_state(terraform, aws) == 3
    client = aws.client("network-firewall")
    (one,) = client.list_firewalls()["Firewalls"]
    with pytest.raises(ClientError, match="DeleteProtection is on"):
        client.delete_firewall(FirewallName=one["FirewallName"])
    apply(lifted(changed))
    apply({name: on[name] for name in ("provider", "terraform")})
    assert client.list_firewalls()["Firewalls"] == []


def found_without_state(terraform: Terraform, aws: LocalAws) -> int:
    """How many parts of the firewall are found by what a plan knows of them, as an import asks for them."""
    client_for = clients(Access(embedded_aws.REGION, aws.endpoint, aws.environment({})))
    found = 0
    for instance in terraform.state().instances:
        if instance.type in BY_LOOKUP and instance.type.startswith("aws_networkfirewall_"):
            planned = {key: value for key, value in instance.attributes.items() if key not in {"arn", "id"}}
            assert import_id(instance.type, planned, client_for) == instance.attributes["arn"]
            found += 1
    return found


def led_through(aws: LocalAws) -> set[str]:
    """The zones whose application subnet leaves by an endpoint in the zone."""
    ec2, firewall = aws.client("ec2"), aws.client("network-firewall")
    states = firewall.describe_firewall(FirewallName="payments-local")["FirewallStatus"]["SyncStates"]
    found = set()
    for zone, state in states.items():
        filters = [{"Name": "tag:Name", "Values": [f"payments-local-application-{zone}"]}]
        (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        routes = {route["DestinationCidrBlock"]: route for route in table["Routes"]}
        endpoint = routes[INTERNET].get("VpcEndpointId") or routes[INTERNET].get("GatewayId")
        if endpoint == state["Attachment"]["EndpointId"] and "NatGatewayId" not in routes[INTERNET]:
            found.add(zone)
    return found
