"""Every check that the Checkov command would run is loaded."""

import json
import subprocess
import sys

import pytest
from stack_gate import registries

COMMAND = """
import json, checkov.main
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.terraform.base_runner import BaseTerraformRunner
graph = get_graph_checks_registry("terraform")
graph.load_checks()
registries = BaseTerraformRunner.block_type_registries.items()
python = [(kind, entity, check.id) for kind, found in registries for entity, check in found.all_checks()]
print(json.dumps({"python": sorted(python), "graph": sorted(check.id for check in graph.checks)}))
"""


@pytest.mark.integration
def test_as_many_as_the_checkov_command_loads() -> None:
    run = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, check=True)
    expected = json.loads(run.stdout)
    with registries.only_built_in():
        python = [
            [kind, entity, check.id]
            for kind, registry in registries.PYTHON.items()
            for entity, check in registry.all_checks()
        ]
        graph = [check.id for check in registries.graph().checks]
    assert sorted(python) == expected["python"]
    assert sorted(graph) == expected["graph"]
    assert sum(entity.startswith("aws_") for _, entity, _ in python) > 400
    assert len(graph) > 150


def test_no_built_in_check_is_left_out_for_its_id() -> None:
    """Of Terraform: other tests of this process may have loaded checks of Dockerfiles."""
    with registries.only_built_in():
        active = {id(check): _framework(check) for check in registries.active()}
    frameworks = set(active.values())
    created = {id(check) for check in registries.created() if _framework(check) in frameworks}
    assert created == active.keys()


def _framework(check: object) -> str:
    return ".".join(type(check).__module__.split(".")[:2])
