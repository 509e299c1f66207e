"""Verbs on deployments that are not there, each with what to do about it."""

from pathlib import Path

import embedded_aws
import pytest

from tests.bluegreen.cli.conftest import run, write_stack

S3 = {"terraform": {"backend": {"s3": {"bucket": "states", "key": "x", "region": "us-east-1"}}}}
VERBS = [
    ("status",),
    ("switch", "--to", "green"),
    ("shift", "--to", "green", "--steps", "5,100", "--yes"),
    ("follow",),
    ("approve",),
    ("abort",),
    ("rollback",),
    ("freeze", "--reason", "night"),
    ("unfreeze",),
    ("reconcile",),
    ("history",),
    ("preflight", "--to", "green"),
    ("local", "health", "--colour", "blue", "--state", "healthy"),
    ("local", "fail", "--colour", "green", "--mode", "errors"),
    ("local", "load"),
    ("local", "env"),
]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that commands are run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "verb", [*(verb for verb in VERBS if verb[0] != "local"), ("local", "up")], ids=" ".join
)
@pytest.mark.usefixtures("checkout")
def test_nothing_is_synthesized(verb: tuple[str, ...]) -> None:
    result = run(*verb)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "error: local is not synthesized: there is no cdktf.out/stacks/local/cdk.tf.json\n"
        "  fix: run `make synth` in the checkout; elsewhere, name the checkout with `bluegreen --project`\n"
    )


def test_there_is_no_such_deployment(checkout: Path) -> None:
    (checkout / "config").mkdir()
    for name in ("local", "staging"):
        (checkout / "config" / f"{name}.toml").touch()
    assert run("status", "--deployment", "stagin").stderr == (
        "error: stagin is not synthesized: there is no cdktf.out/stacks/stagin/cdk.tf.json\n"
        "  fix: name a deployment of config/: local, staging; or write config/stagin.toml\n"
    )
    assert "fix: run `make synth`" in run("status", "--deployment", "staging").stderr


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_the_embedded_aws_is_not_running(verb: tuple[str, ...], checkout: Path) -> None:
    write_stack(checkout, "local", {})
    result = run(*verb)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "error: the embedded AWS of local is not running\n"
        "  fix: start it with `bluegreen local up --deployment local`\n"
    )


@pytest.mark.integration
def test_nothing_is_applied(checkout: Path) -> None:
    write_stack(checkout, "local", {})
    with embedded_aws.running(checkout / ".local" / "local"):
        result = run("status")
    assert result.exit_code == 3
    assert "fix: apply it: `bluegreen local up --deployment local`\n" in result.stderr


@pytest.mark.integration
def test_a_remote_deployment_is_not_initialised_here(checkout: Path) -> None:
    write_stack(checkout, "staging", S3)
    result = run("status", "--deployment", "staging")
    assert result.exit_code == 3
    assert "error: the state of staging can't be read. terraform output failed" in result.stderr
    assert "Backend initialization required" in result.stderr
    assert (
        "fix: initialise it, which reads the state and changes nothing: "
        "`terraform -chdir=cdktf.out/stacks/staging init`; or name the function, without the state: "
        "`--function ARN`\n" in result.stderr
    )


def test_a_stack_that_is_not_json(checkout: Path) -> None:
    (write_stack(checkout, "local", {}) / "cdk.tf.json").write_text("{")
    result = run("status")
    assert result.exit_code == 2
    assert "cdktf.out/stacks/local/cdk.tf.json can't be read: not JSON of a stack" in result.stderr


def test_terraform_is_missing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stack(checkout, "staging", S3)
    monkeypatch.setenv("PATH", str(checkout))
    result = run("status", "--deployment", "staging")
    assert result.exit_code == 3
    assert result.stderr.startswith("error: terraform is not on PATH: install 1.11 or newer from https://")


@pytest.mark.usefixtures("checkout")
def test_a_function_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    result = run("status", "--function", "payments-switch")
    assert result.exit_code == 2
    assert "fix: add --region, or give the ARN" in result.stderr
