"""A network firewall and a DNS firewall, put into the real stack, and then broken."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, name_like, on, remove

FIREWALL, POLICY = "aws_networkfirewall_firewall", "aws_networkfirewall_firewall_policy"
RULES, LOGGING = "aws_networkfirewall_rule_group", "aws_networkfirewall_logging_configuration"
NAT, ROUTE, TABLE, SUBNET = "aws_nat_gateway", "aws_route", "aws_route_table", "aws_subnet"
ASSOCIATION, CONFIG = (
    "aws_route53_resolver_firewall_rule_group_association",
    "aws_route53_resolver_firewall_config",
)
GROUP, RULE = "aws_route53_resolver_firewall_rule_group", "aws_route53_resolver_firewall_rule"
NAMES = "aws_route53_resolver_firewall_domain_list"
EGRESS = "aws_vpc_security_group_egress_rule"
INTERNET = "0.0.0.0/0"
ACQUIRER = (
    'pass tls $HOME_NET any -> any 443 (tls.sni; content:"api.acquirer.example"; startswith; endswith; '
    "flow:to_server; sid:1; rev:1;)"
)


def endpoint(zone: str) -> str:
    states = f"{FIREWALL}.walled.firewall_status[0].sync_states"
    return (
        f"${{one([for state in {states} : state.attachment[0].endpoint_id "
        f'if state.availability_zone == "us-east-1{zone}"])}}'
    )


def ref(document: Document, type_: str, part: str, attribute: str = "id") -> str:
    return f"${{{type_}.{name_like(document, type_, part)}.{attribute}}}"


def walled(document: Document) -> None:
    """As `[network] firewall` does."""
    resources, key = document["resource"], ref(document, "aws_kms_key", "", "arn")
    vpc, encrypted = ref(document, "aws_vpc", ""), {"type": "CUSTOMER_KMS", "key_id": key}
    log = ref(document, "aws_cloudwatch_log_group", "flow-logs", "name")
    made: dict[str, dict[str, Any]] = {
        FIREWALL: {"walled": {
            "name": "walled", "vpc_id": vpc, "firewall_policy_arn": f"${{{POLICY}.walled.arn}}",
            "delete_protection": True, "encryption_configuration": encrypted,
            "subnet_mapping": [{"subnet_id": f"${{{SUBNET}.inspected-{zone}.id}}"} for zone in "abc"],
        }},
        POLICY: {"walled": {
            "name": "walled", "encryption_configuration": encrypted,
            "firewall_policy": {
                "stateless_default_actions": ["aws:forward_to_sfe"],
                "stateless_fragment_default_actions": ["aws:forward_to_sfe"],
                "stateful_default_actions": ["aws:drop_established", "aws:alert_established"],
                "stateful_engine_options": {
                    "rule_order": "STRICT_ORDER", "stream_exception_policy": "REJECT",
                },
                "stateful_rule_group_reference": [{
                    "priority": 1, "resource_arn": f"${{{RULES}.acquirers.arn}}",
                }],
            },
        }},
        RULES: {"acquirers": {
            "name": "acquirers", "type": "STATEFUL", "capacity": 100, "encryption_configuration": encrypted,
            "rule_group": {
                "rules_source": {"rules_string": ACQUIRER},
                "stateful_rule_options": {"rule_order": "STRICT_ORDER"},
            },
        }},
        LOGGING: {"walled": {
            "firewall_arn": f"${{{FIREWALL}.walled.arn}}",
            "logging_configuration": {"log_destination_config": [
                {"log_type": kind, "log_destination_type": "CloudWatchLogs",
                 "log_destination": {"logGroup": log}}
                for kind in ("ALERT", "FLOW")
            ]},
        }},
        NAMES: {name: {"name": name, "domains": domains} for name, domains in (
            ("allowed", ["api.acquirer.example.", "*.us-east-1.amazonaws.com."]), ("others", ["*."]),
        )},
        GROUP: {"walled": {"name": "walled"}},
        RULE: {
            name: {
                "name": name, "priority": priority, "action": action,
                "firewall_domain_list_id": f"${{{NAMES}.{name}.id}}",
                "firewall_rule_group_id": f"${{{GROUP}.walled.id}}",
            }
            for name, priority, action in (("allowed", 1, "ALLOW"), ("others", 2, "BLOCK"))
        },
        ASSOCIATION: {"walled": {
            "name": "walled", "firewall_rule_group_id": f"${{{GROUP}.walled.id}}", "vpc_id": vpc,
            "priority": 101,
        }},
        CONFIG: {"walled": {"resource_id": vpc, "firewall_fail_open": "DISABLED"}},
    }  # fmt: skip
    for type_, bodies in made.items():
        resources[type_] = bodies
    for zone, number in zip("abc", range(3), strict=True):
        _zone(document, zone, number)


def _zone(document: Document, zone: str, number: int) -> None:
    resources, vpc = document["resource"], ref(document, "aws_vpc", "")
    own = str(body(document, SUBNET, f"application-us-east-1{zone}")["cidr_block"])
    gateway = ref(document, "aws_internet_gateway", "")
    nat = ref(document, NAT, f"us-east-1{zone}")
    ways = {
        f"inspected-{zone}": {"out": (INTERNET, {"nat_gateway_id": nat})},
        f"translated-{zone}": {
            "out": (INTERNET, {"gateway_id": gateway}),
            "back": (own, {"vpc_endpoint_id": endpoint(zone)}),
        },
    }
    for place, (name, routes) in enumerate(ways.items()):
        resources[SUBNET][name] = {
            "vpc_id": vpc, "cidr_block": f"10.20.24{place}.{16 * number}/28",
            "availability_zone": f"us-east-1{zone}",
        }  # fmt: skip
        resources[TABLE][name] = {"vpc_id": vpc}
        resources["aws_route_table_association"][name] = {
            "subnet_id": f"${{{SUBNET}.{name}.id}}", "route_table_id": f"${{{TABLE}.{name}.id}}",
        }  # fmt: skip
        for way, (destination, target) in routes.items():
            resources[ROUTE][f"{name}-{way}"] = {
                "route_table_id": f"${{{TABLE}.{name}.id}}", "destination_cidr_block": destination, **target,
            }  # fmt: skip
    body(document, NAT, f"us-east-1{zone}")["subnet_id"] = f"${{{SUBNET}.translated-{zone}.id}}"
    leaving = body(document, ROUTE, f"application-us-east-1{zone}-nat")
    del leaving["nat_gateway_id"]
    leaving["vpc_endpoint_id"] = endpoint(zone)


def past(document: Document) -> None:
    """Straight to the NAT gateway."""
    leaving = body(document, ROUTE, "application-us-east-1b-nat")
    del leaving["vpc_endpoint_id"]
    leaving["nat_gateway_id"] = ref(document, NAT, "us-east-1b")


def reaching(document: Document) -> None:
    """Every address, for a host that is known by name."""
    document["resource"][EGRESS]["acquirer"] = {
        "security_group_id": ref(document, "aws_security_group", "blue_security-group"),
        "cidr_ipv4": INTERNET, "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
        "description": "api.acquirer.example: the acquirer",
    }  # fmt: skip


def ruled(text: str) -> Mutation:
    return change(RULES, rule_group__rules_source={"rules_string": text})


def defaults(**arguments: Any) -> Mutation:
    return change(POLICY, **{f"firewall_policy__{name}": value for name, value in arguments.items()})


def after(*mutations: Mutation) -> Mutation:
    return both(walled, *mutations)


OF_B = on("CKV2_BG_430", TABLE, "application-us-east-1b")
OF_RULES, OF_POLICY = on("CKV_BG_431", RULES), on("CKV_BG_431", POLICY)
WIDE = on("CKV_BG_312", EGRESS, "acquirer")
IN_ORDER = {"rule_order": "STRICT_ORDER", "stream_exception_policy": "REJECT"}

ON_THE_WAY = [
    Mutant("a route past the network firewall", after(past), OF_B),
    Mutant(
        "answers past the network firewall",
        after(remove(ROUTE, "translated-b-back")),
        OF_B,
    ),
    Mutant(
        "the firewall's endpoint of another zone",
        after(change(ROUTE, "application-us-east-1b-nat", vpc_endpoint_id=endpoint("a"))),
        OF_B,
    ),
    Mutant(
        "answers by the endpoint of another zone",
        after(change(ROUTE, "translated-b-back", vpc_endpoint_id=endpoint("c"))),
        OF_B,
    ),
    Mutant("a host's port open without a firewall", reaching, WIDE),
    Mutant("a host's port open past the firewall", after(reaching, past), also(OF_B, WIDE)),
]
DENYING = [
    Mutant("a rule that passes everything", after(ruled("pass ip any any -> any any (sid:9;)")), OF_RULES),
    Mutant(
        "a rule that passes all of a port",
        after(ruled(f"{ACQUIRER}\npass tcp $HOME_NET any -> $EXTERNAL_NET 443 (flow:to_server; sid:9;)")),
        OF_RULES,
    ),
    Mutant(
        "a list of a whole domain",
        after(
            change(
                RULES,
                rule_group__rules_source={
                    "rules_source_list": {
                        "generated_rules_type": "ALLOWLIST",
                        "target_types": ["TLS_SNI"],
                        "targets": [".com"],
                    }
                },
            )
        ),
        OF_RULES,
    ),
    Mutant(
        "packets past the stateful engine", after(defaults(stateless_default_actions=["aws:pass"])), OF_POLICY
    ),
    Mutant(
        "fragments past the stateful engine",
        after(defaults(stateless_fragment_default_actions=["aws:pass"])),
        OF_POLICY,
    ),
    Mutant("no default action", after(defaults(stateful_default_actions=None)), OF_POLICY),
    Mutant(
        "a default action that only alerts",
        after(defaults(stateful_default_actions=["aws:alert_established"])),
        OF_POLICY,
    ),
    Mutant(
        "a default action without an alert",
        after(defaults(stateful_default_actions=["aws:drop_established"])),
        OF_POLICY,
    ),
    Mutant(
        "rules in the order of their actions",
        after(defaults(stateful_engine_options=IN_ORDER | {"rule_order": "DEFAULT_ACTION_ORDER"})),
        OF_POLICY,
    ),
    Mutant(
        "broken connections that go on",
        after(defaults(stateful_engine_options=IN_ORDER | {"stream_exception_policy": "CONTINUE"})),
        OF_POLICY,
    ),
]
LOGS = [
    Mutant("network firewall without logs", after(remove(LOGGING)), on("CKV_BG_432", FIREWALL)),
    Mutant(
        "network firewall that logs no flows",
        after(
            lambda document: body(document, LOGGING)["logging_configuration"]["log_destination_config"].pop()
        ),
        on("CKV_BG_432", FIREWALL),
    ),
]
QUERIES = [
    Mutant("names that no rule lists", after(remove(RULE, "others")), on("CKV2_BG_433", ASSOCIATION)),
    Mutant(
        "every name allowed",
        after(change(NAMES, "allowed", domains=["*"])),
        on("CKV2_BG_433", ASSOCIATION),
    ),
    Mutant(
        "names that are only counted",
        after(change(RULE, "others", action="ALERT")),
        on("CKV2_BG_433", ASSOCIATION),
    ),
    Mutant(
        "a DNS firewall that fails open",
        after(change(CONFIG, firewall_fail_open="ENABLED")),
        on("CKV2_BG_433", CONFIG),
    ),
]

MUTANTS = [*ON_THE_WAY, *DENYING, *LOGS, *QUERIES]
