"""docs/costs.md with the counts of a stack. `python -m tests.documents.costs` rewrites it.

Prices and texts are kept; the counts, the months and the sum of the first table follow from the stack, as
production's sum does from its own, and the firewall's from its zones. The figures that README and the runbook
have of the stacks are rewritten, too.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from tests.stack_reader import Stack
from tests.workspaces import ROOT, stack_of

PATH = ROOT / "docs" / "costs.md"
HOURS, ZONES = 730, 3
FIREWALL = "`[network] firewall = true` adds:"  # above it is the first table
_CENT = Decimal("0.01")
# component | what | count | price per | month
_ROW = re.compile(r"\| ([^|]+) \|([^|]*)\| (\d+) \| ([\d.]+) (an hour|a month) \| ([\d.]+) \|")
_SUM = re.compile(r"(\| \*\*sum\*\* .* \| \*\*)([\d.]+)(\*\* \|)")
_PRODUCTION = re.compile(r"(?<=the sum is )\d+\.\d\d")
README, RUNBOOK = ROOT / "README.md", ROOT / "docs" / "runbook.md"


def counts(stack: Stack) -> dict[str, list[int]]:
    """Component → how many of each of its rows."""
    tasks, services = stack.all("aws_ecs_task_definition"), stack.all("aws_ecs_service")
    running = sum(service["desired_count"] for service in services)
    interfaces = [one for one in stack.all("aws_vpc_endpoint") if one["vpc_endpoint_type"] == "Interface"]
    alarms = stack.all("aws_cloudwatch_metric_alarm")
    queries = [alarm.block.get("metric_query") or [{"metric": {}}] for alarm in alarms]
    return {
        "Aurora": [len(stack.all("aws_rds_cluster_instance"))],
        "Fargate, CPU": [running * int(tasks[0]["cpu"]) // 1024],
        "Fargate, memory": [running * int(tasks[0]["memory"]) // 1024],
        "interface endpoints": [len(interfaces) * ZONES],
        "NAT gateways": [len(stack.all("aws_nat_gateway"))],
        "public addresses": [len(stack.all("aws_eip")) + ZONES],
        "load balancer": [len(stack.all("aws_lb"))],
        "web firewall": [1, len(stack.one("aws_wafv2_web_acl")["rule"])],
        "KMS": [len(stack.all("aws_kms_key")) + 1],
        "Secrets Manager": [len(stack.all("aws_secretsmanager_secret"))],
        "CloudWatch": [
            sum("metric" in query for found in queries for query in found),
            len(stack.all("aws_cloudwatch_composite_alarm")),
            len(stack.all("aws_cloudwatch_dashboard")),
        ],
    }


def rewritten(text: str, stacks: Mapping[str, Stack]) -> str:
    """The document with the counts of staging, and the sum of production. Raises ValueError where a row or a
    component has no match.
    """
    table, heading, rest = text.partition(FIREWALL)
    (table, sum_), (_, production) = (
        _counted(table, counts(stacks[name])) for name in ("staging", "production")
    )
    rest, _ = _counted(rest, {"network firewall": [ZONES]})
    table = _PRODUCTION.sub(str(production), table)
    return _SUM.sub(lambda match: f"{match[1]}{sum_}{match[3]}", table) + heading + rest


def _counted(table: str, counted: Mapping[str, list[int]]) -> tuple[str, Decimal]:
    """A table with these counts, and the sum of its months."""
    left = {component: list(found) for component, found in counted.items()}
    total = Decimal(0)

    def row(match: re.Match[str]) -> str:
        nonlocal total
        component, what, _, price, per, _ = match.groups()
        count = left[component].pop(0)
        month = (Decimal(price) * count * (HOURS if per == "an hour" else 1)).quantize(_CENT, ROUND_HALF_UP)
        total += month
        return f"| {component} |{what}| {count} | {price} {per} | {month} |"

    table = _ROW.sub(row, table)
    if any(left.values()):
        raise ValueError(f"docs/costs.md: no row for {left}")
    return table, total


def figures(stacks: Mapping[str, Stack], costs: str) -> dict[Path, str]:
    """README and the runbook with the numbers of resources, and the sum of docs/costs.md, rounded to ten."""
    local, staging = (
        sum(map(len, stacks[name].document["resource"].values())) for name in ("local", "staging")
    )
    (sum_,) = (Decimal(found[2]) for found in _SUM.finditer(costs))
    return {
        README: _put(
            README,
            {
                r"(?<=local is up: )\d+(?= added)": str(local),
                r"(?<=about )[\d,]+(?= USD a month for `staging`)": f"{round(sum_, -1):,.0f}",
            },
        ),
        RUNBOOK: _put(RUNBOOK, {r"(?<=about )\d+(?= resources;)": str(round(staging, -1))}),
    }


def _put(path: Path, values: Mapping[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    for pattern, value in values.items():
        text, replaced = re.subn(pattern, value, text)
        if replaced != 1:
            raise ValueError(f"{path.name}: {replaced} places for {value}")
    return text


def main() -> None:
    """Rewrite all three."""
    stacks = {name: Stack(stack_of(ROOT, name)) for name in ("local", "staging", "production")}
    costs = rewritten(PATH.read_text(encoding="utf-8"), stacks)
    for path, text in {PATH: costs, **figures(stacks, costs)}.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
