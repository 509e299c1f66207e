"""The names that a deployment's resources get, each with the rule of its service.

What varies in them is the deployment's own name, and the account in a bucket's. So the longest name that is
made of an attribute stands for all: `GENERATED` has it. `problems` applies the rules before anything is
synthesized.

Sources: the API references of the services, as botocore's models have them (`shape`: service and shape, where
the model says all of it), else the page that `source` names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """What a service allows: a length in characters, a pattern for all of the name, and words for people."""

    service: str
    minimum: int
    maximum: int
    pattern: str
    words: str
    shape: str | None = None
    source: str = "the service's API reference"

    def problem(self, name: str) -> str | None:
        """What is wrong with the name, or None."""
        if len(name) < self.minimum:
            return f"has {len(name)} characters, fewer than {self.minimum}"
        if len(name) > self.maximum:
            return f"has {len(name)} characters, more than {self.maximum}"
        if not re.fullmatch(self.pattern, name, re.ASCII):
            return f"does not match the rule: {self.words}"
        return None


ENDS = "letters, digits and hyphens, none at either end"
SINGLE = "letters, digits and single hyphens, a letter first and no hyphen last"
RDS = r"[A-Za-z](-?[A-Za-z0-9])*"
HYPHENS = r"[A-Za-z0-9_-]+"
WORDS = "letters, digits, hyphens and underscores"

_ALARM = Rule("CloudWatch", 1, 255, r"[ -~]+", "printable ASCII", "cloudwatch.AlarmName")
_ECS = Rule("ECS", 1, 255, HYPHENS, WORDS, source="ECS API reference, CreateCluster, CreateService")
_RDS_IDENTIFIER = Rule("RDS", 1, 63, RDS, SINGLE, source="RDS API reference, CreateDBCluster")
_RDS_NAME = Rule("RDS", 1, 255, RDS, SINGLE, source="RDS API reference, CreateDBParameterGroup")
_SUBNET_GROUP = Rule(
    "RDS", 1, 255, r"[A-Za-z][A-Za-z0-9._ -]*", "a letter first, then letters, digits and . _ - and spaces",
    source="RDS API reference, CreateDBSubnetGroup",
)  # fmt: skip
_BUCKET = Rule(
    "S3", 3, 63, r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", "lower-case letters, digits, dots and hyphens",
    source='S3 user guide, "General purpose bucket naming rules"',
)  # fmt: skip
_LOG_GROUP = Rule("CloudWatch Logs", 1, 512, r"[\.\-_/#A-Za-z0-9]+", f"{WORDS}, / . #", "logs.LogGroupName")
_PARAMETER = Rule(
    "Systems Manager", 1, 900, r"/(?!aws|ssm)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}",
    "up to 15 levels of letters, digits and . _ -, not starting with aws or ssm",
    source="Systems Manager API reference, PutParameter",
)  # fmt: skip
_SECURITY_GROUP = Rule(
    "EC2", 1, 255, r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]+", "letters, digits, spaces and some signs",
    source="EC2 API reference, CreateSecurityGroup",
)  # fmt: skip
_SCALING = Rule(
    "Application Auto Scaling", 1, 256, r"[ -~]+", "printable ASCII", source="PutScalingPolicy"
)  # fmt: skip
_TARGET_GROUP = Rule(
    "Elastic Load Balancing", 1, 32, r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", ENDS,
    source="Elastic Load Balancing API reference, CreateTargetGroup",
)  # fmt: skip
_LOAD_BALANCER = Rule(
    "Elastic Load Balancing", 1, 32, r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", ENDS,
    source="Elastic Load Balancing API reference, CreateLoadBalancer",
)  # fmt: skip
_VAULT = Rule("AWS Backup", 2, 50, r"^[a-zA-Z0-9\-\_]{2,50}$", WORDS, "backup.BackupVaultName")
_SELECTION = Rule(
    "AWS Backup", 1, 50, r"^[a-zA-Z0-9\-\_\.]{1,50}$", f"{WORDS}, dots", "backup.BackupSelectionName"
)
_PLAN = Rule("AWS Backup", 1, 50, HYPHENS, WORDS, source="AWS Backup API reference, BackupPlanInput")
_DASHBOARD = Rule("CloudWatch", 1, 255, HYPHENS, WORDS, source="CloudWatch API reference, PutDashboard")
_EVENT_RULE = Rule("EventBridge", 1, 64, r"[\.\-_A-Za-z0-9]+", f"{WORDS}, dots", "events.RuleName")
_METRIC_FILTER = Rule("CloudWatch Logs", 1, 512, r"[^:*]*", "no colon, no asterisk", "logs.FilterName")
_LOG_POLICY = Rule("CloudWatch Logs", 1, 255, HYPHENS, WORDS, source="PutResourcePolicy")
_TABLE = Rule("DynamoDB", 3, 255, r"[a-zA-Z0-9_.-]+", f"{WORDS}, dots", "dynamodb.TableName")
_REPOSITORY = Rule(
    "ECR", 2, 256, r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
    "lower-case letters and digits, with single separators between them", "ecr.RepositoryName",
)  # fmt: skip
_ROLE = Rule("IAM", 1, 64, r"[\w+=,.@-]+", "letters, digits and + = , . @ _ -", "iam.roleNameType")
_KEY_ALIAS = Rule(
    "KMS", 1, 256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "letters, digits and / _ -",
    source="KMS API reference, CreateAlias",
)  # fmt: skip
_FUNCTION = Rule("Lambda", 1, 64, HYPHENS, WORDS, source="Lambda API reference, CreateFunction")
_SECRET = Rule(
    "Secrets Manager", 1, 512, r"(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]+",
    "letters, digits and / _ + = . @ -, not ending in a hyphen and six characters",
    source="Secrets Manager API reference, CreateSecret",
)  # fmt: skip
_STATE_MACHINE = Rule(
    "Step Functions", 1, 80, HYPHENS, WORDS, source="Step Functions API reference, CreateStateMachine"
)
_TOPIC = Rule("SNS", 1, 256, HYPHENS, WORDS, source="SNS API reference, CreateTopic")
_QUEUE = Rule("SQS", 1, 80, HYPHENS, WORDS, source="SQS API reference, CreateQueue")
_WEB_ACL = Rule("WAF", 1, 128, r"^[\w\-]+$", WORDS, "wafv2.EntityName")

# Terraform's resource type and attribute → rule, and the longest name that the stack makes.
GENERATED: dict[tuple[str, str], tuple[Rule, str]] = {
    ("aws_appautoscaling_policy", "name"): (_SCALING, "{prefix}-green-requests"),
    ("aws_backup_plan", "name"): (_PLAN, "{prefix}-databases"),
    ("aws_backup_selection", "name"): (_SELECTION, "{prefix}-sessions"),
    ("aws_backup_vault", "name"): (_VAULT, "{prefix}"),
    ("aws_cloudwatch_composite_alarm", "alarm_name"): (_ALARM, "{prefix}-green"),
    ("aws_cloudwatch_dashboard", "dashboard_name"): (_DASHBOARD, "{prefix}"),
    ("aws_cloudwatch_event_rule", "name"): (_EVENT_RULE, "{prefix}-green-deployment-failed"),
    ("aws_cloudwatch_log_group", "name"): (
        _LOG_GROUP,
        "/aws/ecs/containerinsights/{prefix}-green/performance",
    ),
    ("aws_cloudwatch_log_metric_filter", "name"): (_METRIC_FILTER, "{prefix}-ledger-health-verified"),
    ("aws_cloudwatch_log_resource_policy", "policy_name"): (_LOG_POLICY, "{prefix}-web-firewall"),
    ("aws_cloudwatch_metric_alarm", "alarm_name"): (_ALARM, "{prefix}-green-rotation-dead-letter-errors"),
    ("aws_db_subnet_group", "name"): (_SUBNET_GROUP, "{prefix}-green"),
    ("aws_dynamodb_table", "name"): (_TABLE, "{prefix}-sessions"),
    ("aws_ecr_repository", "name"): (_REPOSITORY, "{prefix}"),
    ("aws_ecs_cluster", "name"): (_ECS, "{prefix}-green"),
    ("aws_ecs_service", "name"): (_ECS, "{prefix}-green"),
    ("aws_ecs_task_definition", "family"): (_ECS, "{prefix}-green"),
    ("aws_iam_role", "name"): (_ROLE, "{prefix}-database-monitoring"),
    ("aws_kms_alias", "name"): (_KEY_ALIAS, "alias/{prefix}"),
    ("aws_lambda_function", "function_name"): (_FUNCTION, "{prefix}-green-rotation"),
    ("aws_lb", "name"): (_LOAD_BALANCER, "{prefix}"),
    ("aws_lb_target_group", "name"): (_TARGET_GROUP, "{prefix}-green"),
    ("aws_rds_cluster", "cluster_identifier"): (_RDS_IDENTIFIER, "{prefix}-green"),
    ("aws_rds_cluster", "final_snapshot_identifier"): (_RDS_NAME, "{prefix}-green-final"),
    ("aws_rds_cluster_instance", "identifier"): (_RDS_IDENTIFIER, "{prefix}-green-16"),
    ("aws_rds_cluster_parameter_group", "name"): (_RDS_NAME, "{prefix}-green"),
    ("aws_s3_bucket", "bucket"): (_BUCKET, "{prefix}-alb-logs-{account_id}"),
    ("aws_secretsmanager_secret", "name"): (_SECRET, "{prefix}/green/ledger/replication"),
    ("aws_security_group", "name"): (_SECURITY_GROUP, "{prefix}-green-application"),
    ("aws_sfn_state_machine", "name"): (_STATE_MACHINE, "{prefix}-shift"),
    ("aws_sns_topic", "name"): (_TOPIC, "{prefix}-notifications"),
    ("aws_sqs_queue", "name"): (_QUEUE, "{prefix}-green-rotation-dead-letters"),
    ("aws_ssm_parameter", "name"): (_PARAMETER, "/{prefix}/active-environment"),
    ("aws_wafv2_web_acl", "name"): (_WEB_ACL, "{prefix}"),
}


def problems(prefix: str) -> Iterator[str]:
    """A sentence for each name that its service would refuse, whatever the account is."""
    for (type_, attribute), (rule, longest) in GENERATED.items():
        name = longest.format(prefix=prefix, account_id=12 * "0")
        if problem := rule.problem(name):
            yield f"{type_}.{attribute} would be {name}, which {problem} ({rule.service}: {rule.source})"
