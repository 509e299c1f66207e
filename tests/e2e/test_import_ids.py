"""IDs by which Terraform imports what exists without being in the state, of each resource."""

import pytest
from embedded_aws import REGION

from bluegreen.aws import Access
from bluegreen.terraform import Instance
from bluegreen.terraform.recovery.clients import clients
from bluegreen.terraform.recovery.imports import BY_LOOKUP, BY_NAME, import_id
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

# What AWS makes only once, or puts in place of what is there: no second apply fails on it.
REPEATABLE = {
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_cloudwatch_log_metric_filter",
    "aws_default_security_group",
    "aws_ecs_cluster",
    "aws_ecs_task_definition",
    "aws_eip",
    "aws_flow_log",
    "aws_kms_key",
    "aws_route_table",
    "aws_sns_topic",
    "aws_vpc",
}
ATTACHED = ("_alarm", "_association", "_configuration", "_controls", "_dashboard", "_notification", "_policy")
ALSO_ATTACHED = ("_access_block", "_notifications", "_rotation", "_rule", "_target", "_versioning")


def expected(instance: Instance) -> str:
    """The ID of the state, or what the provider's page asks for where an import takes another one."""
    it = instance.attributes
    match instance.type:
        case "aws_ecs_service":
            return f"{it['cluster'].rpartition('/')[2]}/{it['name']}"
        case "aws_lambda_alias" | "aws_lambda_permission":
            function = it["function_name"].rpartition(":")[2]
            alias = f":{it['qualifier']}" if it.get("qualifier") else ""
            return f"{function}{alias}/{it.get('statement_id') or it['name']}"
        case "aws_route":
            return f"{it['route_table_id']}_{it['destination_cidr_block']}"
        case "aws_route_table_association":
            return f"{it['subnet_id']}/{it['route_table_id']}"
        case "aws_wafv2_web_acl":
            return f"{it['id']}/{it['name']}/{it['scope']}"
        case _:
            return str(it["id"])


def test_each_id_is_found_by_what_a_plan_knows(platform: Platform) -> None:
    """Without what AWS makes up."""
    client_for = clients(Access(REGION, platform.aws.endpoint, platform.aws.environment({})))
    known = set(BY_LOOKUP) | set(BY_NAME)
    seen = set()
    for instance in platform.terraform.state().instances:
        planned = {key: value for key, value in instance.attributes.items() if key not in {"arn", "id"}}
        found = import_id(instance.type, planned, client_for)
        assert found == (expected(instance) if instance.type in known else None), instance.address
        seen.add(instance.type)
    others = {type_ for type_ in seen - known if not type_.endswith((*ATTACHED, *ALSO_ATTACHED))}
    assert others == REPEATABLE, others ^ REPEATABLE
