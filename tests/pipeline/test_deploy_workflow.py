"""The pipeline as it is committed: who may do what, with which code; every step is a tested command."""

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.documents.blocks import lines
from tests.documents.words import known_options, make_targets, options_of, verb_of
from tests.workspaces import ROOT

TEXT = (ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
BLUEGREEN = [".venv/bin/python", "-m", "bluegreen"]
# With a role in AWS: what GitHub calls id-token.
DEPLOYING = {"plan", "apply", "deploy", "shift"}
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
RUNS = [(name, step["run"]) for name, step in STEPS if "run" in step]
# What other tests than those of the documents run: verb and options.
RUN_ELSEWHERE = {
    ("deploy", "--to --image --reason --function --output"): "tests/bluegreen/cli",
    ("bootstrap", "--check"): "tests/bluegreen/terraform/bootstrap",
    ("plan", "--summary"): "tests/bluegreen/terraform/plans",
}


def test_nothing_is_permitted_but_what_a_job_names() -> None:
    assert WORKFLOW["permissions"] == {}
    expected = {name: {"contents": "read"} for name in JOBS}
    expected["scan"]["security-events"] = "write"
    for name in DEPLOYING:
        expected[name]["id-token"] = "write"
    assert {name: job["permissions"] for name, job in JOBS.items()} == expected


def test_every_action_is_pinned_by_commit_and_says_its_version() -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert len(used) == sum("uses" in step for _, step in STEPS)
    for action, comment in used:
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    by_action: dict[str, set[str]] = {}
    for action, comment in used:
        by_action.setdefault(action.split("@")[0], set()).add(action + comment)
    assert all(len(found) == 1 for found in by_action.values())


def test_no_key_lives_longer_than_its_job() -> None:
    assert "secrets." not in TEXT
    assert not re.search(r"aws-(access-key-id|secret-access-key)", TEXT)
    for name, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name
        if step.get("uses", "").startswith("aws-actions/"):
            assert name in DEPLOYING
            assert step["with"]["role-to-assume"] == "${{ vars.AWS_ROLE }}"


def test_one_run_at_a_time_has_a_deployment_and_none_is_cancelled_half_way() -> None:
    concurrency = WORKFLOW["concurrency"]
    assert "format('deploy-{0}', inputs.deployment || 'staging')" in concurrency["group"]
    assert concurrency["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"
    assert all("timeout-minutes" in job for job in JOBS.values())


def test_the_order_and_who_approves() -> None:
    assert {name: job.get("needs") for name, job in JOBS.items()} == {
        "check": None,
        "scan": None,
        "plan": ["check", "scan"],
        "apply": "plan",
        "deploy": "check",
        "shift": "apply",
    }
    environments = {name: JOBS[name]["environment"] for name in DEPLOYING}
    assert len(set(environments.values())) == len(DEPLOYING)
    assert "github.ref == 'refs/heads/main'" in JOBS["plan"]["if"]
    assert "github.event_name != 'pull_request'" in JOBS["plan"]["if"]
    runs = [run for name, run in RUNS if name == "plan"]
    order = [run.split("bluegreen ")[1].split()[0] for run in runs if "bluegreen" in run]
    assert order == ["bootstrap", "plan", "scan", "guard"]


def test_the_plan_that_is_applied_is_the_one_that_was_planned() -> None:
    assert JOBS["plan"]["outputs"] == {"plan": "${{ steps.plan.outputs.plan }}"}
    (step,) = [step for name, step in STEPS if name == "apply" and "bluegreen apply" in step.get("run", "")]
    assert step["env"] == {"PLAN": "${{ needs.plan.outputs.plan }}"}
    assert step["run"].endswith('bluegreen apply "$PLAN"')
    assert "upload-artifact" not in TEXT


@pytest.mark.parametrize(("job", "run"), RUNS, ids=str)
def test_no_input_is_part_of_a_command(job: str, run: str) -> None:
    assert "${{" not in run, job


@pytest.mark.parametrize(("job", "run"), RUNS, ids=str)
def test_every_step_is_a_command_that_a_test_runs(job: str, run: str) -> None:
    words = shlex.split(run)
    if words == [".ci/run"]:
        return  # it runs this test
    if words[0] == "make":
        assert len(words) == 2
        assert words[1] in make_targets()
        assert words in [["make", "setup"], *_run_make()], f"{job}: no test runs {run}"
        return
    assert words[: len(BLUEGREEN)] == BLUEGREEN
    verb, *arguments = words[len(BLUEGREEN) :]
    command, _ = verb_of([verb])
    assert options_of(arguments) <= known_options(command)
    untested = options_of(arguments) - _tested(verb)
    assert untested == set(), f"{job}: no test runs {verb} with {untested}"


def _run_make() -> list[list[str]]:
    return [
        words for line in lines() if not line.real_account for words in line.commands if words[0] == "make"
    ]


def _tested(verb: str) -> set[str]:
    """Options with which the documents' or other tests run the verb, on an embedded AWS."""
    ran = [words for line in lines() if not line.real_account for words in line.commands]
    found = {option for words in ran if words[:2] == ["bluegreen", verb] for option in options_of(words)}
    for (other, options), folder in RUN_ELSEWHERE.items():
        if other == verb:
            place = ROOT / folder
            files = place.rglob("test_*.py") if place.is_dir() else [place]
            source = "".join(path.read_text(encoding="utf-8") for path in files)
            assert all(f'"{option}"' in source for option in options.split())
            found |= set(options.split())
    return found
