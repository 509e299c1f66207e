"""Databases have a version that RDS still creates."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES

AURORA = re.compile(r"8\.0\.mysql_aurora\.3\.(\d{2})\.\d+")
OLDEST = 8  # 3.08; older ones have left standard support


class EngineVersionIsCreatable(ResourcePolicy):
    policy = "CKV_BG_118"
    title = "The engine version of each database is 8.0.mysql_aurora.3.08.0 or later"
    requirement = "R16"
    pci = "6.3.3"
    severity = "MEDIUM"
    why = (
        "AWS refuses the version in the middle of an apply, or picks another one for either colour by itself"
    )
    fix = (
        'set engine_version = "8.0.mysql_aurora.3.10.3", or another patch of the long-term support line 3.10'
    )
    types = DATABASES  # the instances of a cluster have its version

    def defects(self, resource: Block) -> Iterator[str]:
        version = resource.get("engine_version")
        match = AURORA.fullmatch(str(version))
        if not version:
            yield "names no engine_version"
        elif not match:
            yield f"has the engine_version {version}, which is none of Aurora MySQL 3"
        elif int(match[1]) < OLDEST:
            yield f"has the engine_version {version}, which can't be created any more"


check = EngineVersionIsCreatable()
