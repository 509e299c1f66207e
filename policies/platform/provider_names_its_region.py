"""The code says where it is deployed."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.platform._providers import aws

# A geography, perhaps a partition or country (us-gov, us-isob, eusc-de), a direction, a number.
REGION = re.compile(
    r"[a-z]{2,4}(-gov|-iso[a-z]?|-[a-z]{2})?-(north|south|east|west|central|northeast|northwest|southeast|southwest)-\d"
)


class ProviderNamesItsRegion(StackPolicy):
    policy = "CKV2_BG_36"
    title = "The aws provider's region is configured"
    requirement = "R36"
    pci = "12.5.2"
    severity = "MEDIUM"
    why = "Whatever region the shell happens to name gets a second platform, outside the assessed scope"
    fix = 'set region of the aws provider, for example to "us-east-1"'

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        providers = aws(stack)
        if not providers:
            yield None, "configures no aws provider"
        for provider in providers:
            region = provider.get("region")
            if not region:
                yield provider, "names no region"
            elif not REGION.fullmatch(str(region)):
                yield provider, f"names {region}, which is no region"


check = ProviderNamesItsRegion()
