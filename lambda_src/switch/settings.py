"""The function's environment, typed. `REQUIRED_VARIABLES` is all that the infrastructure has to supply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..common.errors import Problem, listed
from ..common.settings import SECRET, Variable, matching, number, read
from ..contract.errors import ConfigurationError
from ..contract.images import REPOSITORY
from ..contract.ledger import NO_LEDGER
from ..contract.limits import DAY
from ..contract.values import FULL, Colour
from .window import Window, parse_windows

NO_RULES = "none"
_ARN = r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"


def _names(text: str) -> tuple[str, ...] | None:
    names = tuple(text.split(","))
    return names if all(re.fullmatch(_IDENTIFIER, name) for name in names) else None


def _rules(text: str) -> Mapping[str, str] | None:
    """`none`, or rules with their fingerprints (rules.py): `ARN=SHA-256,…`."""
    found = dict(part.rpartition("=")[::2] for part in text.split(",") if text != NO_RULES)
    rule = _ARN + r"listener-rule/app/\S+"
    known = all(re.fullmatch(rule, arn) and re.fullmatch("[0-9a-f]{64}", sha) for arn, sha in found.items())
    return found if known else None


_LISTENER = matching(_ARN + r"listener/app/\S+", "the ARN of a listener of an application load balancer")
_TARGET_GROUP = matching(_ARN + r"targetgroup/\S+", "the ARN of a target group")
_PARAMETER = matching(
    r"[A-Za-z0-9_./-]{1,1011}", "an SSM parameter's name, e.g. /payments/active-environment"
)
_IDENTIFIER = r"[A-Za-z][A-Za-z0-9-]{0,62}"
_ALARM = matching(r"\S.{0,254}", "the name of a composite alarm")
_CLUSTER = matching(_IDENTIFIER, "the identifier of a database cluster")
_INSTANCES = (_names, "identifiers of the cluster's instances, separated by commas")
_SERVICE = matching(
    r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:service/[\w-]{1,255}/[\w-]{1,255}", "the ARN of an ECS service"
)
_REPOSITORY = matching(REPOSITORY, "a repository of ECR, REGISTRY/NAME")
_STATE_MACHINE = matching(
    r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[A-Za-z0-9_-]{1,80}",
    "the ARN of a state machine",
)

# The field of Settings has the same name in lower case.
_VARIABLES: Mapping[str, Variable] = {
    "LISTENER_ARN": _LISTENER,
    "TEST_LISTENER_ARN": _LISTENER,
    "REDIRECT_LISTENER_ARN": _LISTENER,
    "DECLARED_RULES": (_rules, "none, or ARN=SHA-256 of each declared rule, separated by commas"),
    "BLUE_TG_ARN": _TARGET_GROUP,
    "GREEN_TG_ARN": _TARGET_GROUP,
    "SSM_PARAM_NAME": _PARAMETER,
    "STATUS_PARAM_NAME": _PARAMETER,
    "LEDGER_PARAM_NAME": _PARAMETER,
    "CONTROL_TABLE": matching(r"[A-Za-z0-9_.-]{3,255}", "the name of a DynamoDB table"),
    "TOPIC_ARN": matching(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:\S+", "the ARN of an SNS topic"),
    "STATE_MACHINE_ARN": _STATE_MACHINE,
    "BLUE_ALARM": _ALARM,
    "GREEN_ALARM": _ALARM,
    "BLUE_CLUSTER": _CLUSTER,
    "GREEN_CLUSTER": _CLUSTER,
    "BLUE_INSTANCES": _INSTANCES,
    "GREEN_INSTANCES": _INSTANCES,
    "BLUE_SECRET_ARN": SECRET,
    "GREEN_SECRET_ARN": SECRET,
    "BLUE_SERVICE_ARN": _SERVICE,
    "GREEN_SERVICE_ARN": _SERVICE,
    "BLUE_IMAGE_PARAM": _PARAMETER,
    "GREEN_IMAGE_PARAM": _PARAMETER,
    "BLUE_REPOSITORY": _REPOSITORY,
    "GREEN_REPOSITORY": _REPOSITORY,
    "MIN_HEALTHY_TARGETS": number(1, 9999),
    "MIN_HEALTHY_PERCENT": number(1, FULL),
    "ALARM_GRACE_SECONDS": number(0, 3600),
    "VERIFY_SECONDS": number(1, 300),
    "HOLD_SECONDS": number(60, DAY),
    "WINDOWS": (parse_windows, 'always, or UTC windows such as "mon-fri 22:00-05:00", separated by commas'),
}
REQUIRED_VARIABLES = frozenset(_VARIABLES)

# One cluster for both colours has the same instances for both.
_CLUSTERS = ("BLUE_CLUSTER", "GREEN_CLUSTER")
# Two names for one thing would make the switch undo its own work.
_DISTINCT = (
    ("LISTENER_ARN", "TEST_LISTENER_ARN"),
    ("LISTENER_ARN", "REDIRECT_LISTENER_ARN"),
    ("TEST_LISTENER_ARN", "REDIRECT_LISTENER_ARN"),
    ("BLUE_TG_ARN", "GREEN_TG_ARN"),
    ("SSM_PARAM_NAME", "STATUS_PARAM_NAME"),
    ("BLUE_ALARM", "GREEN_ALARM"),
    _CLUSTERS,
    ("BLUE_SECRET_ARN", "GREEN_SECRET_ARN"),
    ("BLUE_SERVICE_ARN", "GREEN_SERVICE_ARN"),
    ("BLUE_IMAGE_PARAM", "GREEN_IMAGE_PARAM"),
)


@dataclass(frozen=True)
class ColourSettings:
    """The parts of one colour that its gates look at."""

    target_group_arn: str
    alarm: str  # the name of its composite alarm
    cluster: str
    instances: tuple[str, ...]
    secret_arn: str
    service_arn: str  # of ECS
    image_param: str  # records the image that it runs
    repository: str  # whose images are deployed to it


@dataclass(frozen=True)
class Settings:
    listener_arn: str  # production
    test_listener_arn: str  # reaches the colour that is not active
    redirect_listener_arn: str  # sends plain HTTP to HTTPS
    declared_rules: Mapping[str, str]  # ARN → fingerprint of each rule of a listener that Terraform made
    blue_tg_arn: str
    green_tg_arn: str
    ssm_param_name: str  # records the active environment (R07)
    status_param_name: str  # records the migration, a JSON document
    ledger_param_name: str  # records the ledger's writer; `none` without a ledger
    control_table: str  # lock, freeze, workflow, history
    topic_arn: str
    state_machine_arn: str  # watches a held share
    blue_alarm: str
    green_alarm: str
    blue_cluster: str
    green_cluster: str
    blue_instances: tuple[str, ...]
    green_instances: tuple[str, ...]
    blue_secret_arn: str
    green_secret_arn: str
    blue_service_arn: str
    green_service_arn: str
    blue_image_param: str
    green_image_param: str
    blue_repository: str
    green_repository: str
    min_healthy_targets: int  # below it, a colour gains no traffic
    min_healthy_percent: int  # of its registered targets
    alarm_grace_seconds: int  # how long an alarm may be without data
    verify_seconds: int  # how often a step is looked at while it bakes or waits, or a share is held
    hold_seconds: int  # how long a share stands where the operator doesn't say
    windows: tuple[Window, ...]  # when traffic may move; always where there is none

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read `REQUIRED_VARIABLES`; raises ConfigurationError that names every problem at once."""
        shared = environment.get("BLUE_INSTANCES") == environment.get("GREEN_INSTANCES")
        distinct = [pair for pair in _DISTINCT if pair != _CLUSTERS or not shared]
        values, problems = read(environment, _VARIABLES, distinct)
        if problems:
            raise _refusal(problems)
        return cls(**values)

    @property
    def has_ledger(self) -> bool:
        """Whether the two databases are one ledger, which can move."""
        return self.ledger_param_name != NO_LEDGER

    def of(self, colour: Colour) -> ColourSettings:
        """What belongs to `colour`."""
        return ColourSettings(
            target_group_arn=getattr(self, f"{colour}_tg_arn"),
            alarm=getattr(self, f"{colour}_alarm"),
            cluster=getattr(self, f"{colour}_cluster"),
            instances=getattr(self, f"{colour}_instances"),
            secret_arn=getattr(self, f"{colour}_secret_arn"),
            service_arn=getattr(self, f"{colour}_service_arn"),
            image_param=getattr(self, f"{colour}_image_param"),
            repository=getattr(self, f"{colour}_repository"),
        )


def _refusal(problems: list[Problem]) -> ConfigurationError:
    return ConfigurationError(
        what=listed(problems),
        where="environment of the switch function",
        cause="the function can't know what to switch, so it touches nothing",
        fix="deploy the function again with the environment that modules/switch/function.py gives it",
        problems=problems,
    )
