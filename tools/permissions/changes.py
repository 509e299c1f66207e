"""What the recording changes of the deployment `local`: every key that an apply can change, once."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DIGEST = "f" * 64
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
# Key, with `*` for both colours → another value.
CHANGES: Mapping[str, Any] = {
    "tags.CostCenter": "payments-2",
    "tags.Environment": "local-2",
    "tags.MigrationPhase": "cutover",
    "load_balancer.certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/"
    "00000000-0000-4000-8000-000000000002",
    "load_balancer.log_retention_days": 400,
    "load_balancer.test_listener_cidrs": ["198.51.100.0/24"],
    "load_balancer.test_listener_port": 9443,
    "web_firewall.anonymous_addresses": "block",
    "web_firewall.large_bodies": "count",
    "web_firewall.requests_per_address": 1000,
    "registry.enhanced_scanning": True,
    "colours.*.deregistration_delay_seconds": 60,
    "colours.*.balancing": "least_outstanding_requests",
    "colours.*.health_matcher": "200,204",
    "colours.*.health_path": "/payments/health",
    "colours.*.service.command": ["--workers", "4"],
    "colours.*.service.containers": [
        {"name": "collector", "image": f"{REGISTRY}/collector@sha256:{DIGEST}", "cpu": 128, "memory_mb": 256}
    ],
    "colours.*.service.entry_point": ["/app/serve"],
    "colours.*.service.environment": {"LOG_LEVEL": "info"},
    "colours.*.service.ephemeral_storage_gib": 50,
    "colours.*.service.open_files": 262144,
    "colours.*.service.scaling_metrics": [
        {"name": "pending", "namespace": "Payments", "metric": "PendingPerTask", "target": 100.0}
    ],
    "colours.*.service.scaling_schedules": [
        {"name": "morning", "schedule": "cron(0 6 ? * MON-FRI *)", "min_tasks": 2, "max_tasks": 4}
    ],
    "colours.*.service.secrets": {
        "BANK_KEY": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bank-AbCdEf"
    },
    "colours.*.service.secret_keys": [
        "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000005"
    ],
    "colours.*.service.statements": [
        {
            "name": "events",
            "actions": ["events:PutEvents"],
            "resources": ["arn:aws:events:us-east-1:123456789012:event-bus/payments"],
        }
    ],
    "colours.*.service.uses": [{"arn": "arn:aws:sqs:us-east-1:123456789012:captures", "access": "write"}],
    "colours.*.database.backup_retention_days": 8,
    "colours.*.database.engine_version": "8.0.mysql_aurora.3.10.4",
    "colours.*.database.instance_class": "db.r6g.xlarge",
    "colours.*.database.instance_count": 3,
    "colours.*.database.parameters": {"max_connections": "2000"},
    "colours.*.database.privileges": ["SELECT", "INSERT"],
    "colours.*.service.cpu": 512,
    "colours.*.service.cpu_target_percent": 50,
    "colours.*.service.health_check_grace_seconds": 90,
    "colours.*.service.health_command": ["/app/health", "-v"],
    "colours.*.service.max_tasks": 4,
    "colours.*.service.memory_mb": 1024,
    "colours.*.service.min_tasks": 2,
    "colours.*.service.requests_per_target": 2000,
    "colours.*.service.stop_timeout_seconds": 40,
    "colours.*.service.user": "10002:10002",
    "colours.*.service.writable_directories": ["/tmp", "/run"],  # noqa: S108 - of a task
    "colours.*.service.architecture": "X86_64",
    "colours.blue.database.backup_window": "04:00-05:00",
    "colours.blue.database.maintenance_window": "mon:05:00-mon:06:00",
    "colours.green.service.image": f"{REGISTRY}/payments-local@sha256:{DIGEST}",
    "credentials.rotation_days": 20,
    "ledger.binlog_retention_hours": 48,
    "ledger.enhanced_binlog": False,
    "ledger.lag_seconds": 4,
    "ledger.rotation_days": 20,
    "switch.alarm_grace_seconds": 200,
    "switch.hold_seconds": 900,
    "switch.memory_mb": 512,
    "switch.min_healthy_percent": 60,
    "switch.min_healthy_targets": 2,
    "switch.timeout_seconds": 90,
    "switch.verify_seconds": 5,
    "switch.windows": ["mon-sun 00:00-23:59"],
    "monitoring.action_arns": ["arn:aws:sns:us-east-1:123456789012:on-call"],
    "monitoring.blocked_percent": 20,
    "monitoring.commit_latency_ms": 60,
    "monitoring.connections_percent": 70,
    "monitoring.cpu_percent": 70,
    "monitoring.freeable_memory_percent": 6,
    "monitoring.replica_lag_ms": 2000,
    "monitoring.response_time_seconds": 2.0,
    "monitoring.select_latency_ms": 200,
    "monitoring.server_error_percent": 2.0,
    "monitoring.service_memory_percent": 80,
    "backup.copy_to": "arn:aws:backup:us-west-2:123456789012:backup-vault:copies",
    "network.egress": [
        {"domain": "api.acquirer.example", "reason": "acquirer"},
        {"cidr": "203.0.113.0/24", "port": 8443, "reason": "acquirer"},
    ],
    "network.firewall": True,
    "functions.account_concurrency": 900,
    "functions.reserved_concurrency": 6,
    "functions.unreserved_concurrency": 110,
    "audit.trail": True,
}
# Key → why no apply of one deployment changes it.
LEFT: Mapping[str, str] = {
    "colours.*.service.file_systems": "the life of a deployment that is shared begins with one",
    "colours.*.slow_start_seconds": "not together with balancing, which is changed: the same call",
    "ledger.replicate": "false destroys what replicates: destruction is recorded",
    "colours.*.port": "replaces the target group, which the listener has until a switch",
    "colours.*.database.capacity.min_acu": "ModifyDBCluster, which is recorded; needs db.serverless",
    "colours.*.database.capacity.max_acu": "as min_acu",
    "colours.*.database.snapshot": "at creation only, RestoreDBClusterFromSnapshot: by an administrator",
    "shared": "replaces a cluster: a deployment with it has a life of its own in the recording",
    "account_id": "another account is another deployment",
    "region": "another region is another deployment",
    "availability_zones": "replaces subnets: creation and destruction are recorded",
    "vpc_cidr": "replaces the network: creation and destruction are recorded",
    "backend.type": "Terraform moves the state",
    "backend.bucket": "Terraform moves the state",
    "backend.region": "Terraform moves the state",
    "backend.kms_key_id": "Terraform moves the state",
    "registry.create_repository": "false: a repository is destroyed, which is recorded",
    "load_balancer.log_lock_days": "S3 takes a lock at creation only: the bucket is replaced",
    "backup.lock": "compliance can't be lifted: the vault could not be destroyed",
    "backup.grace_days": "as backup.lock",
    "iam.deploying_roles": "names the recording's role: changes documents, whose calls are recorded",
    "iam.permissions_boundary": "the account administrator changes it",
    "iam.path": "replaces every role: creation and destruction are recorded",
}
# Of LEFT, what a deployment can begin with: tests/e2e/test_own_configuration.py walks with it.
CREATED: Mapping[str, Any] = {
    "colours.*.port": 9444,
    "colours.green.balancing": "round_robin",
    "colours.green.slow_start_seconds": 60,
    "colours.green.database.instance_class": "db.serverless",
    "colours.green.database.capacity.min_acu": 2.0,
    "colours.green.database.capacity.max_acu": 16.0,
    "vpc_cidr": "10.40.0.0/16",
    "load_balancer.log_lock_days": 30,
    "backup.lock": "compliance",
    "backup.grace_days": 14,
    "registry.create_repository": False,
    "iam.deploying_roles": ["arn:aws:iam::123456789012:role/deployers/payments-local-apply"],
}
# Key → why the walk can't have it.
NOT_WALKED: Mapping[str, str] = {
    "colours.*.database.snapshot": "an administrator creates from it: no role that applies may",
    "account_id": "the embedded AWS has one account",
    "backend.type": "a deployment on the laptop is one with a local state",
    "backend.bucket": "as backend.type",
    "backend.region": "as backend.type",
    "backend.kms_key_id": "as backend.type",
}


def changed(text: str) -> dict[str, Any]:
    """A configuration with every value of CHANGES."""
    return with_values(tomllib.loads(text), CHANGES)


def with_values(document: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, with each value at its key."""
    for key, value in values.items():
        for colour in ("blue", "green") if "*" in key else ("",):
            *tables, last = key.replace("*", colour).split(".")
            table = document
            for name in tables:
                table = table.setdefault(name, {})
            table[last] = value
    return document
