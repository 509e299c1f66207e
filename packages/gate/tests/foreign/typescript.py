"""Stack "BlueGreenStack": as CDKTF writes a program in TypeScript with nested constructs.

Identifiers are a path of camel-case ids with a hash behind it, every resource carries its metadata, and a
block that Terraform allows once is an object.

A blue-green stack, complete in its parts, with defects in many.
"""

import json
from typing import Any

from packages.gate.tests.builder import allow, policy

NAME = "BlueGreenStack"
ZONES = ("a", "b", "c")


def _id(path: str) -> str:
    """The identifier of the construct at a path like `Network/VpcMain`."""
    return f"{NAME}_{path.replace('/', '_')}_{_hash(path)}"


def _hash(path: str) -> str:
    """Eight hexadecimal digits, as CDKTF's hash of the path has."""
    return f"{sum(ord(letter) * 7**place for place, letter in enumerate(path)) % 16**8:08X}"


def at(type_: str, path: str) -> str:
    """The address of a resource."""
    return f"{type_}.{_id(path)}"


def _of(type_: str, path: str, attribute: str = "id") -> str:
    return f"${{{at(type_, path)}.{attribute}}}"


def _resources() -> dict[tuple[str, str], dict[str, Any]]:
    return {**_network(), **_ways_out(), **_platform(), **_traffic(), **_switch()}


def _network() -> dict[tuple[str, str], dict[str, Any]]:
    vpc, public = _of("aws_vpc", "Network/Vpc"), _of("aws_route_table", "Network/PublicRoutes")
    found: dict[tuple[str, str], dict[str, Any]] = {
        ("aws_vpc", "Network/Vpc"): {"cidr_block": "10.0.0.0/16"},
        ("aws_internet_gateway", "Network/Igw"): {"vpc_id": vpc},
        ("aws_route_table", "Network/PublicRoutes"): {
            "vpc_id": vpc,
            "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": _of("aws_internet_gateway", "Network/Igw")}],
        },
    }
    for number, zone in enumerate(ZONES):
        for side, table in (
            ("Public", public),
            ("Private", _of("aws_route_table", f"Network/Private{zone}")),
        ):
            subnet = f"Network/{side}Subnet{zone}"
            third = number + (10 if side == "Private" else 0)
            found["aws_subnet", subnet] = {
                "availability_zone": f"eu-west-1{zone}", "cidr_block": f"10.0.{third}.0/24", "vpc_id": vpc
            }  # fmt: skip
            found["aws_route_table_association", f"{subnet}Routes"] = {
                "subnet_id": _of("aws_subnet", subnet), "route_table_id": table
            }  # fmt: skip
    return found


def _ways_out() -> dict[tuple[str, str], dict[str, Any]]:
    """Defects: one address for two NAT gateways, none in zone c, endpoints missing, incomplete and unused."""
    vpc = _of("aws_vpc", "Network/Vpc")
    found: dict[tuple[str, str], dict[str, Any]] = {("aws_eip", "Network/NatIp"): {"domain": "vpc"}}
    for zone, gateway in (("a", "a"), ("b", "b"), ("c", "a")):
        nat = _of("aws_nat_gateway", f"Network/Nat{gateway}")
        found["aws_route_table", f"Network/Private{zone}"] = {"vpc_id": vpc}
        found["aws_route", f"Network/PrivateDefault{zone}"] = {
            "destination_cidr_block": "0.0.0.0/0",
            "nat_gateway_id": nat,
            "route_table_id": _of("aws_route_table", f"Network/Private{zone}"),
        }
        found["aws_nat_gateway", f"Network/Nat{gateway}"] = {
            "allocation_id": _of("aws_eip", "Network/NatIp"),
            "subnet_id": _of("aws_subnet", f"Network/PublicSubnet{gateway}"),
        }
    found["aws_vpc_endpoint", "Network/S3Endpoint"] = {
        "route_table_ids": [_of("aws_route_table", f"Network/Private{zone}") for zone in "ab"],
        "service_name": "com.amazonaws.eu-west-1.s3",
        "vpc_id": vpc,
    }
    found["aws_vpc_endpoint", "Network/ElbEndpoint"] = {
        "service_name": "com.amazonaws.eu-west-1.elasticloadbalancing",
        "subnet_ids": [_of("aws_subnet", f"Network/PrivateSubnet{zone}") for zone in ZONES],
        "vpc_endpoint_type": "Interface",
        "vpc_id": vpc,
    }
    return found


def _platform() -> dict[tuple[str, str], dict[str, Any]]:
    """Defects: a key whose policy allows all, and that never changes; logs without a retention."""
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    key = _of("aws_kms_key", "Security/CmkKey", "arn")
    return {
        ("aws_kms_key", "Security/CmkKey"): {
            "policy": policy(allow(Sid="Root", Principal=root, Action="kms:*"))
        },
        ("aws_cloudwatch_log_group", "Switch/LogGroup"): {"kms_key_id": key, "name": "/aws/lambda/switch"},
        ("aws_cloudwatch_log_group", "Network/FlowLogs"): {"kms_key_id": key, "retention_in_days": 400},
    }


def _traffic() -> dict[tuple[str, str], dict[str, Any]]:
    """Defects: weights of 110 that stick, green on /, a bastion's rule left behind, an emptied tag."""
    balancer, group = _of("aws_lb", "Alb/Alb", "arn"), _of("aws_security_group", "Alb/AlbSg")
    entries = [
        {"arn": _of("aws_lb_target_group", f"Alb/{colour}Targets", "arn"), "weight": weight}
        for colour, weight in (("Blue", 90), ("Green", 20))
    ]
    forward = {"stickiness": {"duration": 600, "enabled": True}, "target_group": entries}
    vpc = _of("aws_vpc", "Network/Vpc")
    world = {"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp", "type": "ingress"}
    return {
        ("aws_security_group", "Alb/AlbSg"): {"vpc_id": vpc},
        ("aws_security_group", "Switch/LambdaSg"): {"vpc_id": vpc},
        ("aws_security_group_rule", "Alb/HttpsIn"): {
            **world, "from_port": 443, "security_group_id": group, "to_port": 443
        },
        ("aws_security_group_rule", "Switch/SshIn"): {
            **world,
            "from_port": 22,
            "security_group_id": _of("aws_security_group", "Switch/LambdaSg"),
            "to_port": 22,
        },
        ("aws_lb", "Alb/Alb"): {
            "load_balancer_type": "application",
            "security_groups": [group],
            "subnets": [_of("aws_subnet", f"Network/PublicSubnet{zone}") for zone in ZONES],
            "tags": {"CostCenter": "", "Name": "bluegreen"},
        },
        ("aws_lb_target_group", "Alb/BlueTargets"): {
            "health_check": {"matcher": "200", "path": "/health"},
            "name": "tg-blue", "port": 8443, "vpc_id": vpc,
        },
        ("aws_lb_target_group", "Alb/GreenTargets"): {
            "health_check": {"matcher": "200", "path": "/"},
            "name": "tg-green", "port": 8443, "vpc_id": vpc,
        },
        ("aws_lb_listener", "Alb/HttpListener"): {
            "default_action": [{"redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"},
                                "type": "redirect"}],
            "load_balancer_arn": balancer, "port": 80, "protocol": "HTTP",
        },
        ("aws_lb_listener", "AlbListener"): {
            "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/front",
            "default_action": [{"forward": forward, "type": "forward"}],
            "lifecycle": {"ignore_changes": ["default_action[0].forward[0].target_group"]},
            "load_balancer_arn": balancer, "port": 443, "protocol": "HTTPS",
            "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        },
    }  # fmt: skip


def _switch() -> dict[tuple[str, str], dict[str, Any]]:
    """Defects: calls SSM from a network without a way to it; what it records, the next apply overwrites."""
    listener, record = (
        _of("aws_lb_listener", "AlbListener", "arn"),
        at("aws_ssm_parameter", "Switch/LiveColour"),
    )
    return {
        ("aws_ssm_parameter", "Switch/LiveColour"): {
            "insecure_value": "blue", "name": "/bluegreen/live-colour", "type": "String"
        },
        ("aws_iam_role", "Switch/Role"): {
            "assume_role_policy": policy(
                {
                    "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            )
        },
        ("aws_iam_role_policy", "Switch/Policy"): {
            "policy": policy(
                allow(Action=["elasticloadbalancing:ModifyListener"], Resource=listener),
                allow(Action=["ssm:GetParameter", "ssm:PutParameter"], Resource=f"${{{record}.arn}}"),
            ),
            "role": _of("aws_iam_role", "Switch/Role"),
        },
        ("aws_lambda_function", "Switch/Function"): {
            "environment": {"variables": {"LISTENER_ARN": listener, "PARAMETER": f"${{{record}.name}}"}},
            "function_name": "traffic-switch",
            "handler": "index.handler",
            "kms_key_arn": _of("aws_kms_key", "Security/CmkKey", "arn"),
            "role": _of("aws_iam_role", "Switch/Role", "arn"),
            "runtime": "nodejs22.x",
            "vpc_config": {
                "security_group_ids": [_of("aws_security_group", "Switch/LambdaSg")],
                "subnet_ids": [_of("aws_subnet", f"Network/PrivateSubnet{zone}") for zone in ZONES],
            },
        },
    }  # fmt: skip


def documents() -> dict[str, str]:
    """File name → text."""
    resource: dict[str, dict[str, Any]] = {}
    for (type_, path), body in _resources().items():
        metadata = {"//": {"metadata": {"path": f"{NAME}/{path}", "uniqueId": _id(path)}}}
        resource.setdefault(type_, {})[_id(path)] = metadata | body
    tags = {"CostCenter": "4711", "Environment": "production", "MigrationPhase": "cutover"}
    output = {
        "alb_dns_name": {"value": _of("aws_lb", "Alb/Alb", "dns_name")},
        # Defects: a literal, and a nothing; the rest is missing.
        "active_environment": {"value": "blue"},
        "vpc_id": {"description": "the network", "value": ""},
    }
    document = {
        "//": {"metadata": {"backend": "local", "stackName": NAME, "version": "0.21.0"},
               "outputs": {NAME: {name: name for name in output}}},
        "output": output,
        "provider": {"aws": [{"default_tags": [{"tags": tags}], "region": "eu-west-1"}]},
        "resource": resource,
        "terraform": {
            "backend": {"local": {"path": f"/infra/terraform.{NAME}.tfstate"}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
    }  # fmt: skip
    return {"cdk.tf.json": json.dumps(document, indent=2)}


# (policy, address); the stack's own name where something is absent from it.
EXPECTED = {
    ("CKV2_BG_1", at("aws_lb", "Alb/Alb")),  # its own empty CostCenter covers the provider's
    ("CKV_BG_2", at("aws_kms_key", "Security/CmkKey")),
    ("CKV_BG_4", at("aws_kms_key", "Security/CmkKey")),
    ("CKV2_BG_3", NAME),  # DynamoDB
    ("CKV2_BG_4", at("aws_vpc_endpoint", "Network/S3Endpoint")),  # not in zone c
    ("CKV2_BG_5", NAME),  # SSM
    ("CKV_BG_7", at("aws_vpc_endpoint", "Network/ElbEndpoint")),
    ("CKV_BG_9", at("aws_ssm_parameter", "Switch/LiveColour")),
    ("CKV2_BG_9", at("aws_nat_gateway", "Network/Nata")),
    ("CKV2_BG_9", at("aws_nat_gateway", "Network/Natb")),
    ("CKV2_BG_11", NAME),  # zone c
    ("CKV2_BG_12", at("aws_route_table", "Network/Privatec")),
    ("CKV_BG_26", at("aws_lb_target_group", "Alb/GreenTargets")),
    ("CKV2_BG_35", NAME),
    ("CKV2_BG_35", "output.vpc_id"),
    ("CKV2_BG_37", "output.active_environment"),
    ("CKV_BG_40", at("aws_cloudwatch_log_group", "Switch/LogGroup")),
    ("CKV_BG_50", at("aws_lb_listener", "AlbListener")),
    ("CKV_BG_51", at("aws_lb_listener", "AlbListener")),
    ("CKV_BG_55", at("aws_security_group_rule", "Switch/SshIn")),
}
# Of Checkov's own checks: id → the resources that they report.
BUILT_IN = {
    "CKV_AWS_7": {at("aws_kms_key", "Security/CmkKey")},  # rotation
    "CKV_AWS_24": {at("aws_security_group_rule", "Switch/SshIn")},  # port 22
    "CKV_AWS_2": set(),  # listeners are HTTPS, or redirect
    "CKV_AWS_158": set(),  # log groups have a key
}
