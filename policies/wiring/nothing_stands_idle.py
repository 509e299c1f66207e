"""Each resource is put to the use that it is there for."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.wiring._links import USES


class NothingStandsIdle(StackPolicy):
    policy = "CKV2_BG_442"
    title = "Each plan, rule, queue, secret, gateway and cluster is put to use by what belongs to it"
    requirement = None
    pci = "2.2.4"
    severity = "MEDIUM"
    yields = True
    why = "Nothing uses it: no event arrives, nothing is backed up, no policy protects it"
    fix = "let the resource that belongs to it name it, or remove it"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for type_, rows in USES.items():
            for block in stack.resources(type_):
                for row in rows:
                    if not any(True for user, path in row for _ in stack.users(block, path, user)):
                        yield block, f"is named by no {' or '.join(dict.fromkeys(user for user, _ in row))}"


check = NothingStandsIdle()
