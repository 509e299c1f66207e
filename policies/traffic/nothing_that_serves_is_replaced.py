"""No change elsewhere makes Terraform replace what serves traffic or holds data."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS, Block, strings

from policies._policy import ResourcePolicy


class NothingThatServesIsReplaced(ResourcePolicy):
    policy = "CKV_BG_407"
    title = "No replace_triggered_by is on what serves traffic or holds data"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "An apply that changes something else destroys it while it serves, and makes it anew"
    fix = "remove lifecycle.replace_triggered_by"
    types = (
        *LISTENERS, *LOAD_BALANCERS, *TARGET_GROUPS, "aws_db_instance", "aws_dynamodb_table",
        "aws_ecs_cluster",
        "aws_ecs_service", "aws_eip", "aws_internet_gateway", "aws_kms_key", "aws_lambda_function",
        "aws_nat_gateway", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_s3_bucket",
        "aws_secretsmanager_secret", "aws_security_group", "aws_subnet", "aws_vpc", "aws_vpc_endpoint",
    )  # fmt: skip

    def defects(self, resource: Block) -> Iterator[str]:
        if triggers := strings(resource.get("lifecycle.replace_triggered_by")):
            yield f"is replaced when {', '.join(triggers)} changes"


check = NothingThatServesIsReplaced()
