"""What runs the colours."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import (
    Document,
    Mutant,
    Mutation,
    also,
    body,
    change,
    name_like,
    names,
    on,
    remove,
)

DEFINITION = "aws_ecs_task_definition"
PARAMETER = "aws_ssm_parameter"
SERVICE = "aws_ecs_service"
TARGET = "aws_appautoscaling_target"
VERSION = "aws_secretsmanager_secret_version"
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/payments-local"


def container(edit: Callable[[dict[str, Any]], object], part: str = "blue") -> Mutation:
    """Edits the only container of a task definition."""

    def mutate(document: Document) -> None:
        definition = body(document, DEFINITION, part)
        (found,) = json.loads(definition["container_definitions"])
        edit(found)
        definition["container_definitions"] = json.dumps([found])

    return mutate


def setting(**arguments: Any) -> Mutation:
    """Sets arguments of the container; None takes one out."""

    def edit(found: dict[str, Any]) -> None:
        for name, value in arguments.items():
            if value is None:
                del found[name]
            else:
                found[name] = value

    return container(edit)


def first_image(image: str) -> Mutation:
    """Sets what the parameter of blue's image declares."""
    return change(PARAMETER, "blue-fargate", insecure_value=image)


def variable(name: str, value: str) -> Mutation:
    return container(lambda found: found["environment"].append({"name": name, "value": value}), "green")


def capabilities(**given: list[str]) -> Mutation:
    def edit(found: dict[str, Any]) -> None:
        found["linuxParameters"]["capabilities"] = given

    return container(edit)


def sidecar(document: Document) -> None:
    """A second container, as somebody adds one: with what ECS takes by default."""
    definition = body(document, DEFINITION, "green")
    found = json.loads(definition["container_definitions"])
    found.append({"name": "agent", "image": "public.ecr.aws/agents/agent:latest"})
    definition["container_definitions"] = json.dumps(found)


def secret_version(document: Document) -> None:
    """The value of the secret, put into the environment by Terraform."""
    secret = name_like(document, "aws_secretsmanager_secret", "green-credentials")
    document["data"] = {VERSION: {"now": {"secret_id": f"${{aws_secretsmanager_secret.{secret}.id}}"}}}
    variable("DATABASE_CREDENTIALS_JSON", f"${{data.{VERSION}.now.secret_string}}")(document)


def in_a_public_subnet(document: Document) -> None:
    subnets = [name for name in names(document, "aws_subnet") if "public" in name]
    body(document, SERVICE, "green")["network_configuration"]["subnets"] = [
        f"${{aws_subnet.{name}.id}}" for name in subnets
    ]


def role_that_sends(document: Document) -> None:
    """The application may send to a queue, without a way to SQS but the internet."""
    role = name_like(document, "aws_iam_role", "blue_role")
    document["resource"]["aws_iam_role_policy"]["captures"] = {
        "role": f"${{aws_iam_role.{role}.id}}",
        "policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["sqs:SendMessage"],
                        "Resource": ["arn:aws:sqs:us-east-1:123456789012:captures"],
                    }
                ],
            }
        ),
    }


def without_endpoint(api: str) -> Mutation:
    return remove("aws_vpc_endpoint", f"endpoints_{api}_")


def scheduled(document: Document) -> None:
    """More tasks in the morning, on the target as it is: each apply sets the bounds back."""
    target = name_like(document, TARGET, "blue")
    document["resource"]["aws_appautoscaling_scheduled_action"] = {
        "morning": {
            "name": "morning",
            "resource_id": f"${{{TARGET}.{target}.resource_id}}",
            "scalable_dimension": "ecs:service:DesiredCount",
            "service_namespace": "ecs",
            "schedule": "cron(0 6 ? * MON-FRI *)",
            "scalable_target_action": {"min_capacity": "6", "max_capacity": "60"},
        }
    }


PRIVILEGES = on("CKV_BG_261", DEFINITION, "blue")

CONTAINERS = [
    Mutant("privileged container", setting(privileged=True), PRIVILEGES),
    Mutant("container that runs as root", setting(user="0:0"), PRIVILEGES),
    Mutant("container that runs as root by name", setting(user="root"), PRIVILEGES),
    Mutant("container without user", setting(user=None), PRIVILEGES),
    Mutant("container with a capability", capabilities(add=["SYS_PTRACE"], drop=["ALL"]), PRIVILEGES),
    Mutant("container with default capabilities", setting(linuxParameters=None), PRIVILEGES),
    Mutant(
        "container that shares the host's processes", change(DEFINITION, "blue", pid_mode="host"), PRIVILEGES
    ),
    Mutant(
        "writable root file system",
        setting(readonlyRootFilesystem=False),
        on("CKV_BG_262", DEFINITION, "blue"),
    ),
    Mutant(
        "default root file system",
        setting(readonlyRootFilesystem=None),
        on("CKV_BG_262", DEFINITION, "blue"),
    ),
    Mutant(
        "image by tag",
        setting(image=f"{REPOSITORY}:latest"),
        also(on("CKV_BG_263", DEFINITION, "blue"), on("CKV_BG_268", DEFINITION, "blue")),
    ),
    Mutant(
        "image without tag",
        setting(image=REPOSITORY),
        also(on("CKV_BG_263", DEFINITION, "blue"), on("CKV_BG_268", DEFINITION, "blue")),
    ),
    Mutant("first image by tag", first_image(f"{REPOSITORY}:latest"), on("CKV_BG_263", DEFINITION, "blue")),
    Mutant(
        "first image of another registry",
        first_image("public.ecr.aws/payments/payments@sha256:" + 64 * "d"),
        on("CKV2_BG_310", DEFINITION, "blue"),
    ),
    Mutant(
        "image of a parameter that the stack only reads",
        setting(image="${data.aws_ssm_parameter.image.insecure_value}"),
        also(
            on("CKV_BG_263", DEFINITION, "blue"),
            on("CKV2_BG_310", DEFINITION, "blue"),
            on("CKV_BG_268", DEFINITION, "blue"),
        ),
    ),
    Mutant(
        "image with a suffix beside the parameter's value",
        container(lambda found: found.update(image=found["image"] + "-debug")),
        also(
            on("CKV_BG_263", DEFINITION, "blue"),
            on("CKV2_BG_310", DEFINITION, "blue"),
            on("CKV_BG_268", DEFINITION, "blue"),
        ),
    ),
    Mutant(
        "apply that sets the image back",
        change(PARAMETER, "green-fargate", lifecycle=None),
        also(on("CKV_BG_268", DEFINITION, "green"), on("CKV_BG_9", PARAMETER, "green-fargate")),
    ),
    Mutant(
        "apply that compares with a former revision",
        change(DEFINITION, "green", track_latest=None),
        on("CKV_BG_268", DEFINITION, "green"),
    ),
    Mutant(
        "sidecar with everything by default",
        sidecar,
        also(
            on("CKV_BG_261", DEFINITION, "green"),
            on("CKV_BG_262", DEFINITION, "green"),
            on("CKV_BG_263", DEFINITION, "green"),
            on("CKV2_BG_310", DEFINITION, "green"),
        ),
    ),
]

SECRETS = [
    Mutant(
        "password in the environment",
        variable("DATABASE_PASSWORD", "correct-horse-battery"),
        also(on("CKV_BG_264", DEFINITION, "green"), on("CKV2_BG_250", DEFINITION, "green")),
    ),
    Mutant(
        "token in the environment, of who knows where",
        variable("ACQUIRER_TOKEN", "${aws_api_gateway_api_key.acquirer.value}"),
        on("CKV_BG_264", DEFINITION, "green"),
    ),
    Mutant(
        "value of a secret in the environment",
        secret_version,
        also(
            on("CKV_BG_264", DEFINITION, "green"),
            lambda _: {("CKV2_BG_121", f"data.{VERSION}.now")},  # it is in the state, too
        ),
    ),
]

DEPLOYMENTS = [
    Mutant(
        "service without circuit breaker",
        change(SERVICE, "blue", deployment_circuit_breaker=None),
        on("CKV_BG_265", SERVICE, "blue"),
    ),
    Mutant(
        "circuit breaker that does not roll back",
        change(SERVICE, "blue", deployment_circuit_breaker__rollback=False),
        on("CKV_BG_265", SERVICE, "blue"),
    ),
    Mutant(
        "deployment that takes half of the tasks away",
        change(SERVICE, "green", deployment_minimum_healthy_percent=50),
        on("CKV_BG_265", SERVICE, "green"),
    ),
    Mutant(
        "apply that sets the number of tasks",
        change(SERVICE, "green", lifecycle=None),
        on("CKV_BG_266", SERVICE, "green"),
    ),
    Mutant("apply that sets the bounds of a schedule back", scheduled, on("CKV_BG_266", TARGET, "blue")),
    Mutant(
        "apply that ignores something else than the number of tasks",
        change(SERVICE, "green", lifecycle={"ignore_changes": ["tags"]}),
        on("CKV_BG_266", SERVICE, "green"),
    ),
]

NETWORK = [
    Mutant(
        "tasks with public addresses",
        change(SERVICE, "blue", network_configuration__assign_public_ip=True),
        on("CKV_BG_260", SERVICE, "blue"),
    ),
    Mutant("no endpoint for an API that tasks call", role_that_sends, on("CKV2_BG_267")),
    Mutant("tasks in public subnets", in_a_public_subnet, on("CKV_BG_260", SERVICE, "green")),
    *(
        Mutant(f"no endpoint for {api} that tasks need", without_endpoint(api), also(*map(on, found)))
        for api, found in (
            ("ecr-api", ("CKV2_BG_267", "CKV2_BG_5")),  # the switch asks it for images, too
            ("ecr-dkr", ("CKV2_BG_267",)),
            ("logs", ("CKV2_BG_267",)),
        )
    ),
]

ALARM, WITHOUT_DATA = "aws_cloudwatch_metric_alarm", "CKV_BG_206"


def dimensions(**given: str) -> Mutation:
    return change(ALARM, "blue_service-cpu", dimensions=given)


WATCHED = [
    Mutant(
        "alarm on a service of whatever cluster",
        dimensions(ServiceName="payments-local-blue"),
        on(WITHOUT_DATA, ALARM, "blue_service-cpu"),
    ),
    Mutant(
        "alarm on a service that there is not",
        dimensions(ClusterName="payments-local-blue", ServiceName="payments"),
        on(WITHOUT_DATA, ALARM, "blue_service-cpu"),
    ),
    Mutant(
        "storage of tasks without key",
        change("aws_ecs_cluster", "green", configuration=None),
        on("CKV_BG_5", "aws_ecs_cluster", "green"),
    ),
]

MUTANTS = [*WATCHED, *CONTAINERS, *SECRETS, *DEPLOYMENTS, *NETWORK]
