"""One real plan for all tests of a worker."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.terraform import Terraform
from tests.gate.plan.plans import Document, Edit, settled
from tests.workspaces import stack_directory


@dataclass(frozen=True, repr=False)  # half a megabyte
class Planned:
    """`stack`: directory of the synthesized stack; `create`: the plan that creates it all; `after`: the one
    after that.
    """

    stack: Path
    create: Document
    after: Document


def plan_in(directory: Path, aws: embedded_aws.LocalAws) -> dict[str, Any]:
    """A real plan of the stack in `directory`."""
    terraform = Terraform(directory, aws.environment())
    terraform.init()
    out = directory.parent / f"{directory.name}.tfplan"
    terraform.plan(out)
    return terraform.show(out)


@pytest.fixture(scope="session")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An AWS with nothing in it."""
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="session")
def planned(workspace: Path, aws: embedded_aws.LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The local deployment."""
    stack = tmp_path_factory.mktemp("planned") / "local"
    shutil.copytree(stack_directory(workspace, "local"), stack)
    create = plan_in(stack, aws)
    return Planned(stack, json.loads(json.dumps(create)), settled(create))


@pytest.fixture
def edit(planned: Planned) -> Edit:
    """A plan of the applied platform with nothing to do yet. Blue is the ledger's writer."""
    return Edit(planned.after).recorded('{"writer": "blue"}')
