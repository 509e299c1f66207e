"""Tags, region, outputs, records."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import STACK, Document, Mutant, Mutation, Pair, also, change, on, remove
from tests.policies.harness import both as together

PARAMETER = "aws_ssm_parameter"
TAGS = ("Environment", "CostCenter", "MigrationPhase")


def provider(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["provider"]["aws"][0]
    return found


def tags(**changes: Any) -> Mutation:
    """Of the provider; None takes one out."""

    def mutate(document: Document) -> None:
        found = provider(document)["default_tags"][0]["tags"]
        found |= changes
        for name in [name for name, value in found.items() if value is None]:
            del found[name]

    return mutate


def no_default_tags(document: Document) -> None:
    del provider(document)["default_tags"]


def region(value: str | None) -> Mutation:
    def mutate(document: Document) -> None:
        provider(document)["region"] = value

    return mutate


def region_everywhere(value: str) -> Mutation:
    """In ARNs, names of services and policies, too."""

    def mutate(document: Document) -> None:
        document.update(json.loads(json.dumps(document).replace("us-east-1", value)))

    return mutate


def no_provider(document: Document) -> None:
    del document["provider"]


def outputs(**values: Any) -> Mutation:
    """Sets values; None takes the output out."""

    def mutate(document: Document) -> None:
        for name, value in values.items():
            if value is None:
                del document["output"][name]
            else:
                document["output"][name]["value"] = value

    return mutate


def address(policy: str, *addresses: str) -> Callable[[Document], set[Pair]]:
    return lambda _: {(policy, name) for name in addresses}


AWS = "provider.aws"
BOTH = also(address("CKV2_BG_1", AWS), address("CKV2_BG_34", AWS))

TAGGED = [
    Mutant("no default tags", no_default_tags, BOTH),
    *(Mutant(f"default tags without {name}", tags(**{name: None}), BOTH) for name in TAGS),
    Mutant("empty default tag", tags(CostCenter=""), BOTH),
    Mutant(
        "resource that empties a tag",
        change("aws_vpc", tags={"Name": "vpc", "Environment": ""}),
        on("CKV2_BG_1", "aws_vpc"),
    ),
    Mutant(
        "second of its type empties a tag",
        change("aws_rds_cluster", "green", tags={"MigrationPhase": " "}),
        on("CKV2_BG_1", "aws_rds_cluster", "green"),
    ),
]

# The output that names it leads to nothing.
RECORD = address("CKV2_BG_35", "output.active_environment_parameter")

REGION = [
    Mutant("no region", region(None), address("CKV2_BG_36", AWS)),
    Mutant("empty region", region(""), address("CKV2_BG_36", AWS)),
    Mutant(
        "region that is none",
        region_everywhere("virginia"),
        also(address("CKV2_BG_36", AWS), on("CKV_BG_404", "aws_vpc_endpoint")),
    ),
    Mutant(
        "no provider",
        no_provider,
        also(*(address(policy, STACK) for policy in ("CKV2_BG_1", "CKV2_BG_34", "CKV2_BG_36"))),
    ),
]

OUTPUTS = [
    *(
        Mutant(f"no output {name}", outputs(**{name: None}), on("CKV2_BG_35"))
        for name in (
            "vpc_id",
            "switch_lambda_arn",
            "active_environment",
            "connection_info",
            "green_cluster_endpoint",
        )
    ),
    *(
        Mutant(f"no output {name}", outputs(**{name: None}), on("CKV2_BG_35"))
        for name in ("switch_operate_arn", "switch_read_arn")
    ),
    Mutant(
        "operators sent to the switch as a whole",
        lambda document: outputs(switch_operate_arn=document["output"]["switch_lambda_arn"]["value"])(
            document
        ),
        address("CKV2_BG_35", "output.switch_operate_arn"),
    ),
    Mutant(
        "readers sent to the switch",
        lambda document: outputs(switch_read_arn=document["output"]["switch_lambda_arn"]["value"])(document),
        address("CKV2_BG_35", "output.switch_read_arn"),
    ),
    Mutant("no outputs", lambda document: document.pop("output"), on("CKV2_BG_35")),
    Mutant("empty output", outputs(vpc_id=""), address("CKV2_BG_35", "output.vpc_id")),
    Mutant(
        "literal active_environment",
        outputs(active_environment="blue"),
        address("CKV2_BG_37", "output.active_environment"),
    ),
    Mutant(
        "literal migration_status",
        outputs(migration_status="pending"),
        address("CKV2_BG_37", "output.migration_status"),
    ),
]

RECORDS = [
    Mutant(
        "no record of the active colour",
        together(remove(PARAMETER, "active-environment"), outputs(active_environment="${aws_lb.x.id}")),
        also(
            on("CKV2_BG_7"),
            on("CKV_BG_233", "aws_lambda_function", "_switch_"),
            address("CKV2_BG_37", "output.active_environment"),
            RECORD,
        ),
    ),
    Mutant(
        "no records",
        remove(PARAMETER, "switching"),
        also(
            on("CKV2_BG_7"),
            on("CKV_BG_233", "aws_lambda_function", "_switch_"),
            RECORD,
            *(address("CKV2_BG_37", f"output.{name}") for name in ("active_environment", "migration_status")),
        ),
    ),
    Mutant(
        "record without a value",
        change(PARAMETER, "active-environment", insecure_value=""),
        also(on("CKV2_BG_7"), RECORD),
    ),
    Mutant(
        "record that every apply rewrites",
        change(PARAMETER, "active-environment", lifecycle=None),
        on("CKV_BG_9", PARAMETER, "active-environment"),
    ),
    Mutant(
        "status that every apply rewrites",
        change(PARAMETER, "migration-status", lifecycle={"ignore_changes": ["description"]}),
        on("CKV_BG_9", PARAMETER, "migration-status"),
    ),
]

MODULES = [
    Mutant(
        "a module of whatever version there is",
        lambda document: document.update(module={"m": {"source": "team/vpc/aws", "version": ">= 1.0"}}),
        lambda _: {("CKV2_BG_262", "module.m"), ("", "module.m")},  # none is evaluated, whatever its version
    )
]

REVIEWED = [
    Mutant(
        "an argument that no policy understands",
        change("aws_ecs_service", "blue", service_connect_configuration={"enabled": True}),
        on("CKV2_BG_275", "aws_ecs_service", "blue"),
    ),
    Mutant(
        "a value that no review accepted",
        change("aws_lb", "", enable_waf_fail_open="true"),
        on("CKV2_BG_275", "aws_lb"),
    ),
    Mutant(
        "drift that Terraform leaves",
        change("aws_lb_target_group", "green", lifecycle={"ignore_changes": ["health_check"]}),
        on("CKV2_BG_275", "aws_lb_target_group", "green"),
    ),
]

MUTANTS = [*TAGGED, *REGION, *OUTPUTS, *RECORDS, *MODULES, *REVIEWED]
