"""The recorded score of the policies: a change that none notices has a reason, and new runs find no other."""

from pathlib import Path

import pytest
from stack_gate import blocks, document
from stack_gate.mutation import Result, mutate
from stack_gate.mutation.operators import mutants

from bluegreen.pack import PACK
from packages.gate.tests.builder import TODAY
from tests.workspaces import stack_directory
from tools.gate_mutants.page import excuse, reason, reasons, recorded, share

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:checkov")
LEAST = 1_000  # of the recorded mutants
MOST = 2.0  # percent of the changes of guarded arguments that survive without a reason
SAMPLE, WHOLE = 8, 1600


def missed(result: Result) -> set[str]:
    """Arguments of which a change went unnoticed, and nothing says why."""
    known = {row["argument"] for row in recorded()["survived"]}
    return {
        outcome.mutant.argument
        for outcome in result.outcomes
        if not outcome.policies
        and outcome.mutant.argument not in known
        and not reason(outcome.mutant.argument)
        and not excuse(outcome.mutant.operator, outcome.mutant.argument)
    }


def run(workspace: Path, sample: int, seed: int) -> Result:
    result = mutate(stack_directory(workspace, "local"), policies=PACK, today=TODAY, sample=sample, seed=seed)
    assert (result.errors, result.alarms) == ([], [])
    assert len(result.outcomes) == sample
    return result


def test_each_argument_that_no_policy_notices_has_a_reason() -> None:
    run_ = recorded()
    assert {row["argument"] for row in run_["unguarded"] if reason(row["argument"]) is None} == set()
    assert (run_["alarms"], run_["errors"]) == ([], [])
    assert run_["mutants"] >= LEAST


def test_few_changes_of_guarded_arguments_survive() -> None:
    assert share() <= MOST


def test_each_reason_is_of_an_argument_of_the_stack(workspace: Path) -> None:
    path = stack_directory(workspace, "local") / "cdk.tf.json"
    read, problems = blocks.split(document.read(path), path.as_posix())
    used = {reason(argument) for argument in {mutant.argument for mutant in mutants(read)}}
    assert problems == []
    assert [why for _, why in reasons() if why not in used] == []


@pytest.mark.integration
def test_a_sample(workspace: Path) -> None:
    assert missed(run(workspace, SAMPLE, 7)) == set()


@pytest.mark.integration
@pytest.mark.long
def test_all_that_are_recorded(workspace: Path) -> None:
    result = run(workspace, WHOLE, 0)
    assert missed(result) == set()
