"""What moto lacks of the platform's AWS, one module each, with a test that fails once moto has it.

Each has `install(server)`, called on the first request for its service, because moto loads a service then.
"""

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded_aws.access.keys import Keyring
from embedded_aws.authorisation.authority import Authority
from embedded_aws.authorisation.checks import Check
from embedded_aws.clients import Credentials
from iam_evaluation import Caller

# By the name under which moto serves a service; `elb` also answers for `elbv2`.
BY_SERVICE: dict[str, tuple[str, ...]] = {
    "acm": ("certificates",),
    "applicationautoscaling": ("scaling_tags",),
    "backup": ("backup_plans", "backup_settings", "backup_jobs"),
    "cloudwatch": ("metric_distributions", "composite_alarms", "alarm_actions", "alarm_evaluation"),
    "dynamodb": ("table_tags",),
    "ec2": (
        "security_group_rules",
        "endpoint_services",
        "firewall_routes",
        "flow_logs",
        "nat_gateways",
        "zones",
    ),
    "ecr": ("image_layers", "pushed_images"),
    "ecs": ("service_settings", "rollouts"),
    "elb": ("listeners", "target_health"),
    "events": ("event_targets",),
    "iam": ("role_descriptions", "service_linked_roles"),
    "kms": ("key_rotation",),
    "awslambda": ("function_settings", "function_policies", "function_invocation", "account_settings"),
    "networkfirewall": ("network_firewalls",),
    "rds": (
        "database_backups",
        "database_descriptions",
        "database_monitoring",
        "performance_insights",
        "orderable_databases",
        "parameter_groups",
    ),
    "route53resolver": ("name_firewalls",),
    "s3": ("bucket_access", "bucket_notifications"),
    "secretsmanager": ("secret_versions", "secret_rotation"),
    "servicequotas": ("quotas",),
    "sns": ("subscriptions",),
    "sqs": ("queue_policies",),
    "wafv2": ("web_acl_logs",),
    "sts": ("caller_identity",),
    "stepfunctions": ("state_machine_definitions", "execution_logs", "executions"),
}


# Name of a service, image, annotations of its manifest → None: it runs; PENDING; or why its tasks stopped.
Launch = Callable[[str, str, dict[str, str]], str | None]
PENDING = "PENDING"


@dataclass
class Server:
    """What extensions need of the server they run in. `functions_dir`: where functions run; `region`: that
    of its clients.
    """

    endpoint: str
    functions_dir: Path
    keys: Keyring
    authority: Authority
    region: str
    closers: list[Callable[[], None]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)  # by digest: see pushed_images.py
    # Has what stands for the tasks of an ECS service run an image, by its annotations: see rollouts.py.
    launch: "Launch" = lambda _service, _image, _annotations: None
    # Has a backup plan start its jobs, which it answers by their ids: see backup_jobs.py.
    back_up: Callable[[str], list[str]] = lambda _plan: []

    def assume(self, principal: str, role: str, region: str, session: str, source: str = "") -> Credentials:
        """A session of a role for one of AWS's services, such as `lambda.amazonaws.com`.

        `source`: the ARN of what it is for, which the service sends with its account. Raises Denied.
        """
        account = role.split(":")[4]
        context = {"aws:SourceArn": source, "aws:SourceAccount": account} if source else {}
        self.authority.require(Check(Caller.service(principal), "sts:AssumeRole", role, context), session)
        return self.keys.of_role(account, region, role, session)

    def close(self) -> None:
        """End what extensions have started."""
        for close in self.closers:
            close()


def install_for(service: str, server: Server) -> None:
    """Install the extensions of `service`. Called once a service."""
    for name in BY_SERVICE.get(service, ()):
        importlib.import_module(f"{__name__}.{name}").install(server)


def replace(owner: type, name: str, replacement: Callable[..., Any]) -> None:
    """Put `replacement(stock, self, ...)` in the place of the method `owner.name`, which it gets as `stock`.

    Raises KeyError when moto no longer has it: then the extension has to be looked at again.
    """
    stock = vars(owner)[name]

    @functools.wraps(stock)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return replacement(stock, self, *args, **kwargs)

    setattr(owner, name, method)
