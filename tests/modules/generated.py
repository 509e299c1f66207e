"""Configurations drawn at random: shipped ones with some values replaced by others at the edge of a rule.

About a third of them load. Which ones is not said here: either the loader refuses a configuration, with file
and key, or Terraform validates what is made of it.
"""

import copy
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.workspaces import ROOT

Document = dict[str, Any]
SHIPPED: Mapping[str, Document] = {
    name: tomllib.loads((ROOT / "config" / f"{name}.toml").read_text(encoding="utf-8"))
    for name in ("local", "staging")
}
ACCOUNT = "123456789012"
DIGEST = "@sha256:" + 64 * "a"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:"
# Both kinds; most of what loads has one of these names, so that the stacks differ in few resources.
NAMES = (
    "staging",
    "staging",
    "staging",
    "staging",
    "a",
    "a-b",
    "z" * 16,
    "a--b",
    "local-",
    "1a",
    "a" * 17,
    "Ä",
)
HOSTILE = st.sampled_from(
    (
        "",
        " ",
        "${HOST}",
        "$${HOST}",
        "%{if true}",
        "${aws_lb.x.arn}",
        "TfToken[0]",
        "\n",
        "\r",
        "\0",
        "\u202e",
        "é",
    )
) | st.text(max_size=8)


def whole(low: int, high: int) -> st.SearchStrategy[object]:
    """Integers at and beyond the bounds, and what is no integer."""
    inside = st.integers(low, high) | st.sampled_from((low, high))
    return inside | inside | st.sampled_from((low - 1, high + 1, -1, str(low), float(low), True, 10**20))


def text(*chosen: str) -> st.SearchStrategy[object]:
    """Some of the given, some hostile texts."""
    return st.sampled_from(chosen) | st.sampled_from(chosen) | HOSTILE


def several(entries: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists, with repeated entries in some."""
    distinct = st.lists(entries, max_size=4, unique_by=repr)
    return distinct | distinct | st.lists(entries, max_size=3).map(lambda found: found * 2)


def variables(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Tables whose keys are the operator's own."""
    return st.dictionaries(text("LOG_LEVEL", "BANK_KEY", "COLOUR", "AWS_REGION", "a b"), values, max_size=3)


COLOUR: Mapping[str, st.SearchStrategy[object]] = {
    "port": whole(1024, 65535),
    "deregistration_delay_seconds": whole(0, 3600),
    "health_path": text("/health", "/payments/health", "/", "/healthé"),
    "health_matcher": text("200", "200-299", "200,204", "299-200", "404"),
    "slow_start_seconds": whole(30, 900),
    "balancing": text("round_robin", "least_outstanding_requests", "weighted_random"),
    "service.entry_point": several(text("/app/serve", "x" * 9000)),
    "service.command": several(text("--host", "x" * 9000)),
    "service.open_files": whole(1024, 1_048_576),
    "service.environment": variables(text("info", "a b", "é")),
    "service.secrets": variables(
        text(
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:bank-AbCdEf",
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:bank-AbCdEf:key::",
            f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/features",
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/features",
        )
    ),
    "service.scaling_metrics": several(
        st.fixed_dictionaries(
            {
                "name": text("pending", "cpu", "a" * 33),
                "namespace": text("Payments", "AWS/SQS", "x" * 256),
                "metric": text("Pending", "x" * 256),
                "target": st.floats(0.1, 1e9) | st.floats(),
            },
            optional={"statistic": text("Sum", "p99"), "dimensions": variables(text("captures"))},
        )
    ),
    "service.scaling_schedules": several(
        st.fixed_dictionaries(
            {
                "name": text("morning", "sale"),
                "schedule": text("cron(0 6 ? * MON-FRI *)", "at(2027-11-26T00:00:00)", "cron(0 6 * * * *)"),
                "min_tasks": whole(2, 1000),
                "max_tasks": whole(2, 1000),
            },
            optional={"timezone": text("UTC", "Europe/Berlin", "Mars/Olympus")},
        )
    ),
    "service.ephemeral_storage_gib": whole(21, 200),
    "service.containers": several(
        st.fixed_dictionaries(
            {
                "name": text("collector", "log-router", "application"),
                "image": text(
                    f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/collector{DIGEST}", "collector:latest"
                ),
                "cpu": whole(1, 512),
                "memory_mb": whole(6, 1024),
            },
            optional={
                "log_router": st.sampled_from((True, False, "true")),
                "config_file": text("/a.conf"),
                "writable_directories": several(text("/run", "/proc")),
            },
        )
    ),
    "service.file_systems": several(
        st.fixed_dictionaries(
            {
                "file_system": text(f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-01234567"),
                "access_point": text(
                    f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:access-point/fsap-01234567"
                ),
                "path": text("/reports", "/tmp"),  # noqa: S108 - in the container
            }
        )
    ),
    "service.uses": several(
        st.fixed_dictionaries(
            {
                "arn": text(
                    f"arn:aws:sqs:us-east-1:{ACCOUNT}:captures",
                    f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/merchants",
                    "arn:aws:s3:::example-reports",
                )
            },
            optional={"access": text("read", "write", "both")},
        )
    ),
    "service.statements": several(
        st.fixed_dictionaries(
            {
                "name": text("events", "traces"),
                "actions": several(text("events:PutEvents", "xray:PutTraceSegments", "iam:PassRole")),
                "resources": several(text(f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/payments", "*")),
            }
        )
    ),
    "service.image": text(
        *(
            f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{name}{DIGEST}"
            for name in ("payments-staging", "a//b", "a..b", "shop", "a-", "x" * 257)
        )
    ),
    "service.architecture": text("ARM64", "X86_64", "arm64"),
    "service.cpu": st.sampled_from((256, 1024, 4096, 16384, 1000)),
    "service.memory_mb": st.sampled_from((512, 2048, 4096, 8192, 3000)),
    "service.user": text("1:1", "2147483647:1", "2147483648:1", "0:0", "\u0661:\u0661", "9999999999:1"),
    "service.health_command": several(HOSTILE | st.sampled_from(("/app/health", "-v"))),
    "service.writable_directories": several(
        text("/run", "/a/b", "/a-b", "/a.b", "/..", "/proc/x", "/" + "a" * 255)
    ),
    "service.stop_timeout_seconds": whole(2, 120),
    "service.health_check_grace_seconds": whole(0, 3600),
    "service.min_tasks": whole(1, 1000),
    "service.max_tasks": whole(1, 1000),
    "service.cpu_target_percent": whole(10, 90),
    "service.requests_per_target": whole(1, 1_000_000),
    "database.engine_version": text(
        "8.0.mysql_aurora.3.10.3", "8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.\u0660\u0668.\u0662"
    ),
    "database.instance_class": text(
        "db.r6g.large", "db.r7g.16xlarge", "db.serverless", "db.t3.medium", "db.r6g.3xlarge"
    ),
    "database.instance_count": whole(2, 16),
    "database.backup_retention_days": whole(7, 35),
    "database.capacity": st.fixed_dictionaries(
        {
            "min_acu": st.sampled_from((0.5, 2.0, 2.3, 8.0, 256.0)),
            "max_acu": st.sampled_from((4.0, 8.0, 16.5, 256.0, 257.0)),
        }
    ),
    "database.parameters": st.dictionaries(
        text("max_connections", "transaction_isolation", "require_secure_transport"),
        text("2000", "READ-COMMITTED", "OFF"),
        max_size=3,
    ),
    "database.snapshot": text(
        f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-snapshot:before",
        f"arn:aws:rds:us-east-1:{ACCOUNT}:snapshot:x",
    ),
    "database.backup_window": text("02:00-03:00", "23:45-00:15", "02:00-02:10", "2:00-3:00", "02:00-02:00"),
    "database.maintenance_window": text(
        "sun:05:00-sun:06:00",
        "sun:23:45-mon:00:30",
        "sun:05:00-sun:05:10",
        "sun:05:00-mon:06:00",
        "sun:06:00-sun:05:00",
        *(f"{day}:01:00-{day}:01:30" for day in ("mon", "tue", "wed", "thu", "fri")),
    ),
    "database.privileges": several(text("SELECT", "INSERT", "GRANT OPTION")),
}
KEYS: Mapping[str, st.SearchStrategy[object]] = {
    "account_id": text(ACCOUNT, "1234", "\u066123456789012"),
    "region": text("us-east-1", "xx-nowhere-1", "us-gov-west-1", "eu-west-1"),
    "availability_zones": several(text("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1é")),
    "vpc_cidr": text(
        "10.30.0.0/16", "192.168.0.0/20", "172.16.0.0/16", "10.30.0.0/21", "10.30.0.1/16", "8.8.0.0/16"
    ),
    "tags.Environment": text("staging", "a" * 256, "a" * 257, "aws:x", "RDS:x", " a", "a b", "_.:/=+@-"),
    "tags.CostCenter": text("payments", "é", "${x}"),
    "backend.bucket": text(
        "abc", "a.b-c", "a..b", "192.168.5.4", "xn--abc", "abc-s3alias", "x" * 63, "x" * 64, "A-b"
    ),
    "backend.region": text("us-east-1", "eu-west-1", "xx-nowhere-1"),
    "backend.kms_key_id": text(
        "alias/a",
        "alias/aws/s3",
        "alias/",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a",
        "arn:aws:kms:foo",
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-{32 * 'a'}",
    ),
    "backend.type": text("s3", "local", "gcs"),
    "load_balancer.certificate_arn": text(
        f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000001",
        f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/" + 36 * "-",
    ),
    "load_balancer.test_listener_port": whole(1024, 65535),
    "load_balancer.test_listener_cidrs": several(
        text("10.30.0.0/16", "203.0.113.0/24", "198.51.100.7/32", "0.0.0.0/0")
    ),
    "load_balancer.log_retention_days": whole(365, 3650),
    "load_balancer.log_lock_days": whole(0, 3650),
    "iam.deploying_roles": several(text(f"arn:aws:iam::{ACCOUNT}:role/a/b", "arn:aws:iam::1:role/a")),
    "iam.path": text("/", "/payments/", "payments", "/a/b/c/d/e/"),
    "iam.permissions_boundary": text(f"arn:aws:iam::{ACCOUNT}:policy/a", "arn:aws:iam::aws:policy/b", "a"),
    "backup.lock": text("governance", "compliance"),
    "backup.grace_days": whole(3, 36500),
    "backup.copy_to": text(
        f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:copies",
        f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:copies",
        "arn:aws:backup:us-east-1:210987654321:backup-vault:copies",
    ),
    "shared": st.sampled_from((True, False, "true")),
    "functions.reserved_concurrency": whole(0, 100),
    "functions.account_concurrency": whole(10, 1000),
    "audit.trail": st.sampled_from((True, False, "true")),
    "web_firewall.requests_per_address": whole(10, 2_000_000_000),
    "web_firewall.large_bodies": text("block", "count"),
    "web_firewall.anonymous_addresses": text("block", "count", "ignore"),
    "registry.create_repository": st.sampled_from((True, False, "true")),
    "credentials.rotation_days": whole(1, 90),
    "switch.min_healthy_targets": whole(1, 1000),
    "switch.memory_mb": whole(256, 10240),
    "switch.timeout_seconds": whole(60, 900),
    "switch.min_healthy_percent": whole(1, 100),
    "switch.alarm_grace_seconds": whole(0, 3600),
    "switch.verify_seconds": whole(1, 300),
    "switch.windows": several(
        text("mon-fri 22:00-05:00", "sat 00:00-23:59", "mon \u0660\u0660:00-05:00", "mon-fri")
    ),
    "monitoring.action_arns": several(
        text(
            f"{TOPIC}on-call",
            f"{TOPIC}é",
            TOPIC + 256 * "a",
            f"arn:aws:sns:eu-west-1:{ACCOUNT}:on-call",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:page",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a:b:c:d",
        )
    ),
    "monitoring.cpu_percent": whole(1, 99),
    "monitoring.server_error_percent": st.floats() | st.floats(0.1, 100),
    "monitoring.response_time_seconds": st.floats() | st.floats(0.1, 60),
    "monitoring.replica_lag_ms": whole(1, 60_000),
    **{f"colours.{colour}.{key}": values for colour in ("blue", "green") for key, values in COLOUR.items()},
}


@st.composite
def configurations(draw: st.DrawFn) -> tuple[str, Document]:
    """A name, and a document with one to four values replaced."""
    name = draw(st.sampled_from(NAMES))
    document = copy.deepcopy(SHIPPED[draw(st.sampled_from(("staging", "staging", "local")))])
    for colour in document["colours"].values():
        colour["service"]["image"] = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/payments-{name}{DIGEST}"
    for key in draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=4, unique=True)):
        *tables, last = key.split(".")
        table = document
        for part in tables:
            table = table.setdefault(part, {})
        table[last] = draw(KEYS[key])
    return name, document


def toml(document: Document, path: str = "") -> str:
    """The document as a file's text."""
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in document.items() if key not in tables]
    text = "\n".join([f"[{path}]" if path else "", *lines, ""])
    return text + "".join(
        toml(value, f"{path}.{_key(key)}" if path else _key(key)) for key, value in tables.items()
    )


def _key(name: str) -> str:
    """Bare where TOML takes it so, else as a text."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):  # a row of a list, or a table in it
        return "{" + ", ".join(f"{_key(key)} = {_value(row)}" for key, row in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower()
