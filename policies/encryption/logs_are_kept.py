"""Log groups keep a year of logs."""

from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._policy import ResourcePolicy

YEAR = 365  # days; PCI DSS 4.0.1 10.5.1 asks for twelve months


class LogsAreKept(ResourcePolicy):
    policy = "CKV_BG_40"
    title = "Each log group keeps its logs for a year, and says so"
    requirement = None
    pci = "10.5.1"
    severity = "HIGH"
    why = "An intrusion that is noticed late can't be traced in logs that are gone"
    fix = "set retention_in_days = 365, or more"
    types = ("aws_cloudwatch_log_group",)

    def defects(self, resource: Block) -> Iterator[str]:
        days = resource.get("retention_in_days")
        kept = number(days)
        if kept is None:
            yield (
                "names no retention_in_days"
                if days is None
                else f"has the retention {days}, which can't be read"
            )
        elif 0 < kept < YEAR:  # 0 keeps them for ever
            yield f"keeps logs for {days} days"


check = LogsAreKept()
