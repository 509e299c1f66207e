"""The logs of a database are out of the reach of its administrator."""

from collections.abc import Iterator

from stack_gate.stack import Block, listed

from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES

LOGS = ("audit", "error", "general", "slowquery")


class DatabaseExportsItsLogs(ResourcePolicy):
    policy = "CKV_BG_125"
    title = f"Each database exports its {', '.join(LOGS)} logs"
    requirement = "R21"
    pci = "10.3.3"
    severity = "HIGH"
    why = "Logs that stay on an instance are rotated away within a day, and gone with it"
    fix = "set enabled_cloudwatch_logs_exports = [{}]".format(", ".join(f'"{log}"' for log in LOGS))
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        exported = listed(resource.get("enabled_cloudwatch_logs_exports"))
        if lacking := [log for log in LOGS if log not in exported]:
            yield f"does not export {', '.join(lacking)}"


check = DatabaseExportsItsLogs()
