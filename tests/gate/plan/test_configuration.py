"""What references in a plan's configuration lead to, through modules and variables."""

from typing import Any

import pytest
from stack_gate.plan.configuration import Module


def block(type_: str, name: str = "this", **expressions: Any) -> dict[str, Any]:
    """One resource, as `terraform show -json` has it."""
    return {"address": f"{type_}.{name}", "type": type_, "name": name, "expressions": expressions}


def refers(*references: str) -> dict[str, Any]:
    """An expression."""
    return {"references": list(references)}


NETWORK = {
    "resources": [block("aws_vpc"), block("aws_subnet", vpc_id=refers("aws_vpc.this.id", "aws_vpc.this"))],
    "outputs": {"vpc_id": {"expression": refers("aws_vpc.this.id", "aws_vpc.this")}},
    "module_calls": {"logs": {"module": {"resources": [block("aws_flow_log")]}}},
}
KEY = refers("aws_kms_key.this.arn", "aws_kms_key.this")
TIER = {"resources": [block("aws_rds_cluster")], "variables": {"key": {}}}
ROOT = Module(
    {
        "resources": [block("aws_kms_key")],
        "module_calls": {
            "network": {"module": NETWORK},
            "tier": {
                "module": TIER,
                "expressions": {"key": KEY},
            },
        },
    }
)


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (["aws_kms_key.this.arn", "aws_kms_key.this"], {"aws_kms_key.this"}),
        (["aws_subnet.this[0].id", "aws_subnet.this[0]", "aws_subnet.this"], {"aws_subnet.this"}),
        (["data.aws_region.here.name", "data.aws_region.here"], {"data.aws_region.here"}),
        (["module.network.vpc_id", "module.network"], {"module.network.aws_vpc.this"}),
        (
            ["module.network"],  # depends_on
            {
                "module.network.aws_vpc.this",
                "module.network.aws_subnet.this",
                "module.network.module.logs.aws_flow_log.this",
            },
        ),
        (["module.nowhere.id", "module.nowhere"], set()),
        (["module.network.nothing", "module.network"], set()),
        (["var.key"], set()),  # of the root: given from outside
        (["each.key", "count.index", "local.name", "path.module", "terraform.workspace"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_stands_behind_references_of_the_root(references: list[str], expected: set[str]) -> None:
    assert ROOT.resolve(references) == expected


def test_a_variable_of_a_module_is_what_its_caller_gave() -> None:
    tier = ROOT.child("tier")
    assert tier is not None
    assert tier.resolve(["var.key"]) == {"aws_kms_key.this"}
    assert tier.resolve(["var.another"]) == set()
    assert tier.resolve(["aws_rds_cluster.this.id", "aws_rds_cluster.this"]) == {
        "module.tier.aws_rds_cluster.this"
    }


def test_a_module_that_is_not_called_is_none() -> None:
    assert ROOT.child("nowhere") is None


def test_everything_is_each_block_once_with_its_module() -> None:
    found = [module.prefix + resource["address"] for module, resource in ROOT.everything()]
    assert sorted(found) == [
        "aws_kms_key.this",
        "module.network.aws_subnet.this",
        "module.network.aws_vpc.this",
        "module.network.module.logs.aws_flow_log.this",
        "module.tier.aws_rds_cluster.this",
    ]
