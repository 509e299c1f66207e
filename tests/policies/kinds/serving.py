"""Roles that allow too little, or what deletes data; what replaces the right one beside it."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, added, allow, new, ref, several, statements, with_

Place = Callable[[Document], tuple[str, ...]]
ROLE, POLICY, FUNCTION = "aws_iam_role", "aws_iam_role_policy", "aws_lambda_function"
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"


def edited(type_: str, part: str, argument: str, change: Callable[[dict[str, Any]], object]) -> Place:
    """A document of the stack, changed."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, type_, part)
        found = document["resource"][type_][name]
        content = json.loads(found[argument])
        change(content)
        found[argument] = json.dumps(content)
        return (f"{type_}.{name}",)

    return place


def without(part: str, sid: str) -> Place:
    """A statement of a role's policy, taken out."""

    def change(content: dict[str, Any]) -> None:
        content["Statement"] = [one for one in content["Statement"] if one["Sid"] != sid]

    return edited(POLICY, part, "policy", change)


def at(type_: str, part: str, place: Place) -> Place:
    """The finding belongs on what lacks the right."""

    def both(document: Document) -> tuple[str, ...]:
        return (*place(document), f"{type_}.{name_like(document, type_, part)}")

    return both


def allowed(part: str, *actions: str) -> Place:
    return added(
        POLICY, part, "policy", allow(list(actions), resource="arn:aws:rds:us-east-1:123456789012:x")
    )


MACHINE = ("aws_sfn_state_machine", "workflow")
TASK = ("aws_ecs_task_definition", "green")
TOO_LITTLE = {
    "workflow, the switch": at(*MACHINE, without("workflow_run", "Switch")),
    "workflow, the ledger": at(*MACHINE, without("workflow_run", "MoveLedger")),
    "workflow, its key": at(*MACHINE, without("workflow_run", "Executions")),
    "workflow, its log": at(*MACHINE, without("workflow_run", "WithoutResource")),
    "execution role, the key": without("green-fargate_execution", "Key"),
    "execution role, the image": at(*TASK, without("green-fargate_execution", "PullTheImage")),
    "application, the key": without("green-fargate_application", "Key"),
    "rotation, its interfaces": at(
        FUNCTION, "blue-credentials", without("blue-credentials_rotation_runtime", "NetworkInterfaces")
    ),
    "mover, its log": at(FUNCTION, "ledger_move", without("ledger_move_runtime", "Log")),
    "watcher, its dead letters": at(FUNCTION, "ledger_watch", without("ledger_watch_runtime", "DeadLetters")),
    "trust, tags alone": edited(
        ROLE,
        "switching_switch_role",
        "assume_role_policy",
        lambda content: content["Statement"][0].update(Action=["sts:TagSession"]),
    ),
}
TOO_MUCH = {
    "backup role, clusters": allowed("backup_back-up", "rds:DeleteDBCluster"),
    "backup role, recovery points": allowed("backup_back-up", "backup:DeleteRecoveryPoint"),
    "flow logs, the group": allowed("flow-logs_write", "logs:DeleteLogGroup"),
    "rotation, the cluster": allowed("blue-credentials_rotation_calls", "rds:DeleteDBCluster"),
    "rotation, the secret": allowed("blue-credentials_rotation_calls", "secretsmanager:DeleteSecret"),
    "workflow, its own rights": allowed("workflow_run", "iam:PutRolePolicy"),
    "mover, code of others": allowed("ledger_move_calls", "lambda:UpdateFunctionCode"),
    "reader, what it only reads": at(
        FUNCTION,
        "switching_read",
        added(
            POLICY,
            "switching_read_calls",
            "policy",
            allow("ssm:PutParameter", resource=ref("aws_ssm_parameter", "active-environment")),
        ),
    ),
    "watcher, metrics": at(
        FUNCTION, "ledger_watch", allowed("ledger_watch_calls", "cloudwatch:DeleteAlarms")
    ),
    "task, the key's policy": added(
        "aws_kms_key", "", "policy", allow("kms:PutKeyPolicy", {"AWS": ref(ROLE, "blue_role")})
    ),
    "switch, roles for functions": at(
        FUNCTION,
        "switching_switch",
        edited(
            POLICY,
            "switching_switch_calls",
            "policy",
            lambda content: next(one for one in content["Statement"] if one["Sid"] == "RunThemAsTheirTasks")[
                "Condition"
            ]["StringEquals"].update(
                {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]}
            ),
        ),
    ),
}


def twin(part: str, name: str, attribute: str) -> Place:
    document = statements(allow("ecr:GetAuthorizationToken"))
    return new(POLICY, "twin", name=name, role=ref(ROLE, part, attribute), policy=document)


def same_priority(document: Document) -> tuple[str, ...]:
    name = name_like(document, "aws_wafv2_web_acl", "")
    rules = document["resource"]["aws_wafv2_web_acl"][name]["rule"]
    rules[-1]["priority"] = rules[-2]["priority"]
    return (f"aws_wafv2_web_acl.{name}",)


CLOSED = {"type": "fixed-response", "fixed_response": [{"content_type": "text/plain", "status_code": "404"}]}


def closing(label: str) -> Place:
    return new(
        "aws_lb_listener_rule", label, listener_arn=ref("aws_lb_listener", "https"), priority=9, tags={},
        condition=[{"path_pattern": [{"values": [f"/{label}/*"]}]}],
        action=[CLOSED],
    )  # fmt: skip


def index(**arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_dynamodb_table", "control")
        document["resource"]["aws_dynamodb_table"][name]["local_secondary_index"][0].update(arguments)
        return (f"aws_dynamodb_table.{name}",)

    return place


BESIDE = {
    "beside, a policy of the switch's name": twin("switching_switch_role", "calls", "id"),
    "beside, a policy of the execution's name": twin("blue_execution", "execution", "name"),
    "beside, a rule of the firewall": same_priority,
    "beside, a rule of the listener": several(closing("one"), closing("two")),
    "beside, no such index": index(name="by-started"),
}


def pattern(part: str, change: Callable[[dict[str, Any]], object]) -> Place:
    return edited(RULE, part, "event_pattern", change)


EVENTS = {
    "event, of another machine": pattern(
        "interrupted",
        lambda found: found["detail"].update(
            stateMachineArn=["arn:aws:states:us-east-1:123456789012:stateMachine:other"]
        ),
    ),
    "event, what AWS withholds": pattern(
        "interrupted", lambda found: found["detail"].update(error=[{"anything-but": "x"}])
    ),
    "event, given up": with_(
        TARGET, "roll-back", retry_policy={"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60}
    ),
    "event, not let in": edited(
        "aws_sns_topic_policy",
        "",
        "policy",
        lambda content: content["Statement"].pop(
            next(n for n, one in enumerate(content["Statement"]) if one["Sid"] == "EventsOfTheRules")
        ),
    ),
    "event, on condition of the account": edited(
        "aws_sns_topic_policy",
        "",
        "policy",
        lambda content: next(one for one in content["Statement"] if one["Sid"] == "EventsOfTheRules").update(
            Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}
        ),
    ),
    "clock, a move of the ledger": with_(
        TARGET, "ledger_watching_target", input='{"action": "move", "target": "green"}'
    ),
    "clock, a migration": with_(TARGET, "ledger_watching_verification", input='{"action": "migrate"}'),
    "clock, a step of a rotation": with_(TARGET, "blue-credentials_age", input='{"Step": "createSecret"}'),
}


def ignored(path: str) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_lb_listener", "https")
        document["resource"]["aws_lb_listener"][name]["lifecycle"]["ignore_changes"].append(path)
        return (f"aws_lb_listener.{name}",)

    return place


LISTENER = {
    "ignored, the TLS policy": ignored("ssl_policy"),
    "ignored, the certificate": ignored("certificate_arn"),
    "ignored, the protocol": ignored("protocol"),
}


def begun(blue: int, green: int) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_lb_listener", "https")
        listener = document["resource"]["aws_lb_listener"][name]
        for entry, weight in zip(
            listener["default_action"][0]["forward"]["target_group"], (blue, green), strict=True
        ):
            entry["weight"] = weight
        record = name_like(document, "aws_ssm_parameter", "active-environment")
        return (f"aws_lb_listener.{name}", f"aws_ssm_parameter.{record}")

    return place


BEGINNING = {
    "begun, split": begun(50, 50),
    "begun, on the other colour": begun(0, 100),
    "begun, recorded otherwise": with_("aws_ssm_parameter", "active-environment", insecure_value="green"),
}


def variable(part: str, name: str, value: str) -> Place:
    return with_(FUNCTION, part, **{f"environment__variables__{name}": value})


LOADED = {
    "loaded, the keys of sessions": variable("ledger_move", "SSLKEYLOGFILE", "/mnt/keys"),
    "loaded, a wrapper": variable("blue-credentials", "AWS_LAMBDA_EXEC_WRAPPER", "/opt/x"),
    "loaded, a library": variable("ledger_setup", "LD_PRELOAD", "/opt/x.so"),
    "loaded, a proxy": variable("ledger_watch", "HTTPS_PROXY", "http://10.0.0.9:3128"),
    "loaded, an endpoint": variable(
        "blue-credentials", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://10.0.0.9"
    ),
    "loaded, modules": variable("ledger_move", "PYTHONPATH", "/tmp/x"),  # noqa: S108
    "never, the ledger's move": with_(FUNCTION, "ledger_move", reserved_concurrent_executions="0"),
}
CASES = [
    Case(name, place)
    for name, place in {
        **TOO_LITTLE,
        **TOO_MUCH,
        **BESIDE,
        **EVENTS,
        **LISTENER,
        **BEGINNING,
        **LOADED,
    }.items()
]
