"""Records the AWS calls of boto3 clients, as IAM sees them.

    with Recorder.listening_to(clients.elbv2, clients.ssm) as recorder:
        …
    recorder.permissions()  # {"ssm:PutParameter": {"arn:aws:ssm:…:parameter/…"}, …}

`every_action` runs all that the switch function does; `by_variable` names resources by the environment
variable that holds them, which makes the result comparable with any synthesized role.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.lambda_src.live_platform import LivePlatform

ACCOUNT = "123456789012"  # of the embedded AWS
ANY = "*"

# Which parameter of a call names the resource that IAM checks. Actions that are missing here can't be
# restricted to a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/
_RESOURCES: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "elasticloadbalancing:ModifyListener": lambda parameters: [parameters["ListenerArn"]],
    "secretsmanager:DescribeSecret": lambda parameters: [parameters["SecretId"]],
    "secretsmanager:GetSecretValue": lambda parameters: [parameters["SecretId"]],
    "secretsmanager:PutSecretValue": lambda parameters: [parameters["SecretId"]],
    "secretsmanager:UpdateSecretVersionStage": lambda parameters: [parameters["SecretId"]],
    "ssm:GetParameters": lambda parameters: list(parameters["Names"]),
    "ssm:PutParameter": lambda parameters: [parameters["Name"]],
}
WRITES = frozenset(
    {
        "elasticloadbalancing:ModifyListener",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "ssm:PutParameter",
    }
)


@dataclass(frozen=True)
class Call:
    iam_action: str
    resources: tuple[str, ...]  # ARNs, or ANY


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
            used.setdefault(call.iam_action, set()).update(call.resources)
        return used

    def _on_call(self, params: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        action = f"{model.service_model.signing_name}:{model.name}"
        named = _RESOURCES[action](params) if action in _RESOURCES else [ANY]
        region = context["client_region"]
        self.calls.append(Call(action, tuple(_arn(name, region) for name in named)))


def _arn(name: str, region: str) -> str:
    if name == ANY or name.startswith("arn:"):
        return name
    return f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.removeprefix('/')}"


def by_variable(permissions: Mapping[str, set[str]], environment: Mapping[str, str]) -> dict[str, set[str]]:
    """The same permissions, each ARN replaced by the variable that holds it or its parameter's name."""

    def variable(arn: str) -> str:
        ends = (f":parameter/{value.removeprefix('/')}" for value in environment.values())
        names = [
            name
            for (name, value), end in zip(environment.items(), ends, strict=True)
            if value == arn or arn.endswith(end)
        ]
        return names[0] if names else arn

    return {action: {variable(arn) for arn in arns} for action, arns in permissions.items()}


def every_action(platform: LivePlatform) -> Recorder:
    """Each call that the function can make, as test_switch_permissions.py proves."""
    with Recorder.listening_to(*platform.clients) as recorder:
        platform.invoke({"action": "status"})
        platform.invoke({"action": "shift", "target": "green", "percent": 10})
        platform.invoke({"action": "switch", "target": "green"})
        platform.invoke({"action": "rollback"})
    return recorder
