"""Which arguments of the stack's types are understood, and which of their values a review has accepted.

`reviewed.txt` has the arguments by type: what some policy judges, or what opens, stores, runs and routes
nothing under any value. `block.*` is a block that a policy judges as a whole. An argument that is not there
may do anything: a later provider brings new ones.
Sources: `terraform providers schema` of AWS provider 5.100; API references, the request parameters of each
resource's create call; MySQL 8.0 reference manual, "Server System Variables"; Aurora user guide, "Aurora
MySQL configuration parameters".
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack_gate.stack import number

UNDERSTOOD: Mapping[str, frozenset[str]] = {
    type_: frozenset(paths)
    for type_, *paths in (
        line.split()
        for line in Path(__file__).with_name("reviewed.txt").read_text(encoding="utf-8").splitlines()
    )
}
SAME = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_listener_rule": "aws_lb_listener_rule",
    "aws_alb_target_group": "aws_lb_target_group",
}
# Terraform's own in every resource. CKV2_BG_260 judges what else is reserved.
META = frozenset(
    {"count", "depends_on", "for_each", "lifecycle", "provider", "tags", "tags_all", "timeouts", "dynamic"}
    | {"connection", "provisioner"}
)


@dataclass(frozen=True)
class Between:
    """Numbers."""

    low: float
    high: float = math.inf

    def accepts(self, value: Any) -> bool:
        found = number(value)
        return found is not None and self.low <= found <= self.high

    def __str__(self) -> str:
        return f"from {self.low:g}" + (f" to {self.high:g}" if self.high < math.inf else "")


@dataclass(frozen=True)
class Words:
    """Words; a boolean is one, in any of Terraform's spellings."""

    words: tuple[str, ...]

    def accepts(self, value: Any) -> bool:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return {"1": "true", "0": "false"}.get(text, text) in self.words

    def __str__(self) -> str:
        return " or ".join(self.words)


@dataclass(frozen=True)
class Form:
    """A regular expression."""

    pattern: str

    def accepts(self, value: Any) -> bool:
        return bool(re.fullmatch(self.pattern, str(value)))

    def __str__(self) -> str:
        return f"of the form {self.pattern}"


Accepted = Between | Words | Form


def words(*accepted: str) -> Words:
    return Words(accepted)


ON, OFF = words("true"), words("false")
_CERTIFICATES = words("rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1")
_BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), ON
)
# Type → path → values. An absent argument has AWS's default, which is accepted unless the path is in NEEDED.
SETTLED: Mapping[str, Mapping[str, Accepted]] = {
    "aws_appautoscaling_scheduled_action": {"scalable_target_action.min_capacity": Between(1)},
    "aws_appautoscaling_policy": {
        "target_tracking_scaling_policy_configuration.scale_out_cooldown": Between(0, 900)
    },
    "aws_appautoscaling_target": {"min_capacity": Between(1)},
    "aws_backup_vault": {"force_destroy": OFF},
    "aws_backup_vault_lock_configuration": {"max_retention_days": Between(365)},
    "aws_cloudtrail": {"enable_logging": ON},
    "aws_cloudwatch_event_rule": {
        "event_bus_name": words("default"),
        "is_enabled": ON,
        "state": words("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    },
    "aws_cloudwatch_event_target": {"event_bus_name": words("default")},
    "aws_cloudwatch_log_group": {"log_group_class": words("STANDARD")},
    "aws_cloudwatch_metric_alarm": {"evaluate_low_sample_count_percentiles": words("evaluate")},
    "aws_dynamodb_table": {"point_in_time_recovery.recovery_period_in_days": Between(7, 35)},
    "aws_ecr_repository": {"force_delete": OFF},
    "aws_ecs_service": {
        "capacity_provider_strategy.capacity_provider": words("FARGATE"),
        "deployment_configuration.strategy": words("ROLLING"),
        "deployment_controller.type": words("ECS"),
        "deployment_maximum_percent": Between(150, 200),
        "desired_count": Between(1),
        "force_delete": OFF,
        "health_check_grace_period_seconds": Between(0, 3_600),
        "launch_type": words("FARGATE"),
        "platform_version": words("LATEST", "1.4.0"),
        "scheduling_strategy": words("REPLICA"),
    },
    "aws_ecs_task_definition": {
        "enable_fault_injection": OFF,
        "volume.efs_volume_configuration.transit_encryption": words("ENABLED"),
    },
    "aws_elasticache_replication_group": {
        "transit_encryption_enabled": ON,
        "transit_encryption_mode": words("required"),
    },
    "aws_kms_alias": {"name": Form(r"alias/(?!aws/).+")},
    "aws_kms_key": {
        "bypass_policy_lockout_safety_check": OFF,
        "deletion_window_in_days": Between(14, 30),
        "multi_region": OFF,
    },
    "aws_lambda_function": {
        "logging_config.application_log_level": words("TRACE", "DEBUG", "INFO"),
        "package_type": words("Zip"),
    },
    "aws_lambda_permission": {"function_url_auth_type": words("AWS_IAM")},
    "aws_lb": {
        "access_logs.enabled": ON,
        "desync_mitigation_mode": words("defensive", "strictest"),
        "drop_invalid_header_fields": ON,
        "enable_deletion_protection": ON,
        "enable_waf_fail_open": OFF,
        "ip_address_type": words("ipv4"),
        "xff_header_processing_mode": words("append"),
    },
    "aws_lb_listener": {
        "certificate_arn": Form(r"arn:[\w-]+:acm:.+|\$\{.+"),
        "mutual_authentication.ignore_client_certificate_expiry": OFF,
        "mutual_authentication.mode": words("verify"),
        "routing_http_response_strict_transport_security_header_value": Form(r"max-age=[1-9]\d{6,8}(;.*)?"),
    },
    "aws_lb_target_group": {
        "deregistration_delay": Between(5, 3_600),  # seconds for payments in flight
        "health_check.enabled": ON,
        "health_check.protocol": words("HTTPS"),
        "ip_address_type": words("ipv4"),
        "load_balancing_algorithm_type": words(
            "least_outstanding_requests", "round_robin", "weighted_random"
        ),
        "protocol": words("HTTPS"),
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets_percentage": Form(
            r"off|[1-9]|[1-4]\d|50"  # below it all targets get traffic, unhealthy ones too
        ),
        "target_type": words("ip"),
    },
    "aws_nat_gateway": {"connectivity_type": words("public")},
    "aws_rds_cluster": {
        "allow_major_version_upgrade": OFF,
        "apply_immediately": OFF,
        "ca_certificate_identifier": _CERTIFICATES,
        "cluster_scalability_type": words("standard"),
        "copy_tags_to_snapshot": ON,
        "delete_automated_backups": OFF,
        "deletion_protection": ON,
        "enable_http_endpoint": OFF,
        "enable_local_write_forwarding": OFF,
        "final_snapshot_identifier": Form(r"[A-Za-z](?:-?[A-Za-z0-9])*|\$\{.+"),
        "iam_database_authentication_enabled": ON,
        "network_type": words("IPV4"),
        "serverlessv2_scaling_configuration.min_capacity": Between(0.5, 256),
        "storage_type": words("", "aurora", "aurora-iopt1"),
    },
    "aws_rds_cluster_instance": {
        "apply_immediately": OFF,
        "ca_cert_identifier": _CERTIFICATES,
        "force_destroy": OFF,
        "monitoring_interval": Between(1, 60),
        "performance_insights_enabled": ON,
    },
    "aws_rds_cluster_parameter_group": {"family": Form(r"aurora-mysql8\.\d+")},
    "aws_s3_bucket": {"force_destroy": OFF},
    "aws_s3_account_public_access_block": _BLOCKED,
    "aws_s3_bucket_acl": {"acl": words("private")},
    "aws_s3_bucket_lifecycle_configuration": {
        "rule.expiration.days": Between(365),
        "rule.noncurrent_version_expiration.noncurrent_days": Between(7),
        "rule.transition.storage_class": words(
            "DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "STANDARD_IA"
        ),
    },
    "aws_s3_bucket_notification": {"eventbridge": ON},
    "aws_s3_bucket_ownership_controls": {"rule.object_ownership": words("BucketOwnerEnforced")},
    "aws_s3_bucket_public_access_block": _BLOCKED,
    "aws_s3_bucket_versioning": {"versioning_configuration.status": words("Enabled")},
    "aws_secretsmanager_random_password": {
        "exclude_characters": Form(r"[^A-Za-z0-9]*"),
        "exclude_lowercase": OFF,
        "exclude_numbers": OFF,
        "exclude_uppercase": OFF,
        "password_length": Between(12),  # PCI DSS 4.0.1, 8.3.6
    },
    "aws_secretsmanager_secret_rotation": {
        "rotate_immediately": ON,
        "rotation_rules.duration": Form(r"[1-9]\d?h"),
    },
    "aws_sns_topic": {"fifo_topic": OFF},
    "aws_sqs_queue": {"fifo_queue": OFF, "message_retention_seconds": Between(86_400)},
    "aws_ssm_parameter": {"data_type": words("text")},
    "aws_subnet": {"assign_ipv6_address_on_creation": OFF, "map_public_ip_on_launch": OFF},
    "aws_vpc": {"assign_generated_ipv6_cidr_block": OFF},
    "aws_vpc_endpoint": {"ip_address_type": words("ipv4")},
    "aws_vpc_ipv6_cidr_block_association": {"assign_generated_ipv6_cidr_block": OFF},
    "aws_wafv2_web_acl": {"scope": words("REGIONAL")},
}
# Whose default is none of the accepted values. Sources: `Default` in the API references; ECS API reference,
# EFSVolumeConfiguration; AWS provider 5.100, which keeps no backups of a deleted cluster.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "aws_ecs_task_definition": ("volume.efs_volume_configuration.transit_encryption",),
    "aws_lb": ("access_logs.enabled", "drop_invalid_header_fields", "enable_deletion_protection"),
    "aws_rds_cluster": (
        "copy_tags_to_snapshot", "delete_automated_backups", "deletion_protection",
        "iam_database_authentication_enabled",
    ),
    "aws_rds_cluster_instance": ("monitoring_interval", "performance_insights_enabled"),
    "aws_s3_account_public_access_block": tuple(_BLOCKED),
    "aws_s3_bucket_public_access_block": tuple(_BLOCKED),
}  # fmt: skip
# What Terraform may leave to others: the switch, auto scaling, AWS Backup. By type, or "" for every one.
IGNORED: Mapping[str, frozenset[str]] = {
    "": frozenset({"description"}),
    "aws_appautoscaling_target": frozenset({"max_capacity", "min_capacity"}),
    "aws_ecs_service": frozenset({"desired_count"}),
    "aws_rds_cluster": frozenset({"backup_retention_period", "preferred_backup_window"}),
    "aws_ssm_parameter": frozenset({"insecure_value", "value"}),
}
# CKV_BG_130 judges what a listener ignores.
IGNORED_ELSEWHERE = frozenset({"aws_lb_listener"})

_FLAG = words("OFF", "ON", "false", "true")  # 0 and 1 are false and true
_ON, _OFF = words("ON", "true"), words("OFF", "false")
# Parameter of Aurora MySQL → accepted values; None: a policy of its own judges it.
PARAMETERS: Mapping[str, Accepted | None] = {
    "aurora_enhanced_binlog": _FLAG,
    "autocommit": _ON,
    "binlog_format": None,
    "binlog_group_commit_sync_delay": Between(0, 10_000),
    "binlog_replication_globaldb": _FLAG,
    "binlog_backup": _FLAG,
    "binlog_row_image": words("FULL", "full"),
    "character_set_server": words("utf8mb4"),
    "collation_server": Form(r"utf8mb4_\w+"),
    "enforce_gtid_consistency": None,
    "event_scheduler": words("OFF", "ON"),
    "explicit_defaults_for_timestamp": _ON,
    "foreign_key_checks": _ON,
    "general_log": _OFF,  # it has the values of every statement in it
    "group_concat_max_len": Between(1024, 1_048_576),
    "gtid-mode": None,
    "innodb_flush_log_at_trx_commit": Form("1"),
    "innodb_lock_wait_timeout": Between(1, 600),
    "innodb_print_all_deadlocks": _FLAG,
    "innodb_rollback_on_timeout": _ON,
    "innodb_strict_mode": _ON,
    "interactive_timeout": Between(60, 86_400),
    "join_buffer_size": Between(131_072, 67_108_864),
    "local_infile": _OFF,
    "log_bin_trust_function_creators": _FLAG,
    "lock_wait_timeout": Between(1, 3600),
    "log_output": None,
    "log_queries_not_using_indexes": _FLAG,
    "lower_case_table_names": _OFF,
    "long_query_time": None,
    "max_allowed_packet": Between(1_048_576, 1_073_741_824),
    "max_connections": Between(100, 16_000),
    "max_execution_time": Between(0, 3_600_000),
    "max_user_connections": Between(100, 16_000),
    "net_read_timeout": Between(10, 3600),
    "net_write_timeout": Between(10, 3600),
    "performance_schema": _ON,
    "replica_preserve_commit_order": _ON,
    "replicate-ignore-db": None,
    "replicate-wild-do-table": None,
    "require_secure_transport": None,
    "server_audit_events": None,
    "server_audit_logging": None,
    "slow_query_log": None,
    "sort_buffer_size": Between(32_768, 67_108_864),
    "sql_mode": Form(
        r"(?!.*ALLOW_INVALID_DATES)(?:.*,)?(?:STRICT_ALL_TABLES|STRICT_TRANS_TABLES|TRADITIONAL)(?:,.*)?"
    ),
    "ssl_cipher": Form(
        r"ECDHE-[A-Z]+-AES(?:128|256)-GCM-SHA(?:256|384)(?::ECDHE-[A-Z]+-AES(?:128|256)-GCM-SHA(?:256|384))*"
    ),
    "sync_binlog": Form("1"),
    "table_open_cache": Between(400, 100_000),
    "time_zone": words("UTC"),
    "tls_version": Form(r"TLSv1\.[23](,TLSv1\.[23])*"),
    "unique_checks": _ON,
    "transaction_isolation": words("READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"),
    "wait_timeout": Between(60, 86_400),
}

# Static ones, with apply_method = pending-reboot. Source: Aurora user guide, "Aurora MySQL configuration
# parameters".
AT_START = frozenset({
    "aurora_enhanced_binlog", "binlog_backup", "binlog_format", "binlog_replication_globaldb",
    "enforce_gtid_consistency", "gtid-mode", "replicate-ignore-db", "replicate-wild-do-table", "tls_version",
})  # fmt: skip

# Keys of a container that a policy judges, or that open nothing. ECS API reference, ContainerDefinition.
CONTAINER = frozenset({
    "command", "cpu", "dependsOn", "disableNetworking", "dockerLabels", "entryPoint", "environment",
    "environmentFiles", "essential", "firelensConfiguration", "healthCheck", "image", "interactive",
    "linuxParameters", "logConfiguration", "memory", "memoryReservation", "mountPoints", "name",
    "portMappings", "privileged", "pseudoTerminal", "readonlyRootFilesystem", "restartPolicy", "secrets",
    "startTimeout", "stopTimeout", "ulimits", "user", "versionConsistency", "workingDirectory",
})  # fmt: skip
LINUX = frozenset({"capabilities", "initProcessEnabled"})
LOG_DRIVERS = ("awslogs", "awsfirelens")
LOG_OPTIONS = frozenset({
    "awslogs-datetime-format", "awslogs-group", "awslogs-multiline-pattern", "awslogs-region",
    "awslogs-stream-prefix", "max-buffer-size", "mode",
})  # fmt: skip
# Variables of loaders, runtimes and SDKs: other code, other servers, other certificates. What the loader of
# glibc, the AWS SDKs ("Settings reference"), Python, Node.js and Java read.
RUNTIME = re.compile(
    r"(?:LD|DYLD)_\w+|AWS_(?:CA_BUNDLE|CONFIG_FILE|CONTAINER_\w+|DATA_PATH|ENDPOINT_URL\w*|IGNORE_\w+|PROFILE|"
    r"ROLE_ARN|SHARED_CREDENTIALS_FILE|WEB_IDENTITY_TOKEN_FILE|EC2_METADATA_\w+|ACCESS_KEY_ID|SESSION_TOKEN)|"
    r"BOTO_CONFIG|SSLKEYLOGFILE|(?i:(?:https?|all)_proxy)|PYTHON(?:HOME|STARTUP|INSPECT|BREAKPOINT)|GCONV_PATH|BASH_ENV"
)
# A directory or file of the image: nothing can be written there. Several with colons.
_IN_IMAGE = Form(r"(?:/(?!(?:tmp|var/tmp|dev|run|proc)/)[\w.-]+(?:/(?!\.\./)[\w.-]+)*/?(?::|$))+")
_JAVA = Form(
    r"(?:\s*(?:-X(?:m[nsx]|ss)\d+[kKmMgG]?|-XX:[+-]\w+|-XX:(?!On|Flags|\w*(?:File|Path))\w+=[\w.%]+|"
    r"-D(?:file\.encoding|java\.awt\.headless|user\.timezone|sun\.net\.inetaddr\.ttl)=[\w/+-]+)(?=\s|$))+\s*"
)
# Variables of drivers that turn TLS to the database, or the check of its certificate, off.
TLS = re.compile(r"(?i)(?:\w+_)?(?:SSL|TLS)(?:_?(?:MODE|VERIFY|ENABLED?|REQUIRED?|REJECT_UNAUTHORIZED))?")
NO_TLS = re.compile(r"(?i)disabled?|off|false|no|none|0|preferred|prefer|allow|insecure|skip[-_]verify")
# Variable of a runtime → values that change neither code nor servers nor certificates.
RUNTIME_VALUES: Mapping[str, Accepted] = {
    "CURL_CA_BUNDLE": _IN_IMAGE,
    "JAVA_TOOL_OPTIONS": _JAVA,
    "JDK_JAVA_OPTIONS": _JAVA,
    "NODE_EXTRA_CA_CERTS": _IN_IMAGE,
    "NODE_OPTIONS": Form(
        r"(?:\s*--(?:max-(?:old|semi)-space-size=\d+|enable-source-maps|unhandled-rejections=\w+|no-\w+)(?=\s|$))+\s*"
    ),
    "NODE_PATH": _IN_IMAGE,
    "NODE_TLS_REJECT_UNAUTHORIZED": words("1"),
    "PYTHONHTTPSVERIFY": words("1"),
    "PYTHONPATH": _IN_IMAGE,
    "REQUESTS_CA_BUNDLE": _IN_IMAGE,
    "SSL_CERT_DIR": _IN_IMAGE,
    "SSL_CERT_FILE": _IN_IMAGE,
    "_JAVA_OPTIONS": _JAVA,
}
