"""The code says where it is deployed."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.platform._providers import aws

# As of November 2026. Source: AWS account management guide, "AWS Regions"; the partitions' own pages. Regions
# that come later: a next number is taken, a new geography wants an entry here.
GEOGRAPHIES = frozenset({
    "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov", "us-iso",
    "us-isob", "us-isof",
})  # fmt: skip
HIGHEST = 8  # of one direction; the most that there is, is 7
REGION = re.compile(
    r"(?P<where>[a-z]{2,4}(?:-[a-z]{2,4})?)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)"
    r"-(?P<number>\d)"
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
            elif not _may_be(str(region)):
                yield provider, f"names {region}, which is no region"


def _may_be(region: str) -> bool:
    """One of the regions, or one that may come next: of a geography and direction that there are."""
    match = REGION.fullmatch(region)
    return match is not None and match["where"] in GEOGRAPHIES and int(match["number"]) <= HIGHEST


check = ProviderNamesItsRegion()
