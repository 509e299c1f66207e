"""docs/costs.md counts what the synthesized stack has, and adds up."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from tests.stack_reader import Stack
from tests.workspaces import ROOT

HOURS = 730
ZONES = 3


def rows() -> dict[str, list[list[str]]]:
    """Component → its rows' other cells, of the first table."""
    text = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8").split("With traffic come:")[0]
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        component, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if len(cells) == 4 and cells[1].isdecimal():
            found.setdefault(component, []).append(cells)
    return found


def test_each_row_and_the_sum_add_up() -> None:
    total = Decimal(0)
    for component, found in rows().items():
        for _, count, unit, month in found:
            price, _, per = unit.partition(" ")
            factor = {"an hour": HOURS, "a month": 1}[per]
            exact = Decimal(price) * int(count) * factor
            assert Decimal(month) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP), component
            total += Decimal(month)
    assert f"| **{total}** |" in (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")


def test_the_counts_are_those_of_staging(stacks: Mapping[str, Stack]) -> None:
    resources = stacks["staging"].document["resource"]
    counts = {component: [int(row[1]) for row in found] for component, found in rows().items()}
    tasks = list(resources["aws_ecs_task_definition"].values())
    services = resources["aws_ecs_service"].values()
    running = sum(service["desired_count"] for service in services)
    interfaces = [e for e in resources["aws_vpc_endpoint"].values() if e["vpc_endpoint_type"] == "Interface"]
    queries = [
        alarm.get("metric_query") or [{"metric": {}}]
        for alarm in resources["aws_cloudwatch_metric_alarm"].values()
    ]
    (firewall,) = resources["aws_wafv2_web_acl"].values()
    assert counts == {
        "Aurora": [len(resources["aws_rds_cluster_instance"])],
        "Fargate, CPU": [running * int(tasks[0]["cpu"]) // 1024],
        "Fargate, memory": [running * int(tasks[0]["memory"]) // 1024],
        "interface endpoints": [len(interfaces) * ZONES],
        "NAT gateways": [len(resources["aws_nat_gateway"])],
        "public addresses": [len(resources["aws_eip"]) + ZONES],
        "load balancer": [len(resources["aws_lb"])],
        "web firewall": [1, len(firewall["rule"])],
        "KMS": [len(resources["aws_kms_key"]) + 1],
        "Secrets Manager": [len(resources["aws_secretsmanager_secret"]) + len(resources["aws_rds_cluster"])],
        "CloudWatch": [
            sum(1 for found in queries for query in found if "metric" in query),
            len(resources["aws_cloudwatch_composite_alarm"]),
            len(resources["aws_cloudwatch_dashboard"]),
        ],
    }
