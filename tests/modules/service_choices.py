"""What an operator may choose for a service: for each key values that are taken, and values that are refused.

A choice is a set of keys below `colours.<colour>` or of the whole document. Tests combine them at random.
"""

import copy
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cdktf import App

from modules.config import Deployment
from modules.config.loader import load
from modules.stack import BlueGreenStack
from tests.modules.generated import Document, toml
from tests.stack_reader import Stack
from tests.workspaces import ROOT

ACCOUNT = "123456789012"
REGIONAL = f"us-east-1:{ACCOUNT}"
SECRET = f"arn:aws:secretsmanager:{REGIONAL}:secret:bank-AbCdEf"
PARAMETER = f"arn:aws:ssm:{REGIONAL}:parameter/shop/features"
KEY = f"arn:aws:kms:{REGIONAL}:key/00000000-0000-4000-8000-000000000005"
Choice = Mapping[str, Any]

METRIC: Document = {"name": "pending", "namespace": "Payments", "metric": "Pending", "target": 100.0}
SCHEDULE: Document = {
    "name": "morning",
    "schedule": "cron(0 6 ? * MON-FRI *)",
    "timezone": "Europe/Berlin",
    "min_tasks": 6,
    "max_tasks": 60,
}

IMAGE_OF = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{{}}@sha256:" + 64 * "c"
COLLECTOR: Document = {
    "name": "collector",
    "image": IMAGE_OF.format("collector"),
    "cpu": 128,
    "memory_mb": 256,
}
ROUTER: Document = {
    "name": "log-router",
    "image": IMAGE_OF.format("fluent-bit"),
    "cpu": 128,
    "memory_mb": 128,
    "log_router": True,
}
SYSTEM = f"arn:aws:elasticfilesystem:{REGIONAL}:file-system/fs-0123456789abcdef0"
FILES: Document = {
    "file_system": SYSTEM,
    "access_point": f"arn:aws:elasticfilesystem:{REGIONAL}:access-point/fsap-0123456789abcdef0",
    "path": "/reports",
}
QUEUE = f"arn:aws:sqs:{REGIONAL}:captures"
TOPIC = f"arn:aws:sns:{REGIONAL}:settled"
TABLE = f"arn:aws:dynamodb:{REGIONAL}:table/merchants"
SNAPSHOT = f"arn:aws:rds:{REGIONAL}:cluster-snapshot:payments-staging-blue-final"
BUCKET = "arn:aws:s3:::example-reports"
BUS = f"arn:aws:events:{REGIONAL}:event-bus/payments"
PUT: Document = {"name": "events", "actions": ["events:PutEvents"], "resources": [BUS]}
TRACE: Document = {"name": "traces", "actions": ["xray:PutTraceSegments"], "resources": ["*"]}


def using(arn: str, **keys: Any) -> list[Document]:
    return [{"arn": arn, **keys}]


def saying(*actions: str, on: str) -> list[Document]:
    return [PUT | {"actions": list(actions), "resources": [on]}]


# Key → a value that is taken, below colours.<colour>.
TAKEN: Mapping[str, Any] = {
    "health_path": "/payments/health/ready",
    "health_matcher": "200-204",
    "slow_start_seconds": 60,
    "balancing": "weighted_random",
    "service.entry_point": ["/app/serve"],
    "service.command": ["--host", "${HOST}"],
    "service.open_files": 262144,
    "service.environment": {"LOG_LEVEL": "info", "GREETING": "100 %{d} ${x}"},
    "service.secrets": {"BANK_KEY": f"{SECRET}:key::", "FEATURES": PARAMETER},
    "service.secret_keys": [KEY],
    "service.scaling_metrics": [
        METRIC,
        METRIC | {"name": "lag", "statistic": "Maximum", "dimensions": {"Queue": "captures"}},
    ],
    "service.scaling_schedules": [
        SCHEDULE,
        SCHEDULE | {"name": "sale", "schedule": "at(2027-11-26T00:00:00)", "min_tasks": 30},
    ],
    "service.containers": [
        ROUTER,
        COLLECTOR
        | {
            "essential": True,
            "user": "1000:1000",
            "command": ["--quiet"],
            "writable_directories": ["/tmp"],  # noqa: S108 - in the container
            "environment": {"SAMPLING": "0.1"},
            "secrets": {"VENDOR_KEY": SECRET},
        },
    ],
    "service.ephemeral_storage_gib": 50,
    "service.file_systems": [FILES, FILES | {"path": "/batches", "read_only": False}],
    "service.uses": [
        *using(QUEUE, key=KEY),
        *using(TOPIC, access="write"),
        *using(TABLE, access="read"),
        *using(BUCKET, key=KEY),
    ],
    "database.instance_class": "db.serverless",
    "database.capacity": {"min_acu": 2.0, "max_acu": 32.5},
    "database.parameters": {"transaction_isolation": "READ-COMMITTED", "max_connections": "2500"},
    "database.snapshot": SNAPSHOT,
    "service.statements": [
        PUT,
        {
            "name": "find-from-inside",
            "actions": ["sqs:GetQueueUrl"],
            "resources": [QUEUE],
            "conditions": {
                "Bool": {"aws:SecureTransport": ["true"]},
                "StringEquals": {"aws:SourceVpc": ["vpc-0123456789abcdef0"]},
            },
        },
        TRACE,
        PUT | {"name": "delete-reports", "actions": ["s3:DeleteObject"], "resources": [f"{BUCKET}/*"]},
    ],
}
# (key, value, what is said of it). The key as the message has it, where that is not the one that was set.
REFUSED: tuple[tuple[str, Any, str], ...] = (
    ("health_path", "/", "not of the allowed form"),
    ("health_path", "/shop", "no segment begins with health"),
    ("health_path", "/health?deep=1", "not of the allowed form"),
    ("health_matcher", "404", "not of the allowed form"),
    ("health_matcher", "204-200", "204-200 is no range"),
    ("slow_start_seconds", 10, "neither 0 nor from 30 to 900"),
    ("slow_start_seconds", 901, "less than or equal to 900"),
    ("balancing", "random", "Input should be"),
    ("service.entry_point", [""], "at least 1 character"),
    ("service.command", ["x" * 20_000], "longer than 16384 bytes"),
    ("service.open_files", 100, "greater than or equal to 1024"),
    ("service.environment", {"COLOUR": "red"}, "COLOUR is set by the platform"),
    ("service.environment", {"AWS_REGION": "x"}, "AWS_REGION is set by the platform or by AWS"),
    ("service.environment", {"BANK_PASSWORD": "x"}, "BANK_PASSWORD names a secret"),
    ("service.environment", {"TOKEN_CACHE": "x"}, "TOKEN_CACHE names a secret"),
    ("service.environment", {"STRIPE_SK": "x"}, "STRIPE_SK names a secret"),
    ("service.environment", {"lower": "x"}, "not of the allowed form"),
    ("service.environment", {"EMPTY": ""}, "at least 1 character"),
    ("service.environment", {"TOKENS": "TfToken[1]"}, "marks its own values"),
    ("service.secrets", {"BANK_KEY": "correct horse"}, "not of the allowed form"),
    ("service.secrets", {"BANK_KEY": f"{SECRET}:key:AWSCURRENT:0"}, "both a version stage and a version id"),
    ("service.secrets", {"DATABASE_HOST": SECRET}, "DATABASE_HOST is set by the platform"),
    ("service.secrets", {"BANK_KEY": SECRET.replace(ACCOUNT, "210987654321")}, "is not of account_id"),
    ("service.secrets", {"BANK_KEY": SECRET.replace("us-east-1", "eu-west-1")}, "and region us-east-1"),
    (
        "service.secrets",
        {"OTHER": f"arn:aws:secretsmanager:{REGIONAL}:secret:payments-staging/green/database-AbCdEf"},
        "belongs to a deployment",
    ),
    (
        "service.secrets",
        {"ACTIVE": f"arn:aws:ssm:{REGIONAL}:parameter/payments-staging/active-environment"},
        "belongs to a deployment",
    ),
    ("service.secret_keys", [f"arn:aws:kms:{REGIONAL}:alias/aws/ssm"], "not of the allowed form"),
    ("service.secret_keys", [KEY.replace(ACCOUNT, "210987654321")], "is not of account_id"),
    ("service.secret_keys", [KEY, KEY], "is listed more than once"),
    ("service.scaling_metrics", [METRIC | {"name": "cpu"}], "cpu is a policy that each colour has anyway"),
    ("service.scaling_metrics", [METRIC, METRIC], "pending names several rows"),
    ("service.scaling_metrics", [METRIC | {"target": 0}], "greater than 0"),
    ("service.scaling_metrics", [METRIC | {"statistic": "p99"}], "Input should be"),
    ("service.scaling_metrics", [METRIC | {"dimensions": {"a b": "x"}}], "not of the allowed form"),
    ("service.scaling_schedules", [SCHEDULE | {"schedule": "cron(0 6 * * * *)"}], "exactly one has to be ?"),
    ("service.scaling_schedules", [SCHEDULE | {"schedule": "rate(1 hour)"}], "not of the allowed form"),
    ("service.scaling_schedules", [SCHEDULE | {"timezone": "Mars/Olympus"}], "is no time zone"),
    ("service.scaling_schedules", [SCHEDULE | {"max_tasks": 5}], "less than min_tasks = 6"),
    ("service.scaling_schedules", [SCHEDULE | {"min_tasks": 1}], "may shrink to min_tasks = 1"),
    ("service.containers", [COLLECTOR | {"cpu": 1024}], "they take cpu = 1024 of the task's 1024"),
    (
        "service.containers",
        [COLLECTOR | {"memory_mb": 2048}],
        "they take memory_mb = 2048 of the task's 2048",
    ),
    ("service.containers", [ROUTER, ROUTER | {"name": "second"}], "a task has one log router"),
    ("service.containers", [COLLECTOR, COLLECTOR], "collector names several rows"),
    ("service.containers", [COLLECTOR | {"name": "application"}], "is the service's own container"),
    ("service.containers", [COLLECTOR | {"user": "0:0"}], "not of the allowed form"),
    ("service.containers", [COLLECTOR | {"config_file": "/x.conf"}], "is for a log router"),
    ("service.containers", [COLLECTOR | {"image": "fluent-bit:latest"}], "not of the allowed form"),
    (
        "service.containers",
        [COLLECTOR | {"image": COLLECTOR["image"].replace(ACCOUNT, "210987654321")}],
        "the image of collector is of account_id 210987654321",
    ),
    ("service.containers", [COLLECTOR | {"environment": {"VENDOR_TOKEN": "x"}}], "names a secret"),
    ("service.ephemeral_storage_gib", 20, "greater than or equal to 21"),
    ("service.file_systems", [FILES, FILES | {"read_only": False}], "reports is mounted more than once"),
    ("service.file_systems", [FILES | {"path": "/proc/x"}], "belongs to the kernel"),
    ("service.file_systems", [FILES | {"path": "/tmp"}], "tmp is mounted more than once"),  # noqa: S108
    (
        "service.file_systems",
        [FILES | {"file_system": SYSTEM.replace(ACCOUNT, "210987654321")}],
        "is not of account_id",
    ),
    ("service.uses", using(TOPIC), 'is a topic: set access = "write"'),
    ("service.uses", using(f"arn:aws:kinesis:{REGIONAL}:stream/x"), "not of the allowed form"),
    ("service.uses", using(f"{QUEUE}*"), "not of the allowed form"),
    ("service.uses", using(QUEUE.replace(ACCOUNT, "210987654321")), "is not of account_id"),
    ("service.uses", using(QUEUE, key=KEY.replace("us-east-1", "eu-west-1")), "is not of account_id"),
    (
        "service.uses",
        using(f"arn:aws:dynamodb:{REGIONAL}:table/payments-staging-control"),
        "belongs to this deployment",
    ),
    (
        "service.uses",
        using(f"arn:aws:s3:::payments-staging-alb-logs-{ACCOUNT}"),
        "belongs to this deployment",
    ),
    ("service.statements", saying("events:*", on=BUS), "events:* has a wildcard"),
    ("service.statements", saying("iam:PassRole", on=BUS), "is of a service that no statement may name"),
    ("service.statements", saying("kms:Decrypt", on=KEY), "is of a service that no statement may name"),
    (
        "service.statements",
        saying("elasticloadbalancing:ModifyListener", on=BUS),
        "is of a service that no statement may name",
    ),
    ("service.statements", saying("events:PutEvent", on=BUS), "events:PutEvents"),
    ("service.statements", saying("sqs:AddPermission", on=QUEUE), "changes who has access"),
    ("service.statements", saying("events:PutEvents", on="*"), "takes a resource: name its ARN"),
    ("service.statements", saying("xray:PutTraceSegments", on=BUS), "takes no resource"),
    ("service.statements", saying("events:PutEvents", on=QUEUE), "applies to none of the resources"),
    ("service.statements", saying("sqs:SendMessage", on=QUEUE.replace(ACCOUNT, "210987654321")), "is not of"),
    (
        "service.statements",
        saying("dynamodb:PutItem", on=f"arn:aws:dynamodb:{REGIONAL}:table/pay*"),
        "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/payments-staging-control",
    ),
    (
        "service.statements",
        saying(
            "ssm:PutParameter", on=f"arn:aws:ssm:{REGIONAL}:parameter/payments-staging/active-environment"
        ),
        "belongs to this deployment",
    ),
    (
        "service.statements",
        saying("secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{REGIONAL}:secret:*"),
        "secretsmanager:GetSecretValue on",
    ),
    *(
        (
            "service.statements",
            saying(
                "secretsmanager:GetSecretValue",
                on=f"arn:aws:secretsmanager:{REGIONAL}:secret:payments-staging/blue/{own}-AbCdEf",
            ),
            "belongs to this deployment",
        )
        for own in ("administrator", "ledger/mover")
    ),
    ("service.statements", [PUT, PUT], "events names several rows"),
    *(
        ("service.statements", [PUT | {"conditions": conditions}], problem)
        for conditions, problem in (
            ({"StringEqual": {"events:source": ["x"]}}, "did you mean StringEquals or"),
            ({"stringEquals": {"events:source": ["x"]}}, "not of the allowed form"),
            ({"Bool": {"aws:SecureTransport": ["yes"]}}, 'is neither "true" nor "false"'),
            ({"StringEquals": {"sns:Protocol": ["https"]}}, "is no condition key of events:PutEvents"),
            ({"StringEquals": {"aws:Nothing": ["x"]}}, "is no condition key of events:PutEvents"),
            ({"StringEquals": {"aws:ResourceAccount": ["210987654321"]}}, "is set by the platform"),
            ({"ForAnyValue:StringEquals": {"aws:SourceVpc": ["x"]}}, "has one value: use StringEquals"),
            ({"StringEquals": {}}, "at least 1 item"),
        )
    ),
    (
        "service.statements",
        [
            {
                "name": "items",
                "actions": ["dynamodb:PutItem"],
                "resources": [TABLE],
                "conditions": {"StringEquals": {"dynamodb:LeadingKeys": ["x"]}},
            }
        ],
        "has several values: use ForAllValues: or ForAnyValue:",
    ),
    ("database.instance_class", "db.t4g.medium", "not of the allowed form"),
    ("database.instance_class", "db.serverless", "db.serverless needs capacity"),
    ("database.capacity", {"min_acu": 2.0, "max_acu": 16.0}, "is for db.serverless, not for db.r6g.large"),
    ("database.capacity", {"min_acu": 0.5, "max_acu": 16.0}, "greater than or equal to 2"),
    ("database.capacity", {"min_acu": 2.0, "max_acu": 4.0}, "greater than or equal to 8"),
    ("database.capacity", {"min_acu": 2.3, "max_acu": 16.0}, "multiple of 0.5"),
    ("database.capacity", {"min_acu": 16.0, "max_acu": 8.0}, "max_acu = 8 is less than min_acu = 16"),
    ("database.parameters", {"require_secure_transport": "OFF"}, "require_secure_transport is none of"),
    ("database.parameters", {"max_connections": "5"}, "max_connections = 5 is not 100 to 16000"),
    ("database.parameters", {"max_connections": "many"}, "max_connections = many is not 100 to 16000"),
    ("database.parameters", {"transaction_isolation": "READ-UNCOMMITTED"}, "is not READ-COMMITTED or"),
    ("database.parameters", {"max_allowed_packet": "1048577"}, "in steps of 1024"),
    ("database.snapshot", f"arn:aws:rds:{REGIONAL}:snapshot:x", "not of the allowed form"),
    ("database.snapshot", SNAPSHOT.replace(ACCOUNT, "210987654321"), "is not of account_id"),
    ("database.snapshot", SNAPSHOT.replace("us-east-1", "eu-west-1"), "and region us-east-1"),
)


def document(*choices: Choice, colours: Iterable[str] = ("blue", "green"), base: str = "staging") -> Document:
    """A shipped configuration with the keys of the choices set for these colours.

    A key that begins with / is one of the whole document.
    """
    shipped = tomllib.loads((ROOT / "config" / f"{base}.toml").read_text(encoding="utf-8"))
    for choice in choices:
        for key, value in choice.items():
            for table in [shipped] if key[0] == "/" else [shipped["colours"][name] for name in colours]:
                _set(table, key.lstrip("/"), copy.deepcopy(value))
    return shipped


def _set(table: Document, key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for name in parents:
        table = table.setdefault(name, {})
    table[last] = value


def loaded(directory: Path, content: Document, name: str = "staging") -> Deployment:
    """The deployment called `name`. Raises ConfigurationError."""
    directory.mkdir(exist_ok=True)
    text = toml(content).replace("/payments-staging@", f"/payments-{name}@")
    (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    (found,) = load(directory, name)
    return found


def synthesized(directory: Path, *deployments: Deployment) -> Mapping[str, Stack]:
    """The stack of each deployment by its name, written to `directory`/cdktf.out as `make synth` does."""
    out = directory / "cdktf.out"
    out.mkdir()
    app = App(outdir=str(out))
    for deployment in deployments:
        BlueGreenStack(app, deployment)
    app.synth()
    return {
        each.name: Stack(json.loads((out / "stacks" / each.name / "cdk.tf.json").read_text(encoding="utf-8")))
        for each in deployments
    }
