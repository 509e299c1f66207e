"""Writes `.gitlab-ci.yml` from `.github/workflows/deploy.yml`: `python -m tools.pipeline`.

The workflow is the one description of the pipeline: jobs, order, commands, environments, timeouts. What is
GitHub's own (actions, conditions, expressions) has its counterpart in the tables below. What has none fails:
nothing of the workflow is left out silently.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TARGET = ROOT / ".github" / "workflows" / "deploy.yml", ROOT / ".gitlab-ci.yml"
HEAD = """\
# Written by `make generated` from .github/workflows/deploy.yml. How to set it up: docs/pipeline.md.
#
# CI_IMAGE has Python, Node.js, Terraform and make: .ci/Dockerfile. The environments, protected, have the
# variables AWS_ROLE and AWS_REGION, and approvals.
"""
PLAN_ENV, SCAN = "plan.env", "reports/scan"
# Of whom a job's identity token is trusted to be: AWS takes no other.
AUDIENCE = "sts.amazonaws.com"

# What an action does, in GitLab. None: GitLab or the image does it by itself.
ACTIONS: dict[str, str | None] = {
    "actions/checkout": None,
    "actions/setup-python": None,
    "actions/setup-node": None,
    "hashicorp/setup-terraform": None,
    "aws-actions/configure-aws-credentials": "credentials",
    "github/codeql-action/upload-sarif": "report",
}
MAIN = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
BY_HAND = '$CI_PIPELINE_SOURCE == "web"'
# A job's `if`. When it waits for an approval, it is started by hand in GitLab.
CONDITIONS = {
    None: None,
    "github.event_name != 'pull_request' && github.ref == 'refs/heads/main' && !inputs.image": (
        f'{MAIN} && $IMAGE == ""'
    ),
    "github.event_name == 'workflow_dispatch' && github.ref == 'refs/heads/main' && inputs.image != ''": (
        f'{MAIN} && {BY_HAND} && $IMAGE != ""'
    ),
    "github.event_name == 'workflow_dispatch' && inputs.shift_to != 'none'": (
        f'{MAIN} && {BY_HAND} && $SHIFT_TO != "none"'
    ),
}
EXPRESSIONS = {
    "inputs.deployment || 'staging'": "$DEPLOYMENT",
    "inputs.deployment": "$DEPLOYMENT",
    "inputs.deploy_to": "$DEPLOY_TO",
    "inputs.image": "$IMAGE",
    "inputs.shift_to": "$SHIFT_TO",
    "inputs.steps": "$STEPS",
    "inputs.bake": "$BAKE",
    "needs.plan.outputs.plan": "$plan",
    "vars.AWS_ROLE": "$AWS_ROLE",
    "vars.AWS_REGION": "$AWS_REGION",
    "vars.SWITCH_FUNCTION": "$SWITCH_FUNCTION",
    "vars.SHIFT_STATE_MACHINE": "$SHIFT_STATE_MACHINE",
    "github.run_id": "$CI_PIPELINE_ID",
    "github.sha": "$CI_COMMIT_SHA",
}
# In a command: files that GitHub reads, and how reports are read.
COMMANDS = {
    '"$GITHUB_OUTPUT"': PLAN_ENV,
    ' --summary "$GITHUB_STEP_SUMMARY"': "",  # the job's log has the same
    f"--format sarif={SCAN}.sarif": f"--format junit={SCAN}.xml",
}


# A session's duration has no counterpart: it is renewed with the same token, which lasts as long as the job.
SESSION = ("role-session-name", "role-duration-seconds")


class UnknownError(Exception):
    """Something of the workflow has no counterpart here."""


def pipeline(workflow: dict[Any, Any]) -> dict[str, Any]:
    """The document for GitLab. Raises UnknownError."""
    _all_known("workflow", workflow, {"name", True, "permissions", "concurrency", "env", "jobs"})
    inputs = workflow[True]["workflow_dispatch"]["inputs"]  # YAML 1.1 reads `on` as true
    jobs: dict[str, Any] = workflow["jobs"]
    return {
        "stages": list(jobs),
        "variables": {**workflow["env"], **{name.upper(): _input(given) for name, given in inputs.items()}},
        "workflow": {
            "rules": [
                {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'},
                {"if": MAIN},
            ]
        },
        "default": {"image": "$CI_IMAGE", "interruptible": False},
        **{name: _job(name, job) for name, job in jobs.items()},
    }


def _input(given: dict[str, Any]) -> dict[str, Any]:
    options = {"options": given["options"]} if given["type"] == "choice" else {}
    return {"value": given["default"], "description": given["description"], **options}


def _job(name: str, job: dict[str, Any]) -> dict[str, Any]:
    known = {
        "runs-on",
        "timeout-minutes",
        "permissions",
        "steps",
        "needs",
        "if",
        "environment",
        "outputs",
        "env",
    }
    _all_known(f"job {name}", job, known)
    _all_known(f"permissions of {name}", job["permissions"], {"contents", "id-token", "security-events"})
    does = [_known(ACTIONS, step["uses"].partition("@")[0], f"action of {name}") for step in _uses(job)]
    made: dict[str, Any] = {"stage": name, "timeout": f"{job['timeout-minutes']} minutes"}
    needs = job.get("needs", [])
    made["needs"] = [needs] if isinstance(needs, str) else needs
    condition = _known(CONDITIONS, job.get("if"), f"condition of {name}")
    environment = job.get("environment")
    if environment:
        made["environment"] = {"name": _translated(environment)}
        made["resource_group"] = "deploy-$DEPLOYMENT"
    if condition or environment:
        made["rules"] = [_rule(condition or MAIN, manual=_is_approved(environment))]
    if "credentials" in does:
        made["id_tokens"] = {"AWS_ID_TOKEN": {"aud": AUDIENCE}}
    elif "id-token" in job["permissions"]:
        raise UnknownError(f"job {name} may have an identity token and assumes no role")
    made["script"] = [*_credentials(job), *_exports(job.get("env", {})), *_commands(job)]
    made |= _artifacts(job, reports="report" in does)
    return made


def _uses(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (step for step in job["steps"] if "uses" in step)


def _is_approved(environment: str | None) -> bool:
    """Environments for plans have no reviewers."""
    return environment is not None and not environment.endswith("-plan")


def _rule(condition: str, *, manual: bool) -> dict[str, Any]:
    return {"if": condition, **({"when": "manual"} if manual else {})}


def _credentials(job: dict[str, Any]) -> Iterator[str]:
    """boto3 and Terraform assume the role by themselves, again when its session expires."""
    for step in _uses(job):
        if not step["uses"].startswith("aws-actions/"):
            continue
        given = step["with"]
        _all_known("configure-aws-credentials", given, {"role-to-assume", "aws-region", *SESSION})
        yield "umask 077"
        yield 'export AWS_WEB_IDENTITY_TOKEN_FILE="$(mktemp)"'
        yield 'printf \'%s\' "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"'
        yield f'export AWS_ROLE_ARN="{_translated(given["role-to-assume"])}"'
        yield f'export AWS_ROLE_SESSION_NAME="{_translated(given["role-session-name"])}"'


def _exports(variables: dict[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        translated = _translated(value)
        if translated != f"${name}":
            yield f'export {name}="{translated}"'


def _commands(job: dict[str, Any]) -> Iterator[str]:
    for step in job["steps"]:
        _all_known("step", step, {"name", "id", "uses", "with", "run", "env", "if"})
        if "run" not in step:
            continue
        if "if" in step:
            raise UnknownError(f"a command with a condition: {step['if']}")
        command = " ".join(step["run"].split())
        for theirs, ours in COMMANDS.items():
            command = command.replace(theirs, ours)
        if "GITHUB_" in command:
            raise UnknownError(f"command with a variable of GitHub: {command}")
        yield from _exports(step.get("env", {}))
        yield command


def _artifacts(job: dict[str, Any], *, reports: bool) -> dict[str, Any]:
    """No plan and no state is among them: they quote secrets."""
    if job.get("outputs"):
        return {"artifacts": {"reports": {"dotenv": PLAN_ENV}, "expire_in": "1 day"}}
    if reports:
        return {"artifacts": {"when": "always", "reports": {"junit": f"{SCAN}.xml"}, "expire_in": "1 week"}}
    return {}


def _translated(text: str) -> str:
    return re.sub(
        r"\$\{\{ (.*?) \}\}", lambda match: str(_known(EXPRESSIONS, match[1], "expression")), str(text)
    )


def _known(table: dict[Any, Any], key: Any, what: str) -> Any:
    if key not in table:
        raise UnknownError(f"{what}: tools/pipeline.py has no counterpart of {key!r} in GitLab")
    return table[key]


def _all_known(what: str, given: dict[Any, Any], known: set[Any]) -> None:
    if unknown := given.keys() - known:
        raise UnknownError(f"{what}: tools/pipeline.py has no counterpart of {sorted(unknown)} in GitLab")


def page() -> str:
    """The file."""
    document = pipeline(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))
    return f"{HEAD}\n{yaml.safe_dump(document, sort_keys=False, width=1000, allow_unicode=True)}"


def main() -> int:
    """Rewrite it."""
    try:
        TARGET.write_text(page(), encoding="utf-8")
    except UnknownError as error:
        sys.stderr.write(f"error: {error}\n  fix: add it there\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
