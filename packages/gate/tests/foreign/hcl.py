"""Stack "edge": HCL translated block by block. What varies is a variable with a default, what is computed a
local.

Arguments refer to those, through each other and with functions; account, aliases, documents are data sources.
Names are snake-case; one nested block is an object here, a list of one there.
"""

import json
from typing import Any

NAME = "edge"

VARIABLES: dict[str, Any] = {
    "region": {"type": "string", "default": "eu-central-1"},
    "prefix": {"type": "string", "default": "edge"},
    "zones": {"type": "list(string)", "default": ["eu-central-1a", "eu-central-1b"]},
    "green_weight": {"type": "number", "default": 30},
    "sticky": {"type": "bool", "default": True},
    "health_path": {"type": "string", "default": "/status"},
    "retention": {"type": "number", "default": 14},
    "admin_networks": {"type": "list(string)", "default": ["0.0.0.0/0"]},
    "rotate": {"type": "bool", "default": False},
    "tls_policy": {"type": "string", "default": "ELBSecurityPolicy-2016-08"},
    "cost_center": {"type": "string", "default": "77"},
}
LOCALS: dict[str, Any] = {
    "name": "${var.prefix}-payments",
    "common_tags": {"Environment": "dev", "CostCenter": "${var.cost_center}"},
    "blue_weight": 70,
    "tls_port": 443,
    "everywhere": "0.0.0.0/0",
    "key": "${aws_kms_key.main.arn}",
    "rotation": "${var.rotate}",
}


def _data() -> dict[str, Any]:
    """Defects: the key's document admits everyone, and one of its aliases is AWS's own."""
    statement = [
        {
            "sid": "Account",
            "actions": ["kms:Describe*", "kms:Put*"],
            "resources": ["*"],
            "principals": [
                {
                    "type": "AWS",
                    "identifiers": ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"],
                }
            ],
        },
        {
            "sid": "Anyone",
            "actions": ["kms:Decrypt"],
            "resources": ["*"],
            "principals": [{"type": "*", "identifiers": ["*"]}],
        },
    ]
    return {
        "aws_caller_identity": {"me": {}},
        "aws_kms_alias": {"sns": {"name": "alias/aws/sns"}, "own": {"name": "alias/edge"}},
        "aws_iam_policy_document": {"key": {"statement": statement}},
    }


def _network() -> dict[str, Any]:
    """Defects: two zones; nothing leads out of the private subnet; the world gets to SSH."""
    vpc = "${aws_vpc.main.id}"
    return {
        "aws_vpc": {
            "main": {
                "cidr_block": "10.2.0.0/16",
                "tags": "${merge(local.common_tags, { Name = local.name })}",
            }
        },
        "aws_internet_gateway": {"main": {"vpc_id": vpc}},
        "aws_subnet": {
            "public_a": {"vpc_id": vpc, "cidr_block": "10.2.0.0/24", "availability_zone": "${var.zones[0]}"},
            "public_b": {
                "vpc_id": vpc,
                "cidr_block": "10.2.1.0/24",
                "availability_zone": "${element(var.zones, 1)}",
            },
            "isolated": {"vpc_id": vpc, "cidr_block": "10.2.2.0/24", "availability_zone": "${var.region}a"},
        },
        "aws_default_route_table": {
            "main": {
                "default_route_table_id": "${aws_vpc.main.default_route_table_id}",
                "route": [],
            }
        },
        "aws_route_table": {
            "public": {
                "vpc_id": vpc,
                "route": [
                    {"cidr_block": "${local.everywhere}", "gateway_id": "${aws_internet_gateway.main.id}"}
                ],
            }
        },
        "aws_route_table_association": {
            name: {
                "subnet_id": f"${{aws_subnet.{name}.id}}",
                "route_table_id": "${aws_route_table.public.id}",
            }
            for name in ("public_a", "public_b")
        },
        "aws_vpc_endpoint": {
            service: {
                "vpc_id": vpc,
                "service_name": f"com.amazonaws.${{var.region}}.{service}",
                "vpc_endpoint_type": "Gateway",
                "route_table_ids": ["${aws_default_route_table.main.id}"],
            }
            for service in ("s3", "dynamodb")
        },
        "aws_security_group": {"front": {"vpc_id": vpc, "name": "${local.name}"}},
        "aws_vpc_security_group_ingress_rule": {
            "https": {
                "security_group_id": "${aws_security_group.front.id}",
                "cidr_ipv4": "${local.everywhere}",
                "ip_protocol": "tcp",
                "from_port": "${local.tls_port}",
                "to_port": "${local.tls_port}",
            },
            "ssh": {
                "security_group_id": "${aws_security_group.front.id}",
                "cidr_ipv4": "${var.admin_networks[0]}",
                "ip_protocol": "tcp",
                "from_port": 22,
                "to_port": 22,
            },
        },
    }


def _front() -> dict[str, Any]:
    """Defects: an old TLS policy, a sticky forward that every apply resets, health checked elsewhere."""
    forward = {
        "target_group": [
            {"arn": "${aws_lb_target_group.v1.arn}", "weight": "${local.blue_weight}"},
            {"arn": "${aws_lb_target_group.v2.arn}", "weight": "${var.green_weight}"},
        ],
        "stickiness": [{"enabled": "${var.sticky}", "duration": 60}],
    }
    return {
        "aws_lb": {
            "front": {
                "security_groups": ["${aws_security_group.front.id}"],
                "subnets": ["${aws_subnet.public_a.id}", "${aws_subnet.public_b.id}"],
            }
        },
        "aws_lb_target_group": {
            "v1": {
                "name": "${local.name}-v1",
                "tags": {"Colour": "blue"},
                "health_check": {"path": "/health"},
            },
            "v2": {
                "name": "${local.name}-v2",
                "tags": {"Colour": "green"},
                "health_check": [{"path": "${var.health_path}"}],
            },
        },
        "aws_lb_listener": {
            "tls": {
                "load_balancer_arn": "${aws_lb.front.arn}",
                "port": "${local.tls_port}",
                "protocol": "HTTPS",
                "ssl_policy": "${var.tls_policy}",
                "default_action": {"type": "forward", "forward": forward},
            }
        },
    }


def _rest() -> dict[str, Any]:
    """Defects: the key, by its document and its rotation; AWS's key by an alias; two weeks of logs."""
    return {
        "aws_kms_key": {
            "main": {
                "enable_key_rotation": "${local.rotation}",
                "policy": "${data.aws_iam_policy_document.key.json}",
            }
        },
        "aws_cloudwatch_log_group": {
            "app": {"retention_in_days": "${var.retention}", "kms_key_id": "${local.key}"},
        },
        "aws_sns_topic": {
            "alerts": {"kms_master_key_id": "${data.aws_kms_alias.sns.target_key_id}"},
            "audit": {"kms_master_key_id": "${data.aws_kms_alias.own.target_key_id}"},
        },
        "aws_ssm_parameter": {
            "active_side": {"name": "/${var.prefix}/active-side", "type": "String", "value": "v1"}
        },
    }


def documents() -> dict[str, str]:
    """File name → text."""
    tagged = {"default_tags": {"tags": "${local.common_tags}"}}  # defect: two of the three
    document = {
        "variable": VARIABLES,
        "locals": LOCALS,
        "data": _data(),
        "provider": {"aws": {"region": "${var.region}", **tagged}},
        "resource": {**_network(), **_front(), **_rest()},
        "output": {
            "vpc_id": {"value": "${aws_vpc.main.id}"},
            "active_environment": {"value": "${aws_ssm_parameter.active_side.value}", "sensitive": True},
        },
    }
    return {"main.tf.json": json.dumps(document, indent=4)}


EXPECTED = {
    ("CKV2_BG_1", "provider.aws"),  # every resource lacks the MigrationPhase that the provider doesn't give
    ("CKV_BG_2", "aws_kms_key.main"),
    ("CKV_BG_3", "aws_kms_key.main"),
    ("CKV_BG_5", "aws_sns_topic.alerts"),
    ("CKV_BG_8", "aws_lb.front"),
    ("CKV2_BG_8", NAME),  # public two zones, isolated one
    ("CKV_BG_9", "aws_ssm_parameter.active_side"),
    ("CKV2_BG_11", NAME),
    ("CKV_BG_26", "aws_lb_target_group.v2"),
    ("CKV2_BG_34", "provider.aws"),
    ("CKV2_BG_35", NAME),
    ("CKV_BG_40", "aws_cloudwatch_log_group.app"),
    ("CKV_BG_51", "aws_lb_listener.tls"),
    ("CKV_BG_52", "aws_lb_listener.tls"),
    ("CKV_BG_53", "aws_lb_listener.tls"),
    ("CKV_BG_55", "aws_vpc_security_group_ingress_rule.ssh"),
}
BUILT_IN = {
    "CKV_AWS_7": {"aws_kms_key.main"},
    "CKV_AWS_24": {"aws_vpc_security_group_ingress_rule.ssh"},
    "CKV_AWS_338": {"aws_cloudwatch_log_group.app"},
    "CKV_AWS_26": set(),  # topics have a key, whosever it is
}
