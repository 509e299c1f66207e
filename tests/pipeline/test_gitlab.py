"""The pipeline for GitLab says what the workflow of GitHub says, and both are valid by their own schemas."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkov.dockerfile.runner import Runner
from checkov.runner_filter import RunnerFilter

from tests.workspaces import ROOT
from tools.pipeline import COMMANDS, SOURCE, TARGET, UnknownError, page, pipeline

WORKFLOW: dict[Any, Any] = yaml.safe_load(SOURCE.read_text("utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]
OURS = pipeline(WORKFLOW)
DEPLOYING = {name for name, job in JOBS.items() if "id-token" in job["permissions"]}
SCHEMAS = {TARGET: "vendor.gitlab-ci", SOURCE: "vendor.github-workflows"}


def lint(path: Path, schema: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_file_is_the_one_that_is_generated() -> None:
    assert TARGET.read_text("utf-8") == page(), "run: make generated"


@pytest.mark.integration
@pytest.mark.parametrize(("path", "schema"), SCHEMAS.items(), ids=lambda value: Path(value).name)
def test_the_linter_passes_it_and_finds_a_mistake(path: Path, schema: str, tmp_path: Path) -> None:
    passed = lint(path, schema)
    assert passed.returncode == 0, passed.stdout
    broken = tmp_path / path.name
    broken.write_text(path.read_text("utf-8").replace("needs:", "neds:"))
    assert lint(broken, schema).returncode == 1


@pytest.mark.integration
@pytest.mark.parametrize("path", sorted(SOURCE.parent.glob("*.yml")), ids=lambda path: path.name)
def test_the_linter_passes_every_workflow(path: Path) -> None:
    passed = lint(path, "vendor.github-workflows")
    assert passed.returncode == 0, passed.stdout


@pytest.mark.parametrize("name", JOBS)
def test_a_job_runs_the_same_commands_in_the_same_order(name: str) -> None:
    theirs = [" ".join(step["run"].split()) for step in JOBS[name]["steps"] if "run" in step]
    for text, counterpart in COMMANDS.items():
        theirs = [command.replace(text, counterpart) for command in theirs]
    own = [line for line in OURS[name]["script"] if not line.startswith(("export ", "umask ", "printf "))]
    assert own == theirs
    needs = JOBS[name].get("needs", [])
    assert OURS[name]["needs"] == ([needs] if isinstance(needs, str) else needs)
    assert OURS[name]["timeout"] == f"{JOBS[name]['timeout-minutes']} minutes"


def test_only_deploying_jobs_have_an_identity_an_environment_and_one_run_at_a_time() -> None:
    for name in JOBS:
        expected = name in DEPLOYING
        assert ("id_tokens" in OURS[name]) == expected, name
        assert ("environment" in OURS[name]) == expected, name
        assert (OURS[name].get("resource_group") == "deploy-$DEPLOYMENT") == expected, name
    names = {OURS[name]["environment"]["name"] for name in DEPLOYING}
    assert len(names) == len(DEPLOYING)


def test_what_has_reviewers_is_started_by_hand_and_merge_requests_deploy_nothing() -> None:
    for name in DEPLOYING:
        (rule,) = OURS[name]["rules"]
        assert rule["if"].startswith("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH")  # unset for merge requests
        assert (rule.get("when") == "manual") == (not JOBS[name]["environment"].endswith("-plan")), name


def test_no_plan_state_or_secret_is_an_artifact() -> None:
    kept = [OURS[name].get("artifacts", {}) for name in JOBS]
    assert all("paths" not in artifacts for artifacts in kept)
    assert {report for artifacts in kept for report in artifacts.get("reports", {}).values()} == {
        "plan.env",
        "reports/scan.xml",
    }


def _action(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["steps"].append({"uses": "actions/cache@0123"})


def _condition(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["plan"]["if"] = "github.actor == 'me'"


def _expression(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["plan"]["env"]["ACTOR"] = "${{ github.actor }}"


def _step_with_a_condition(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["steps"].append({"run": "make lint", "if": "failure()"})


def _variable_of_github(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["steps"].append({"run": 'make lint > "$GITHUB_STEP_SUMMARY"'})


def _key(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["container"] = "debian"


def _permission(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["permissions"]["packages"] = "write"


def _identity_without_a_role(workflow: dict[Any, Any]) -> None:
    workflow["jobs"]["check"]["permissions"]["id-token"] = "write"


@pytest.mark.parametrize(
    "change",
    [
        _action,
        _condition,
        _expression,
        _step_with_a_condition,
        _variable_of_github,
        _key,
        _permission,
        _identity_without_a_role,
    ],
)
def test_what_has_no_counterpart_is_not_left_out(change: Callable[[dict[Any, Any]], None]) -> None:
    workflow = copy.deepcopy(WORKFLOW)
    change(workflow)
    with pytest.raises(UnknownError):
        pipeline(workflow)


@pytest.mark.integration
def test_checkov_finds_nothing_in_the_image() -> None:
    report: Any = Runner().run(
        root_folder=str(ROOT / ".ci"), runner_filter=RunnerFilter(framework=["dockerfile"])
    )
    assert report.passed_checks
    assert [(check.check_id, check.check_name) for check in report.failed_checks] == []
