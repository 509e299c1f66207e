"""What jobs of the workflows may do: rules that name the job that breaks them; the trust of their roles."""

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bluegreen.permissions.trust import ENVIRONMENTS, Pipeline
from iam_evaluation import Caller, Kind, Policies, Request, evaluate, parse_policy
from tests.workspaces import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[Any, Any]] = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in FILES}
DEPLOY, REVIEW = WORKFLOWS["deploy.yml"], WORKFLOWS["review.yml"]
PROVIDER = "token.actions.githubusercontent.com"
PROTECTED = "github.ref == 'refs/heads/main'"
NO_PULL_REQUEST = ("github.event_name != 'pull_request'", "github.event_name == 'workflow_dispatch'")
PERMISSIONS = {"contents": {"read"}, "id-token": {"write"}, "security-events": {"write"}}
# An artefact is for everybody who may read the repository, a log too.
SHOWS = re.compile(
    r"terraform show|\bset -x|printenv|^env\b|AWS_SECRET|(cat|less|tail|head|jq) .*(plan|state)"
)
SECRET = re.compile(r"plan\.json|tfplan|tfstate|\.local|cdktf\.out")


def broken(workflow: dict[Any, Any]) -> Iterator[str]:
    """`job: rule` for each rule that a job breaks."""
    triggers = workflow[True]  # YAML 1.1 reads `on` as true
    by_pull_request = "pull_request" in triggers
    if "pull_request_target" in triggers or "workflow_run" in triggers:
        yield "workflow: runs what a pull request brought with the rights of the protected branch"
    if workflow.get("permissions") != {}:
        yield "workflow: permits what no job names"
    for name, job in workflow["jobs"].items():
        permissions = job.get("permissions")
        if not isinstance(permissions, dict) or any(
            value not in PERMISSIONS.get(key, ()) for key, value in permissions.items()
        ):
            yield f"{name}: permissions"
            continue
        if "id-token" in permissions:
            if by_pull_request and not _never_of_a_pull_request(workflow, name):
                yield f"{name}: id-token in a job that runs what a pull request brought"
            if "environment" not in job:
                yield f"{name}: id-token without an environment"
        for step in job["steps"]:
            uses, run = step.get("uses", ""), step.get("run", "")
            if uses.startswith("actions/upload-artifact@"):
                yield from _artefact(name, step.get("with", {}))
            if SHOWS.search(run):
                yield f"{name}: shows a plan, a state or the environment"
            if re.search(r"(pip|pipenv|npm) (install|i)\b", run) and "--require-hashes" not in run:
                yield f"{name}: installs what no lock file names"
            if "configure-aws-credentials" in uses and "id-token" not in permissions:
                yield f"{name}: credentials without id-token"


def _never_of_a_pull_request(workflow: dict[Any, Any], name: str) -> bool:
    """By its own condition, or by that of a job that it needs: a job is skipped with what it needs."""
    job = workflow["jobs"][name]
    condition = job.get("if", "")
    if PROTECTED in condition and any(text in condition for text in NO_PULL_REQUEST):
        return True
    if re.search(r"always\(\)|failure\(\)|cancelled\(\)", condition):
        return False
    needs = job.get("needs", [])
    return any(
        _never_of_a_pull_request(workflow, one) for one in ([needs] if isinstance(needs, str) else needs)
    )


def _artefact(name: str, given: dict[str, Any]) -> Iterator[str]:
    if SECRET.search(str(given.get("path", ""))):
        yield f"{name}: an artefact with a plan or a state"
    if not 0 < int(given.get("retention-days", 0)) <= 7:
        yield f"{name}: an artefact without an end"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_job_breaks_a_rule(name: str) -> None:
    assert list(broken(WORKFLOWS[name])) == []


def permit(job: str, **permissions: str) -> Callable[[dict[Any, Any]], None]:
    return lambda workflow: workflow["jobs"][job]["permissions"].update(
        {key.replace("_", "-"): value for key, value in permissions.items()}
    )


def step(job: str, **content: Any) -> Callable[[dict[Any, Any]], None]:
    return lambda workflow: workflow["jobs"][job]["steps"].append(content)


def without(job: str, key: str) -> Callable[[dict[Any, Any]], None]:
    return lambda workflow: workflow["jobs"][job].pop(key)


def artefact(path: str, **given: Any) -> dict[str, Any]:
    return {"uses": f"actions/upload-artifact@{40 * '0'}", "with": {"path": path, **given}}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (permit("check", id_token="write"), "check: id-token in a job that runs what a pull request brought"),
        (permit("check", contents="write"), "check: permissions"),
        (permit("scan", packages="read"), "scan: permissions"),
        (without("scan", "permissions"), "scan: permissions"),
        (without("plan", "if"), "plan: id-token in a job that runs what a pull request brought"),
        (without("plan", "if"), "apply: id-token in a job that runs what a pull request brought"),
        (without("apply", "environment"), "apply: id-token without an environment"),
        (lambda workflow: workflow["jobs"]["apply"].update({"if": "always()"}), "apply: id-token in a job"),
        (lambda workflow: workflow.pop("permissions"), "workflow: permits what no job names"),
        (lambda workflow: workflow[True].update(pull_request_target=None), "workflow: runs what a pull"),
        (step("plan", run="cat cdktf.out/stacks/staging/plan.json"), "plan: shows a plan"),
        (step("apply", run="terraform show tfplan"), "apply: shows a plan"),
        (step("apply", run="env"), "apply: shows a plan"),
        (step("check", run="pip install thing"), "check: installs what no lock file names"),
        (step("check", run="npm install thing"), "check: installs what no lock file names"),
        (step("plan", **artefact("cdktf.out/stacks", **{"retention-days": 1})), "plan: an artefact with"),
        (step("scan", **artefact("reports")), "scan: an artefact without an end"),
        (step("scan", **artefact("reports", **{"retention-days": 90})), "scan: an artefact without an end"),
        (step("check", uses=f"aws-actions/configure-aws-credentials@{40 * '0'}"), "check: credentials"),
    ],
)
def test_a_job_that_breaks_a_rule_is_named(change: Callable[[dict[Any, Any]], Any], named: str) -> None:
    workflow = copy.deepcopy(DEPLOY)
    change(workflow)
    assert [found for found in broken(workflow) if found.startswith(named)], list(broken(workflow))


@pytest.mark.integration
def test_the_linter_finds_nothing_and_finds_a_mistake(tmp_path: Path) -> None:
    """zizmor, by its own rules; offline."""

    def lint(path: Path) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress", str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    for path in FILES:
        passed = lint(path)
        assert passed.returncode == 0, passed.stdout
        broken_file = tmp_path / path.name
        injected = path.read_text("utf-8").replace("run: make synth", "run: echo ${{ github.head_ref }}")
        broken_file.write_text(injected)
        assert "template-injection" in lint(broken_file).stdout


def test_what_is_installed_is_locked() -> None:
    """By hash; and no package runs a script of its own when it is installed."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "pip install --quiet --require-hashes --no-deps -r scripts/pipenv.txt" in makefile
    requirements = (ROOT / "scripts" / "pipenv.txt").read_text("utf-8").splitlines()
    assert any(line.startswith("pipenv==") for line in requirements)
    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in requirements)
    installs = re.findall(r"npm (?:ci|install)[^\n]*", makefile)
    assert all("--ignore-scripts" in line or "--package-lock-only" in line for line in installs)
    assert len(installs) == 2


def test_a_change_is_judged_by_the_protected_branch_too() -> None:
    judge, lists = REVIEW["jobs"]["judge"], REVIEW["jobs"]["lists"]
    (base,) = [s["with"] for s in judge["steps"] if s.get("with", {}).get("path") == "protected"]
    assert base["ref"] == "${{ github.event.pull_request.base.sha }}"
    (run,) = [s["run"] for s in judge["steps"] if "--protected" in s.get("run", "")]
    assert run.endswith('scan --protected protected --variables "$GITHUB_OUTPUT"')
    assert lists["if"] == "needs.judge.outputs.review == 'true'"
    assert (lists["environment"], lists["permissions"]) == ("policy-review", {})
    owned = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8")
    paths = re.findall(r"^(/\S+) ", owned, re.MULTILINE)
    assert {"/policies/", "/packages/gate/", "/.github/", "/bluegreen/permissions/"} <= set(paths)
    assert all((ROOT / path.strip("/")).exists() for path in paths)


# The trust of the roles

ROLES = {"plan": "plan", "apply": "apply", "deploy": "deploy", "shift": "operate"}
REPOSITORY = "example/payments-platform"
TRUST = Pipeline(
    f"arn:aws:iam::123456789012:oidc-provider/{PROVIDER}",
    REPOSITORY,
    "refs/heads/main",
    ".github/workflows/deploy.yml",
)


def token(environment: str, /, **instead: str) -> dict[str, str]:
    """Claims of a job of deploy.yml, as STS gives them to a trust policy."""
    claims = {
        "aud": "sts.amazonaws.com",
        "sub": f"repo:{REPOSITORY}:environment:{environment}",
        "repository": REPOSITORY,
        "environment": environment,
        "ref": "refs/heads/main",
        "job_workflow_ref": f"{REPOSITORY}/.github/workflows/deploy.yml@refs/heads/main",
    }
    return {f"{PROVIDER}:{name}": value for name, value in (claims | instead).items() if value}


def assumes(role: str, claims: dict[str, str]) -> bool:
    policy = parse_policy(TRUST.document(role, "staging"), name=role, kind=Kind.TRUST)
    arn = f"arn:aws:iam::123456789012:role/payments-staging-{role}"
    caller = Caller.provider(TRUST.provider)
    request = Request(caller, "sts:AssumeRoleWithWebIdentity", arn, claims)
    return evaluate(request, Policies(resource=(policy,))).allowed


def environment_of(job: str) -> str:
    text = DEPLOY["jobs"][job]["environment"]
    return re.sub(r"\$\{\{.*?\}\}", "staging", text)


@pytest.mark.parametrize("job", ROLES)
def test_each_role_trusts_its_own_environment_on_the_protected_branch_only(job: str) -> None:
    role, environment = ROLES[job], environment_of(job)
    assert assumes(role, token(environment))
    for other in ({*map(environment_of, ROLES)} | {"production", "policy-review"}) - {environment}:
        assert not assumes(role, token(other))
        assert not assumes(role, token(environment, environment=other))
    for claims in (
        {"ref": "refs/heads/feature"},
        {"ref": "refs/pull/7/merge"},
        {"ref": ""},
        {"aud": "https://github.com/example"},
        {"sub": f"repo:{REPOSITORY}:pull_request"},
        {"sub": f"repo:{REPOSITORY}:ref:refs/heads/main"},
        {"repository": "mallory/payments-platform"},
        {"job_workflow_ref": f"{REPOSITORY}/.github/workflows/other.yml@refs/heads/main"},
        {"job_workflow_ref": f"{REPOSITORY}/.github/workflows/deploy.yml@refs/heads/feature"},
    ):
        assert not assumes(role, token(environment, **claims)), claims


def test_every_job_with_an_identity_has_its_role() -> None:
    deploying = {name for name, job in DEPLOY["jobs"].items() if "id-token" in job["permissions"]}
    assert deploying == set(ROLES)
    assert set(ROLES.values()) <= ENVIRONMENTS.keys()
