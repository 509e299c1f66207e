"""The switch function: its role, its code, what it runs on and what it is told."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.policies.harness import (
    Document,
    Mutant,
    Mutation,
    also,
    body,
    both,
    change,
    name_like,
    on,
    output,
    remove,
)
from tests.policies.mutants.ledger import alone

FUNCTION = "aws_lambda_function"
POLICY = "aws_iam_role_policy"
CALLS = "switch_calls"
SWITCH = (FUNCTION, "switching_switch")
MODIFY = "elasticloadbalancing:ModifyListener"
CLUSTERS = "arn:aws:ecs:us-east-1:123456789012:cluster"
_PACKAGES = tempfile.TemporaryDirectory()  # gone with this module


def package(files: dict[str, str], handler: str = "index.handler") -> Mutation:
    """The switch function gets a package of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    path = Path(_PACKAGES.name, f"{abs(hash(content.getvalue())):x}.zip")
    path.write_bytes(content.getvalue())
    return change(*SWITCH, filename=str(path), handler=handler)


def document(of: str, edit: Callable[[list[dict[str, Any]]], object]) -> Mutation:
    """Edits the statements of one of the switch function's inline policies."""

    def mutate(stack: Document) -> None:
        found = body(stack, POLICY, of)
        content = json.loads(found["policy"])
        edit(content["Statement"])
        found["policy"] = json.dumps(content)

    return mutate


def granting(statements: list[dict[str, Any]], action: str) -> dict[str, Any]:
    (found,) = (statement for statement in statements if action in statement["Action"])
    return found


def without(action: str) -> Mutation:
    return document(CALLS, lambda statements: granting(statements, action)["Action"].remove(action))


def on_condition(action: str, operator: str, key: str, value: str) -> Mutation:
    condition = {operator: {key: value}}
    return document(CALLS, lambda statements: granting(statements, action).update(Condition=condition))


def without_modify(statements: list[dict[str, Any]]) -> None:
    statements.remove(granting(statements, MODIFY))


def on_resource(*resources: str) -> Mutation:
    return document(CALLS, lambda statements: granting(statements, MODIFY).update(Resource=list(resources)))


def for_the_test_listener_only(statements: list[dict[str, Any]]) -> None:
    statement = granting(statements, MODIFY)
    statement["Resource"] = statement["Resource"][1:]


def another_action(action: str) -> Mutation:
    return document(CALLS, lambda statements: granting(statements, MODIFY)["Action"].append(action))


def environment(**values: str | None) -> Mutation:
    return change(*SWITCH, **{f"environment__variables__{name}": value for name, value in values.items()})


def given(name: str, type_: str, part: str, attribute: str = "arn") -> Mutation:
    """An environment variable refers to something else."""

    def mutate(stack: Document) -> None:
        variables = body(stack, *SWITCH)["environment"]["variables"]
        variables[name] = f"${{{type_}.{name_like(stack, type_, part)}.{attribute}}}"

    return mutate


def role_of_a_policy_elsewhere(stack: Document) -> None:
    body(stack, *SWITCH)["role"] = "arn:aws:iam::123456789012:role/switch"


def swapped(stack: Document) -> None:
    variables = body(stack, *SWITCH)["environment"]["variables"]
    variables["BLUE_TG_ARN"], variables["GREEN_TG_ARN"] = variables["GREEN_TG_ARN"], variables["BLUE_TG_ARN"]


def package_of_the_rotation(stack: Document) -> None:
    other = body(stack, FUNCTION, "blue")
    body(stack, *SWITCH).update(filename=other["filename"], handler=other["handler"])


def in_s3(stack: Document) -> None:
    function = body(stack, *SWITCH)
    del function["filename"]
    function |= {"s3_bucket": "packages", "s3_key": "switch.zip"}


def image(stack: Document) -> None:
    function = body(stack, *SWITCH)
    for name in ("filename", "handler", "runtime", "source_code_hash"):
        del function[name]
    function |= {
        "package_type": "Image",
        "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/switch:1",
    }


def hello_world(stack: Document) -> None:
    """As generated: a stub, nothing that shows what it is for but its name."""
    remove(POLICY, "switching_switch")(stack)
    package({"index.py": HELLO})(stack)
    function = body(stack, *SWITCH)
    del function["environment"]
    function |= {"runtime": "python3.9", "timeout": 30, "memory_size": 128}


def only_rotation_left(stack: Document) -> None:
    for type_ in (FUNCTION, POLICY, "aws_iam_role", "aws_lambda_alias", "aws_lambda_permission"):
        remove(type_, "switching")(stack)
    for name in ("switch_operate_arn", "switch_read_arn"):
        del stack["output"][name]
    for name in ("switch_lambda_name", "switch_lambda_arn"):
        stack["output"][name]["value"] = "payments-local-switch"
    for name in [n for n in stack["resource"]["aws_cloudwatch_metric_alarm"] if "shared_switch" in n]:
        del stack["resource"]["aws_cloudwatch_metric_alarm"][name]


HELLO = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'Hello'}\n"
UNUSED = """
def switch(elbv2, ssm):
    elbv2.modify_listener()
    elbv2.describe_listeners()
    ssm.put_parameter()
"""
UNVERIFIED = """
import boto3
def handler(event, context):
    boto3.client("elbv2").modify_listener(ListenerArn="x", DefaultActions=[])
    boto3.client("ssm").put_parameter(Name="x", Value="green", Overwrite=True)
"""
UNRECORDED = """
import boto3
elbv2 = boto3.client("elbv2")
def handler(event, context):
    elbv2.describe_listeners()
    elbv2.modify_listener(ListenerArn="x", DefaultActions=[])
"""
COMMENTED = '''
def handler(event, context):
    """Calls modify_listener(), describe_listeners() and put_parameter()."""
    # elbv2.modify_listener(); elbv2.describe_listeners(); ssm.put_parameter()
    return "modify_listener"
'''
JAVASCRIPT = "exports.handler = async () => { // client.modifyListener()\n return 200; };"

ROLE, CODE, MATCH = (on(f"CKV_BG_{n}", *SWITCH) for n in (228, 229, 234))
STRANGER = on("CKV2_BG_310", *SWITCH)
R28 = [
    Mutant("switch role without its policy of calls", remove(POLICY, CALLS), also(ROLE, MATCH)),
    Mutant("switch role without any policy", remove(POLICY, "switching_switch"), ROLE),
    Mutant("switch role that may not modify", document(CALLS, without_modify), ROLE),
    Mutant("switch role elsewhere", role_of_a_policy_elsewhere, ROLE),
    Mutant(
        "switch role that modifies every listener",
        on_resource("*"),
        also(ROLE, on("CKV_BG_241", POLICY, CALLS)),
    ),
    Mutant(
        "switch role that modifies listeners of any load balancer",
        on_resource("arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/*"),
        ROLE,
    ),
    Mutant("switch role for the test listener only", document(CALLS, for_the_test_listener_only), ROLE),
    Mutant("switch role that may not read back", without("elasticloadbalancing:DescribeListeners"), MATCH),
    Mutant("switch role that may not record", without("ssm:PutParameter"), MATCH),
    Mutant(
        "switch role that may delete listeners", another_action("elasticloadbalancing:DeleteListener"), MATCH
    ),
    Mutant(
        "switch role that may list the tasks of another cluster",
        on_condition("ecs:ListTasks", "ArnEquals", "ecs:cluster", f"{CLUSTERS}/other"),
        MATCH,
    ),
    Mutant(
        "switch role that may register revisions of another deployment",
        on_condition("ecs:RegisterTaskDefinition", "StringEquals", "aws:RequestTag/Deployment", "other"),
        MATCH,
    ),
    Mutant("switch role that may modify rules", another_action("elasticloadbalancing:ModifyRule"), MATCH),
]

R29 = [
    Mutant(
        "no switch function",
        only_rotation_left,
        also(on("CKV2_BG_229"), output("switch_lambda_name"), output("switch_lambda_arn")),
    ),
    Mutant("switch without code", package({"index.py": HELLO}), CODE),
    Mutant("switch that only talks of it", package({"index.py": COMMENTED}), CODE),
    Mutant("switch that never reaches its code", package({"index.py": HELLO, "switch.py": UNUSED}), CODE),
    Mutant("switch that doesn't read back", package({"index.py": UNVERIFIED}), also(CODE, MATCH)),
    Mutant("switch that doesn't record", package({"index.py": UNRECORDED}), also(CODE, MATCH)),
    Mutant("switch with the code of the rotation", package_of_the_rotation, CODE),
    Mutant("switch whose handler is missing", package({"main.py": UNUSED}), CODE),
    Mutant("switch whose handler is not defined", package({"index.py": UNUSED}), CODE),
    Mutant("switch that is no Python", package({"index.py": "def handler(:"}), CODE),
    Mutant("switch in JavaScript", package({"index.js": JAVASCRIPT}), CODE),
    Mutant("switch whose package is missing", change(*SWITCH, filename="assets/none.zip"), CODE),
    Mutant("switch whose package is no zip", change(*SWITCH, filename=str(Path(__file__).resolve())), CODE),
    Mutant("switch in S3", in_s3, also(CODE, STRANGER)),
    Mutant("switch as an image", image, CODE),
]


def size(name: str, policy: str, argument: str, *values: Any) -> list[Mutant]:
    return [
        Mutant(f"switch with {name} {value}", change(*SWITCH, **{argument: value}), on(policy, *SWITCH))
        for value in values
    ]


ALIAS = "aws_lambda_alias"
FOLLOWS = [
    on("CKV_BG_282", ALIAS, f"switch_{name}") for name in ("operate", "deploy", "workflow", "interrupted")
]
ALIASES = [
    Mutant(
        "operate alias at one version",
        change(ALIAS, "operate", function_version="1"),
        FOLLOWS[0],
    ),
    Mutant(
        "operate alias at the unpublished code",
        change(ALIAS, "operate", function_version="$LATEST"),
        FOLLOWS[0],
    ),
    Mutant("switch function without versions", change(*SWITCH, publish=None), also(*FOLLOWS)),
]

R30 = [
    *size("runtime", "CKV_BG_230", "runtime", "python3.9", "python3.10", "python4.0", "nodejs22.x", None),
    Mutant(
        "rotation with runtime python3.9",
        change(FUNCTION, "green", runtime="python3.9"),
        on("CKV_BG_230", FUNCTION, "green"),
    ),
]
SIZES = [
    *size("timeout", "CKV_BG_231", "timeout", 30, "59", None),
    *size("memory", "CKV_BG_232", "memory_size", 128, "255", None),
]

TOLD = on("CKV_BG_233", *SWITCH)
LISTENER, GROUP = "aws_lb_listener", "aws_lb_target_group"
R33 = [
    Mutant("switch without environment", change(*SWITCH, environment=None), also(TOLD, MATCH)),
    *(
        Mutant(f"switch without {name}", environment(**{name: None}), TOLD)
        for name in ("LISTENER_ARN", "BLUE_TG_ARN", "GREEN_TG_ARN")
    ),
    Mutant("switch without SSM_PARAM_NAME", environment(SSM_PARAM_NAME=None), also(TOLD, MATCH)),
    Mutant("switch with an empty parameter name", environment(SSM_PARAM_NAME=""), also(TOLD, MATCH)),
    Mutant("switch with another parameter", environment(SSM_PARAM_NAME="/other"), also(TOLD, MATCH)),
    Mutant("switch with a target group as listener", given("LISTENER_ARN", GROUP, "blue"), TOLD),
    Mutant(
        "switch with a listener that has no weights",
        given("LISTENER_ARN", LISTENER, "load-balancer_http_"),
        also(TOLD, ROLE),
    ),
    Mutant("switch with a target group's name", given("BLUE_TG_ARN", GROUP, "blue", "name"), TOLD),
    Mutant("switch with the same target group twice", given("BLUE_TG_ARN", GROUP, "green"), TOLD),
    Mutant("switch with swapped target groups", swapped, TOLD),
]

STUB = [
    Mutant(
        "hello world as generated",
        hello_world,
        also(
            ROLE, CODE, on("CKV_BG_230", *SWITCH), on("CKV_BG_231", *SWITCH), on("CKV_BG_232", *SWITCH), TOLD
        ),
    ),
    Mutant(
        "code that switches, of a role that may not, told nothing",
        both(
            remove(POLICY, "switching_switch"), change(*SWITCH, environment=None, function_name="deploy-hook")
        ),
        also(ROLE, TOLD),
    ),
]

WORKING = """
import boto3
elbv2, ssm, sns, rds = (boto3.client(name) for name in ("elbv2", "ssm", "sns", "rds"))
dynamodb, cloudwatch = boto3.client("dynamodb"), boto3.client("cloudwatch")
class Others:
    def __init__(self):
        self.secrets = boto3.client("secretsmanager")
        self.workflow = boto3.client("stepfunctions")
    def look(self):
        self.secrets.describe_secret()
        self.workflow.start_execution()
        boto3.client("rds").describe_db_clusters()
        rds.describe_db_instances()
        ecs = boto3.client("ecs")
        ecs.describe_services()
        ecs.describe_task_definition()
        ecs.describe_tasks()
        ecs.list_tasks()
        ecs.register_task_definition()
        ecs.update_service()
        boto3.client("ecr").describe_images()
def move():
    elbv2.modify_listener()
    elbv2.describe_listeners()
    elbv2.describe_rules()
    elbv2.describe_target_group_attributes()
    elbv2.describe_target_health()
    ssm.get_parameters()
    ssm.put_parameter()
    sns.publish()
    for call in (dynamodb.get_item, dynamodb.put_item):
        call()
    dynamodb.get_item()
    dynamodb.put_item()
    dynamodb.update_item()
    dynamodb.query()
    cloudwatch.describe_alarms()
    Others().look()
"""
HARMLESS = [
    Mutant(
        "switch written differently",
        package(
            {
                "app/main.py": "from .work import move\n\ndef handler(event, context):\n    move()\n",
                "app/work.py": WORKING,
            },
            "app.main.handler",
        ),
        lambda _: set(),
    ),
    Mutant("switch with more than it needs", change(*SWITCH, timeout=120, memory_size=1024), lambda _: set()),
    Mutant("rotation with a short timeout", change(FUNCTION, "green", timeout=30), lambda _: set()),
]

MUTANTS = alone([*HARMLESS, *ALIASES, *R28, *R29, *R30, *SIZES, *R33, *STUB], "no switch function")
