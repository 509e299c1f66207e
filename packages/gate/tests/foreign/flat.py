"""Stack "shop": one construct a resource, all called `this`, each in a file of its own concern.

Written by a generator that knows no nested objects: every block, the resources' own bodies included, is a
list of one. Numbers and booleans are strings. No metadata, no colours.
"""

import json
from typing import Any

from packages.gate.tests.builder import policy

NAME = "shop"
TAGS = [{"Environment": "staging", "CostCenter": "9", "MigrationPhase": "none"}]


def _network() -> dict[str, Any]:
    """Defects: two zones of three, one NAT gateway, private and without an address, 3306 for all."""
    vpc = "${aws_vpc.network_this.id}"
    subnets = {
        f"{tier}_{zone}_this": [
            {"vpc_id": vpc, "availability_zone": f"us-east-1{zone}", "cidr_block": f"10.1.{number}.0/24"}
        ]
        for number, (tier, zone) in enumerate((("dmz", "a"), ("dmz", "b"), ("app", "a"), ("app", "b")))
    }
    return {
        "aws_vpc": {"network_this": [{"cidr_block": "10.1.0.0/16"}]},
        "aws_subnet": subnets,
        "aws_internet_gateway": {"door_this": [{"vpc_id": vpc}]},
        "aws_route_table": {"dmz_this": [{"vpc_id": vpc}], "app_this": [{"vpc_id": vpc}]},
        "aws_route": {
            "dmz_out_this": [{
                "route_table_id": "${aws_route_table.dmz_this.id}", "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "${aws_internet_gateway.door_this.id}",
            }],
            "app_out_this": [{
                "route_table_id": "${aws_route_table.app_this.id}", "destination_cidr_block": "0.0.0.0/0",
                "nat_gateway_id": "${aws_nat_gateway.nat_this.id}",
            }],
        },
        "aws_route_table_association": {
            f"{name}_{zone}_this": [{
                "subnet_id": f"${{aws_subnet.{name}_{zone}_this.id}}",
                "route_table_id": f"${{aws_route_table.{name}_this.id}}",
            }]
            for name in ("dmz", "app") for zone in ("a", "b")
        },
        "aws_nat_gateway": {"nat_this": [{"subnet_id": "${aws_subnet.app_a_this.id}"}]},
        "aws_security_group": {"db_this": [{
            "vpc_id": vpc,
            "ingress": [{
                "from_port": "3306", "to_port": "3306", "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"],
            }],
        }]},
        "aws_db_subnet_group": {"db_this": [
            {"subnet_ids": ["${aws_subnet.app_a_this.id}", "${aws_subnet.app_b_this.id}"]}
        ]},
    }  # fmt: skip


def _front() -> dict[str, Any]:
    """Defects: plain HTTP to one target group without a health check; a rule with weights 0 and 0."""
    entries = [
        {"arn": f"${{aws_alb_target_group.{name}_this.arn}}", "weight": "0"} for name in ("one", "two")
    ]
    return {
        "aws_alb": {"front_this": [{
            "subnets": ["${aws_subnet.dmz_a_this.id}", "${aws_subnet.dmz_b_this.id}"],
            "access_logs": [{"bucket": "${aws_s3_bucket.logs_this.bucket}", "enabled": "true"}],
        }]},
        "aws_alb_target_group": {
            "one_this": [{"port": "80"}],
            "two_this": [{"port": "80", "health_check": [{"path": "/health", "enabled": "false"}]}],
        },
        "aws_alb_listener": {"front_this": [{
            "load_balancer_arn": "${aws_alb.front_this.arn}", "port": "80", "protocol": "HTTP",
            "default_action": [
                {"type": "forward", "target_group_arn": "${aws_alb_target_group.one_this.arn}"}
            ],
        }]},
        "aws_alb_listener_rule": {"canary_this": [{
            "listener_arn": "${aws_alb_listener.front_this.arn}",
            "condition": [{"path_pattern": [{"values": ["/*"]}]}],
            "action": [{"type": "forward", "forward": [
                {"target_group": entries, "stickiness": [{"enabled": "false", "duration": "1"}]}
            ]}],
            "lifecycle": [{"ignore_changes": "all"}],
        }]},
    }  # fmt: skip


def _rest() -> dict[str, Any]:
    """Defects: a key for the world, buckets and a queue without it, a log group of a month."""
    world = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt"], "Resource": "*"}
    locks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    encryption = [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]
    return {
        "aws_kms_key": {"key_this": [{"enable_key_rotation": "true", "policy": policy(world)}]},
        "aws_s3_bucket": {"logs_this": [{"bucket": "shop-logs"}], "data_this": [{"bucket": "shop-data"}]},
        "aws_s3_bucket_server_side_encryption_configuration": {
            f"{name}_this": [{"bucket": f"${{aws_s3_bucket.{name}_this.id}}", "rule": encryption}]
            for name in ("logs", "data")
        },
        "aws_s3_bucket_public_access_block": {
            "logs_this": [{"bucket": "${aws_s3_bucket.logs_this.id}", **dict.fromkeys(locks, "true")}],
            "data_this": [{
                "bucket": "${aws_s3_bucket.data_this.id}",
                **dict.fromkeys(locks, "true"), "block_public_policy": "false",
            }],
        },
        "aws_sqs_queue": {
            "orders_this": [{"kms_master_key_id": "alias/aws/sqs"}],
            "dead_this": [{"kms_master_key_id": "${aws_kms_key.key_this.id}"}],
        },
        "aws_cloudwatch_log_group": {
            "shop_this": [{"retention_in_days": "30", "kms_key_id": "${aws_kms_key.key_this.arn}"}]
        },
    }  # fmt: skip


def documents() -> dict[str, str]:
    """File name → text."""
    parts = {
        "network.tf.json": {"resource": _network()},
        "front.tf.json": {"resource": _front()},
        "rest.tf.json": {"resource": _rest()},
        "provider.tf.json": {"provider": {"aws": [{"default_tags": [{"tags": TAGS[0]}]}]}},
    }
    return {name: json.dumps(part) for name, part in parts.items()}


EXPECTED = {
    ("CKV_BG_3", "aws_kms_key.key_this"),
    ("CKV2_BG_3", NAME),  # both
    ("CKV_BG_5", "aws_sqs_queue.orders_this"),
    ("CKV_BG_6", "aws_s3_bucket.data_this"),  # that of the load balancer's logs can't have a key
    ("CKV2_BG_7", NAME),
    ("CKV_BG_8", "aws_alb.front_this"),
    ("CKV_BG_8", "aws_db_subnet_group.db_this"),
    ("CKV2_BG_8", NAME),
    ("CKV2_BG_9", "aws_nat_gateway.nat_this"),
    ("CKV_BG_10", "aws_nat_gateway.nat_this"),
    ("CKV_BG_11", "aws_nat_gateway.nat_this"),
    ("CKV2_BG_11", NAME),  # zone b
    ("CKV2_BG_12", "aws_route_table.app_this"),
    ("CKV_BG_25", "aws_alb_target_group.one_this"),  # no colour is named: blue is the first
    ("CKV_BG_26", "aws_alb_target_group.two_this"),
    ("CKV2_BG_27", "aws_alb_listener.front_this"),
    ("CKV2_BG_35", NAME),
    ("CKV2_BG_36", "provider.aws"),
    ("CKV_BG_40", "aws_cloudwatch_log_group.shop_this"),
    ("CKV_BG_50", "aws_alb_listener_rule.canary_this"),
    ("CKV_BG_52", "aws_alb_listener_rule.canary_this"),
    ("CKV_BG_53", "aws_alb_listener.front_this"),
    ("CKV_BG_54", "aws_s3_bucket.data_this"),
    ("CKV_BG_55", "aws_security_group.db_this"),
}
BUILT_IN = {
    "CKV_AWS_2": {"aws_alb_listener.front_this"},
    "CKV_AWS_7": set(),
    "CKV_AWS_33": {"aws_kms_key.key_this"},
    "CKV_AWS_54": {"aws_s3_bucket_public_access_block.data_this"},
}
