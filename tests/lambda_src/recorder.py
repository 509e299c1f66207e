"""Records the AWS calls of boto3 clients, as IAM sees them.

    with Recorder.listening_to(*platform.clients) as recorder:
        …
    recorder.permissions()  # {"ssm:PutParameter": {"arn:aws:ssm:…:parameter/…"}, …}

`every_action` runs all that the switch function does; `by_variable` names resources by the environment
variable that holds them, which makes the result comparable with any synthesized role.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from iam_evaluation import find_action
from tests.lambda_src import versions
from tests.lambda_src.live_platform import LivePlatform

ACCOUNT = "123456789012"  # of the embedded AWS
ANY = "*"
LEDGER = {"only_ledger": True, "target": "green"}
PLAN = {"target": "green", "steps": [100], "bake_seconds": 0, "approve_at": [100]}

# What parameters name, and the kind of it that stands before the name in an ARN.
_NAMING = {
    "DBClusterIdentifier": "cluster:",
    "DBInstanceIdentifier": "db:",
    "Name": "",  # of SSM, as Names
    "Names": "",
    "SecretId": "",
    "TableName": "table/",
    "repositoryName": "repository/",
}
# Actions that name their resource otherwise.
_OTHERWISE: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "dynamodb:Query": lambda parameters: [f"table/{parameters['TableName']}/index/{parameters['IndexName']}"],
    "ecs:DescribeTasks": lambda parameters: [f"task/{parameters['cluster']}/*"],
}
WRITES = frozenset(
    {
        "dynamodb:TransactWriteItems",
        "dynamodb:UpdateItem",
        "ecs:RegisterTaskDefinition",
        "ecs:UpdateService",
        "elasticloadbalancing:ModifyListener",
        "rds:ModifyDBCluster",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "sns:Publish",
        "ssm:PutParameter",
        "states:StartExecution",
    }
)
# Where IAM's prefix isn't the name that requests are signed with.
_PREFIXES = {"monitoring": "cloudwatch"}
# IAM knows no transactions: each of their writes has to be allowed for itself (DynamoDB developer guide,
# "Managing complex workflows with DynamoDB transactions", IAM permissions).
_TRANSACTION = "dynamodb:TransactWriteItems"
_ITEM_WRITES = {"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem"}
# What an environment variable's name ends with → the kind of resource that it names.
KINDS = {"_ALARM": "alarm:", "_CLUSTER": "cluster:", "_INSTANCES": "db:", "_TABLE": "table/"}


# Calls that need more than their own action, on what (Service Authorization Reference, Amazon ECS).
_BESIDES: Mapping[str, Callable[[Mapping[str, Any]], list[tuple[str, str]]]] = {
    "ecs:RegisterTaskDefinition": lambda parameters: [
        ("ecs:TagResource", f"task-definition/{parameters['family']}:*"),
        *(("iam:PassRole", parameters[key]) for key in ("taskRoleArn", "executionRoleArn")),
    ]
}
# Names with the platform's name in them, whatever it is called; all images are of one repository.
_OF_A_COLOUR = re.compile(r"(?:.*:)?(task-definition|task|role)/payments(?:-\w+)?-((?:blue|green)\b.*)")
REPOSITORY = "the repository"


def called(resource: str) -> str | None:
    """A resource that no variable holds, without the platform's name; None for any other."""
    if found := _OF_A_COLOUR.fullmatch(resource):
        return f"{found[1]}/{found[2]}"
    return REPOSITORY if "repository/" in resource or "aws_ecr_repository." in resource else None


@dataclass(frozen=True)
class Call:
    iam_action: str
    resources: tuple[str, ...]  # ARNs, or ANY
    writes: tuple[tuple[str, str], ...] = ()  # IAM action and table of each write of a transaction


@dataclass
class Recorder:
    calls: list[Call] = field(default_factory=list)

    @classmethod
    @contextmanager
    def listening_to(cls, *clients: Any) -> Iterator["Recorder"]:
        recorder = cls()
        for client in clients:
            client.meta.events.register("before-parameter-build", recorder._on_call)
        try:
            yield recorder
        finally:
            for client in clients:
                client.meta.events.unregister("before-parameter-build", recorder._on_call)

    @property
    def actions(self) -> list[str]:
        return [call.iam_action for call in self.calls]

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.iam_action in WRITES]

    def permissions(self) -> dict[str, set[str]]:
        """IAM action → resources that it was used on."""
        used: dict[str, set[str]] = {}
        for call in self.calls:
            if call.iam_action != _TRANSACTION:
                used.setdefault(call.iam_action, set()).update(call.resources)
            for action, table in call.writes:
                used.setdefault(action, set()).add(table)
        return used

    def _on_call(self, params: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        service = model.service_model.signing_name
        action = f"{_PREFIXES.get(service, service)}:{model.name}"
        named = _OTHERWISE[action](params) if action in _OTHERWISE else _named(action, params) or [ANY]
        region = context["client_region"]
        self.calls.append(Call(action, tuple(_arn(name, region) for name in named), _writes(action, params)))
        for beside, resource in _BESIDES[action](params) if action in _BESIDES else ():
            self.calls.append(Call(beside, (resource,)))


def _named(action: str, parameters: Mapping[str, Any]) -> list[str]:
    """What the parameters name, where policies can restrict the action to a resource (Service Authorization
    Reference). Transactions are no action of IAM's.
    """
    types = () if action == _TRANSACTION else find_action(action).resource_types
    return [
        _NAMING.get(name, "") + text
        for name, value in parameters.items()
        for text in (value if isinstance(value, list) else [value])
        if types and isinstance(text, str)
        if name in _NAMING or any(type_.fits(text) for type_ in types)
    ]


def _writes(action: str, parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if action != _TRANSACTION:
        return ()
    items = [next(iter(item.items())) for item in parameters["TransactItems"]]
    return tuple((_ITEM_WRITES[kind], f"table/{write['TableName']}") for kind, write in items)


def _arn(name: str, region: str) -> str:
    """Parameters of SSM by their ARN; what else isn't an ARN has its kind before it."""
    if name == ANY or called(name) or name.startswith(("arn:", *KINDS.values())):
        return name
    return f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.removeprefix('/')}"


def by_variable(permissions: Mapping[str, set[str]], environment: Mapping[str, str]) -> dict[str, set[str]]:
    """The same permissions, each ARN replaced by the variable that holds it or the name in it; what comes
    after that name (an index of a table) stays.
    """
    return {
        action: {_variable(resource, environment) for resource in resources}
        for action, resources in permissions.items()
    }


def _variable(resource: str, environment: Mapping[str, str]) -> str:
    if known := called(resource):
        return known
    for name, value in environment.items():
        if resource == value or resource.endswith(f":parameter/{value.removeprefix('/')}"):
            return name
        kind = next((kind for end, kind in KINDS.items() if name.endswith(end)), None)
        if kind and resource.startswith(kind):
            named, slash, rest = resource.removeprefix(kind).partition("/")
            if named in value.split(","):
                return f"{name}{slash}{rest}"
    return resource


def every_action(platform: LivePlatform) -> Recorder:
    """Each call that the function can make, as test_switch_permissions.py proves."""
    with Recorder.listening_to(*platform.clients) as recorder:
        platform.invoke({"action": "status"})
        platform.invoke({"action": "shift", "target": "green", "percent": 10})
        platform.invoke({"action": "switch", "target": "green"})
        platform.invoke({"action": "rollback"})
        platform.invoke({"action": "begin", "workflow": "every-action", "plan": PLAN})
        platform.invoke({"action": "ask", "workflow": "every-action", "step": 0})
        platform.invoke({"action": "approve"})
        platform.invoke({"action": "abort"})
        platform.invoke({"action": "rollback"})
        move = {"workflow": "every-move"}
        row = {"writer": "blue", "epoch": 7, "state": "open"}
        platform.invoke({"action": "begin_ledger", "plan": LEDGER, "ledger": row, **move})
        platform.invoke(
            {"action": "ledger", "moved": {"writer": "green", "epoch": 8, "pause_ms": 41}, **move}
        )
        platform.colours.will_deploy()
        for colour in ("green", "blue"):
            platform.invoke({"action": "switch", "target": "blue" if colour == "green" else "green"})
            _deploy(platform, colour)
    return recorder


def _deploy(platform: LivePlatform, colour: str) -> None:
    """A version whose tasks can't be started, and the way back."""
    answer = platform.invoke({"action": "deploy", "target": colour, "image": versions.image(3)})
    versions.lose(3)
    try:
        own = {"workflow": answer["workflow"]}
        while platform.invoke({"action": "verify", "step": 0, **own})["next"] == "wait":
            pass
        platform.invoke({"action": "rollback", "cause": "its tasks stopped", **own})
        while platform.invoke({"action": "verify", "step": 0, **own})["next"] == "wait":
            pass
        platform.invoke({"action": "finalize", **own})
    finally:
        versions.restore(3)


def every_look(platform: LivePlatform) -> Recorder:
    """Each call that the function that reads can make."""
    with Recorder.listening_to(*platform.clients) as recorder:
        platform.invoke({"action": "status"})
        platform.invoke({"action": "preflight", "target": "green", "percent": 10})
        platform.invoke({"action": "history"})
    return recorder
