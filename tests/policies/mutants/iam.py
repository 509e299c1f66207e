"""Who may do what: wildcards in identity policies, and doors open to everybody."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, change, name_like, names, on

POLICY, ROLE = "aws_iam_role_policy", "aws_iam_role"
BACKUP = (POLICY, "back-up")
TRACES = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")


def statement(part: str, sid: str, **elements: Any) -> Mutation:
    """Sets elements of a statement of an inline policy; None takes one out."""

    def mutate(document: Document) -> None:
        found = body(document, POLICY, part)
        content = json.loads(found["policy"])
        (target,) = (item for item in content["Statement"] if item["Sid"] == sid)
        target |= elements
        for name in [name for name, value in elements.items() if value is None]:
            del target[name]
        found["policy"] = json.dumps(content)

    return mutate


def actions(*values: str) -> Mutation:
    return statement(BACKUP[1], "TableBackups", Action=list(values))


def resources(*values: str) -> Mutation:
    return statement(BACKUP[1], "TableBackups", Resource=list(values))


def managed(**arguments: Any) -> Mutation:
    """A policy of its own, attached to the backup role."""

    def mutate(document: Document) -> None:
        role = name_like(document, ROLE, "backup")
        document["resource"]["aws_iam_policy"] = {"broad": {"name": "broad", "tags": {}, **arguments}}
        attachment = {"role": f"${{{ROLE}.{role}.name}}", "policy_arn": "${aws_iam_policy.broad.arn}"}
        document["resource"]["aws_iam_role_policy_attachment"] = {"broad": attachment}

    return mutate


def attached(arn: str) -> Mutation:
    def mutate(document: Document) -> None:
        attachment = {"role": f"${{{ROLE}.{names(document, ROLE)[1]}.name}}", "policy_arn": arn}
        document["resource"]["aws_iam_role_policy_attachment"] = {"broad": attachment}

    return mutate


def trust(**elements: Any) -> Mutation:
    content = {"Effect": "Allow", "Action": "sts:AssumeRole", **elements}
    return change(
        ROLE, "green_role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [content]})
    )


def new(type_: str, **arguments: Any) -> Mutation:
    def mutate(document: Document) -> None:
        function = name_like(document, "aws_lambda_function", "switching_switch")
        reference = f"${{aws_lambda_function.{function}.function_name}}"
        document["resource"].setdefault(type_, {})["open"] = {"function_name": reference, **arguments}

    return mutate


def document_for(principal: Any, **elements: Any) -> str:
    content = {
        "Sid": "Open",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        **elements,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [content | {"Resource": "*"}]})


def allow(**elements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **elements}})


ACTIONS = [
    Mutant("every action of a service", actions("dynamodb:*"), on("CKV_BG_240", *BACKUP)),
    Mutant("every action", actions("*"), on("CKV_BG_240", *BACKUP)),
    Mutant(
        "every action as a string",
        statement(BACKUP[1], "TableBackups", Action="*"),
        on("CKV_BG_240", *BACKUP),
    ),
    Mutant("every Get action", actions("dynamodb:Get*"), on("CKV_BG_240", *BACKUP)),
    Mutant(
        "all but some actions",
        statement(BACKUP[1], "TableBackups", Action=None, NotAction=["iam:*"]),
        on("CKV_BG_240", *BACKUP),
    ),
    Mutant(
        "wildcard in the second statement",
        statement(BACKUP[1], "Vault", Action=["backup:*"]),
        on("CKV_BG_240", *BACKUP),
    ),
    Mutant(
        "managed policy with a wildcard",
        managed(policy=allow(Action="rds:*", Resource="arn:aws:rds:us-east-1:123456789012:cluster:payments")),
        on("CKV_BG_240", "aws_iam_policy", "broad"),
    ),
    Mutant(
        "role with an inline wildcard",
        change(
            ROLE,
            "green_role",
            inline_policy=[
                {"name": "all", "policy": allow(Action="s3:*", Resource="arn:aws:s3:::payments/*")}
            ],
        ),
        also(on("CKV_BG_240", ROLE, "green_role"), on("CKV2_BG_313", ROLE, "green_role")),
    ),
]

RESOURCES = [
    Mutant("every resource", resources("*"), on("CKV_BG_241", *BACKUP)),
    Mutant(
        "every table",
        resources("arn:aws:dynamodb:us-east-1:123456789012:*"),
        on("CKV_BG_241", *BACKUP),
    ),
    Mutant("every ARN", resources("arn:aws:dynamodb:*:*:*"), on("CKV_BG_241", *BACKUP)),
    Mutant(
        "every resource as a string",
        statement(BACKUP[1], "Vault", Resource="*"),
        on("CKV_BG_241", *BACKUP),
    ),
    Mutant(
        "all but some resources",
        statement(BACKUP[1], "Vault", Resource=None, NotResource=["arn:aws:backup:us-east-1:123456789012:x"]),
        on("CKV_BG_241", *BACKUP),
    ),
    Mutant(
        "administrator by its own policy",
        managed(policy=allow(Action="*", Resource="*")),
        also(on("CKV_BG_240", "aws_iam_policy", "broad"), on("CKV_BG_241", "aws_iam_policy", "broad")),
    ),
    Mutant(
        "an action with a resource beside those without",
        statement(
            "blue-credentials_rotation_runtime",
            "WithoutResource",
            Action=[*TRACES, "ec2:DescribeNetworkInterfaces", "ec2:CreateNetworkInterface"],
        ),
        on("CKV_BG_241", POLICY, "blue-credentials_rotation_runtime"),
    ),
]

ATTACHED = [
    Mutant(
        f"attached {name}",
        attached(f"arn:aws:iam::aws:policy/{name}"),
        on("CKV_BG_242", "aws_iam_role_policy_attachment", "broad"),
    )
    for name in ("AdministratorAccess", "AmazonDynamoDBFullAccess", "job-function/PowerUserAccess")
] + [
    Mutant(
        "role with AdministratorAccess",
        change(ROLE, "green_role", managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        also(on("CKV_BG_242", ROLE, "green_role"), on("CKV2_BG_313", ROLE, "green_role")),
    )
]

OPEN = [
    Mutant("role for every account", trust(Principal={"AWS": "*"}), on("CKV_BG_243", ROLE, "green_role")),
    Mutant("role for everybody", trust(Principal="*"), on("CKV_BG_243", ROLE, "green_role")),
    Mutant(
        "role for everybody but one",
        trust(NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}),
        on("CKV_BG_243", ROLE, "green_role"),
    ),
    Mutant(
        "role for every repository",
        trust(
            Principal={
                "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
            },
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
        ),
        also(on("CKV_BG_243", ROLE, "green_role"), on("CKV2_BG_310", ROLE, "green_role")),
    ),
    Mutant(
        "switch that everybody may call",
        new("aws_lambda_permission", action="lambda:InvokeFunction", principal="*"),
        also(*(on(policy, "aws_lambda_permission", "open") for policy in ("CKV_BG_244", "CKV2_BG_408"))),
    ),
    Mutant(
        "rotation for any account's secrets",
        change("aws_lambda_permission", "green-credentials_permission", source_account=None, source_arn=None),
        on("CKV_BG_244", "aws_lambda_permission", "green-credentials_permission"),
    ),
    Mutant(
        "switch with a public URL",
        new("aws_lambda_function_url", authorization_type="NONE"),
        also(*(on(policy, "aws_lambda_function_url", "open") for policy in ("CKV_BG_244", "CKV2_BG_408"))),
    ),
    Mutant(
        "queue for everybody",
        change("aws_sqs_queue", "green", policy=document_for("*")),
        on("CKV_BG_245", "aws_sqs_queue", "green"),
    ),
    Mutant(
        "topic for everybody",
        change("aws_sns_topic_policy", policy=document_for({"AWS": ["*"]}, Action="sns:Publish")),
        on("CKV_BG_245", "aws_sns_topic_policy"),
    ),
]

HARMLESS = [
    Mutant(
        "actions that take no resource",
        statement(
            "blue-credentials_rotation_runtime",
            "WithoutResource",
            Action=[*TRACES, "ec2:Describe*", "xray:GetSamplingRules"],
        ),
        lambda _: set(),
    ),
    Mutant(
        "denied wildcard",
        statement(BACKUP[1], "TableBackups", Effect="Deny", Action="*", Resource="*"),
        lambda _: set(),
    ),
    Mutant("narrow policy of AWS", attached("arn:aws:iam::aws:policy/ReadOnlyAccess"), lambda _: set()),
    Mutant(
        "role for one repository",
        trust(
            Principal={
                "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
            },
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringEquals": {
                    "token.actions.githubusercontent.com:sub": "repo:payments/platform:ref:refs/heads/main"
                }
            },
        ),
        lambda _: set(),
    ),
]

RUN = (POLICY, "workflow_run")
WHOLE = on("CKV_BG_280", *RUN)
SWITCH_ARN = "arn:aws:lambda:us-east-1:123456789012:function:payments-local-switch"


def invoking(suffix: str, kind: str = "aws_lambda_function", part: str = "switching_switch") -> Mutation:
    """The state machine's role may invoke a function of the stack, by its ARN with this behind it."""

    def mutate(document: Document) -> None:
        reference = f"${{{kind}.{name_like(document, kind, part)}.arn}}{suffix}"
        statement(RUN[1], "Switch", Resource=[reference])(document)

    return mutate


def of_the_backup_role(document: Document) -> None:
    reference = f"${{aws_lambda_alias.{name_like(document, 'aws_lambda_alias', 'workflow')}.arn}}"
    statement(BACKUP[1], "TableBackups", Action=["lambda:InvokeFunction"], Resource=[reference])(document)


def admitted_to(alias: str, principal: str) -> Mutation:
    def mutate(document: Document) -> None:
        name = name_like(document, "aws_lambda_alias", alias)
        qualifier = f"${{aws_lambda_alias.{name}.name}}"
        new(
            "aws_lambda_permission", action="lambda:InvokeFunction", principal=principal, qualifier=qualifier
        )(document)

    return mutate


CALLERS = [
    *(
        Mutant(f"state machine that may invoke the switch as a whole {suffix}", invoking(suffix), WHOLE)
        for suffix in ("", ":*", ":$LATEST", ":7", "*")
    ),
    *(
        Mutant(f"state machine that may invoke {arn}", statement(RUN[1], "Switch", Resource=[arn]), WHOLE)
        for arn in (
            SWITCH_ARN,
            f"{SWITCH_ARN}:*",
            "arn:aws:lambda:us-east-1:123456789012:function:*",
            "arn:aws:lambda:*:*:function:payments-local-sw*",
        )
    ),
    Mutant(
        "managed policy for the switch as a whole",
        managed(policy=allow(Action="lambda:InvokeFunction", Resource=SWITCH_ARN)),
        on("CKV_BG_280", "aws_iam_policy", "broad"),
    ),
    Mutant("another role that may take steps of a shift", of_the_backup_role, on("CKV2_BG_281", *BACKUP)),
    Mutant(
        "another principal admitted to the steps of a shift",
        admitted_to("workflow", "arn:aws:iam::123456789012:root"),
        on("CKV2_BG_281", "aws_lambda_permission", "open"),
    ),
    Mutant(
        "one role of operators admitted by name",
        admitted_to("operate", "arn:aws:iam::123456789012:role/operators"),
        lambda _: set(),
    ),
    Mutant("state machine that names the alias itself", invoking(":workflow"), lambda _: set()),
    Mutant(
        "state machine that may look and no more",
        invoking("", part="switching_read"),
        on("CKV2_BG_463", "aws_sfn_state_machine"),
    ),
]

FUNCTION, MACHINE, ROTATION = (
    "aws_lambda_function",
    "aws_sfn_state_machine",
    "blue-credentials_rotation_calls",
)
RUNTIME = "ledger_move_runtime"


def added(part: str, *more: str) -> Mutation:
    """Actions beside those of the first statement."""

    def mutate(document: Document) -> None:
        found = body(document, POLICY, part)
        content = json.loads(found["policy"])
        content["Statement"][0]["Action"] += more
        found["policy"] = json.dumps(content)

    return mutate


HOLDERS = [
    Mutant(
        "rotation that may delete its secret",
        added(ROTATION, "secretsmanager:DeleteSecret"),
        also(on("CKV2_BG_464", POLICY, ROTATION), on("CKV_BG_462", FUNCTION, "blue-credentials")),
    ),
    Mutant(
        "backup role that may delete clusters",
        added(BACKUP[1], "rds:DeleteDBCluster"),
        on("CKV2_BG_464", *BACKUP),
    ),
    Mutant(
        "mover that may not write its log",
        statement(RUNTIME, "Log", Action=["logs:CreateLogStream"]),
        on("CKV_BG_462", FUNCTION, "ledger_move"),
    ),
    Mutant(
        "rotation that may read what its code does not",
        added(ROTATION, "secretsmanager:ListSecretVersionIds"),
        on("CKV_BG_462", FUNCTION, "blue-credentials"),
    ),
    Mutant(
        "workflow that may not move the ledger",
        statement(RUN[1], "MoveLedger", Action=["lambda:GetFunction"]),
        on("CKV2_BG_463", MACHINE),
    ),
    Mutant("sampling rules for a function", added(RUNTIME, "logs:CreateLogGroup"), lambda _: set()),
]

MUTANTS = [*HOLDERS, *HARMLESS, *CALLERS, *ACTIONS, *RESOURCES, *ATTACHED, *OPEN]
