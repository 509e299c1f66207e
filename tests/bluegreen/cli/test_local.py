"""`bluegreen local`: up, again, after a crash, down."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from packages.embedded_aws.tests.authorisation.acting import Acting, allow, denied
from tests.bluegreen.cli.conftest import CERTIFICATE, FUNCTION, SUBNETS, Place, run, write_stack
from tests.workspaces import ROOT

EMPTY: dict[str, Any] = {"resource": {"terraform_data": {"something": {"input": "1"}}}}
LISTENERS: dict[str, Any] = {
    "resource": {
        "aws_lb_listener": {
            "production": {"certificate_arn": CERTIFICATE},
            "test": {"certificate_arn": CERTIFICATE},
            "redirect": {"port": 80},
        }
    }
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that commands are run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_up_registers_a_target_of_each_colour_in_each_application_subnet(place: Place) -> None:
    elbv2 = place.aws.client("elbv2")
    registered = {
        colour: sorted(
            found["Target"]["Id"]
            for found in elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        )
        for colour, arn in place.groups.items()
    }
    assert registered == {
        "blue": ["10.20.48.10", "10.20.64.10", "10.20.80.10"],
        "green": ["10.20.48.11", "10.20.64.11", "10.20.80.11"],
    }
    assert len(SUBNETS) == 3


def test_up_again_changes_nothing(place: Place) -> None:
    place.set_health("green", "unhealthy")
    run("switch", "--to", "blue", "--percent", "100")
    before = place.state

    text, document = run("local", "up"), json.loads(run("local", "up", "--output", "json").stdout)

    assert text.exit_code == 0
    assert "local was up already: nothing was changed." in text.stdout
    assert document["changed"] is False
    assert document["resources"] == {"added": 0, "changed": 0, "removed": 0}
    assert document["endpoint"] == place.aws.endpoint
    assert document["status"]["colours"]["green"]["healthy"] == 0  # a rehearsed incident lasts
    assert place.state == before


def test_a_deployment_that_changed_its_region_is_not_mixed_with_what_is_up(place: Place) -> None:
    file = place.directory / "cdktf.out" / "stacks" / "local" / "cdk.tf.json"
    text, before = file.read_text(), place.state
    document = json.loads(text)
    document["provider"] = {"aws": [{"region": "eu-central-1"}]}
    file.write_text(json.dumps(document))
    try:
        refused = run("local", "up")
    finally:
        file.write_text(text)
    assert refused.exit_code == 2
    assert "is in eu-central-1 by its configuration, and what is up of it is in us-east-1" in refused.stderr
    assert "local down" in refused.stderr
    assert place.state == before


def test_status_tells_where_the_embedded_aws_is(place: Place) -> None:
    result = run("local", "status")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        f"local is up: {place.aws.endpoint}, process {place.aws.pid}, 1 resources.\n"
    )
    document = json.loads(run("local", "status", "--output", "json").stdout)
    listeners = {item["port"]: item["url"].rpartition(":") for item in document.pop("listeners")}
    assert {port: url for port, (url, _, _) in listeners.items()} == {
        80: "http://localhost",
        443: "https://localhost",
        8443: "https://localhost",
    }
    assert all(local.isdecimal() for _, _, local in listeners.values())
    assert document == {
        "deployment": "local",
        "running": True,
        "endpoint": place.aws.endpoint,
        "pid": place.aws.pid,
        "resources": 1,
        "services": {colour: {"running": True, "mode": "none", "share": 1.0} for colour in ("blue", "green")},
    }


def test_health_sets_what_the_load_balancer_sees(place: Place) -> None:
    everybody = run(
        "local", "health", "--colour", "green", "--state", "unhealthy", "--reason", "Target.Timeout"
    )
    assert everybody.stdout == "green in local: 10.20.48.11, 10.20.64.11, 10.20.80.11 now unhealthy\n"
    one = run("local", "health", "--colour", "green", "--state", "healthy", "--target", "10.20.64.11")
    assert one.stdout == "green in local: 10.20.64.11 now healthy\n"
    green = json.loads(run("status", "--output", "json").stdout)["colours"]["green"]["targets"]
    assert {target["id"]: (target["state"], target["reason"]) for target in green} == {
        "10.20.48.11": ("unhealthy", "Target.Timeout"),
        "10.20.64.11": ("healthy", ""),
        "10.20.80.11": ("unhealthy", "Target.Timeout"),
    }
    assert place.aws.pid


def test_health_of_an_unknown_kind_or_target(place: Place) -> None:
    assert run("local", "health", "--colour", "green", "--state", "sick").exit_code == 2
    stranger = run("local", "health", "--colour", "green", "--state", "healthy", "--target", "10.9.9.9")
    assert stranger.exit_code == 2
    assert "10.9.9.9 is none of the targets 10.20.48.11, 10.20.64.11, 10.20.80.11" in stranger.stderr
    assert place.aws.pid


def test_env_leads_other_tools_to_the_embedded_aws(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    lines = run("local", "env").stdout.splitlines()
    assert "unset AWS_PROFILE" in lines
    exported = dict(shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))
    assert exported["AWS_ENDPOINT_URL"] == place.aws.endpoint
    environment = {"PATH": os.environ["PATH"], **exported}
    script = "import boto3; print(boto3.client('lambda').list_functions()['Functions'])"
    named = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert f"'FunctionName': '{FUNCTION}'" in named.stdout


@pytest.mark.integration
def test_down_leaves_nothing(checkout: Path) -> None:
    stack = write_stack(checkout, "local", EMPTY)
    aws = embedded_aws.start(checkout / ".local" / "local")
    run("local", "up")  # fails at the end, since this stack has no function; all else is there
    assert (stack / ".terraform").exists()

    result = run("local", "down")

    assert (result.exit_code, result.stdout) == (
        0,
        "local is down: its embedded AWS is stopped, its state is removed.\n",
    )
    assert sorted(path.name for path in checkout.iterdir()) == ["cdktf.out"]
    assert [path.name for path in stack.iterdir()] == ["cdk.tf.json"]
    with pytest.raises(ProcessLookupError):
        os.kill(aws.pid, 0)
    again = run("local", "down")
    assert (again.exit_code, again.stdout) == (0, "local is not up: nothing to do.\n")
    assert run("local", "status").exit_code == 3


def test_down_leaves_other_deployments_alone(checkout: Path) -> None:
    (checkout / ".local" / "other").mkdir(parents=True)
    (checkout / ".local" / "local").mkdir()
    assert run("local", "down").exit_code == 0
    assert [path.name for path in (checkout / ".local").iterdir()] == ["other"]


@pytest.mark.integration
@pytest.mark.long
def test_an_aws_that_vanished_takes_its_state_with_it(checkout: Path) -> None:
    write_stack(checkout, "local", EMPTY)
    state = checkout / ".local" / "local"
    try:
        run("local", "up")
        first = embedded_aws.find(state)
        assert first
        created = _created(state)
        os.kill(first.pid, signal.SIGKILL)
        os.waitpid(first.pid, 0)  # `up` started it in this very process

        result = run("local", "up")

        second = embedded_aws.find(state)
        assert second
        assert second.pid != first.pid
        assert (
            "Beginning anew with local: its embedded AWS is gone, and all that was in it\n" in result.stderr
        )
        assert _created(state) != created  # made anew, not taken from the old state
    finally:
        run("local", "down")


@pytest.mark.integration
def test_up_imports_the_certificates_that_listeners_name(checkout: Path) -> None:
    write_stack(checkout, "local", LISTENERS)  # Terraform refuses it: there is no provider in it
    try:
        result = run("local", "up")
        assert result.exit_code == 2
        aws = embedded_aws.find(checkout / ".local" / "local")
        assert aws
        found = aws.client("acm").list_certificates()["CertificateSummaryList"]
        assert [certificate["CertificateArn"] for certificate in found] == [CERTIFICATE]
    finally:
        run("local", "down")


@pytest.mark.integration
def test_a_failed_apply_says_where_it_stands_and_can_be_repeated(checkout: Path) -> None:
    failing = {
        "input": "${terraform_data.something.output}",
        "provisioner": [{"local-exec": {"command": "exit 3"}}],
    }
    write_stack(
        checkout,
        "local",
        {"resource": {"terraform_data": {**EMPTY["resource"]["terraform_data"], "b": failing}}},
    )
    try:
        result = run("local", "up")
        assert result.exit_code == 4
        assert "error: terraform apply failed in cdktf.out/stacks/local\n" in result.stderr
        assert "with terraform_data.b, cdk.tf.json:1" in result.stderr
        assert "state: 1 changes were made, 1 were begun and not finished:\n" in result.stderr
        assert "\n    terraform_data.b\n  fix: correct what fails, then" in result.stderr
        write_stack(checkout, "local", EMPTY)
        assert "is not deployed: its state has no output" in run("local", "up").stderr
    finally:
        run("local", "down")


@pytest.mark.integration
@pytest.mark.long
def test_a_terminated_up_lets_terraform_save_its_state(checkout: Path) -> None:
    begun = checkout / "begun"
    hanging = {
        "input": "${terraform_data.something.output}",
        "provisioner": [{"local-exec": {"command": f"touch {begun}; exec tail -f /dev/null"}}],
    }
    resources = {**EMPTY["resource"]["terraform_data"], "b": hanging}
    write_stack(checkout, "local", {"resource": {"terraform_data": resources}})
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "bluegreen", "local", "up"],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        ) as up:
            while not begun.exists():
                assert up.poll() is None
                time.sleep(0.1)
            up.terminate()
            assert up.wait(timeout=60) == 4  # one of two was made
        assert _created(checkout / ".local" / "local")
    finally:
        run("local", "down")


def test_a_deployment_with_remote_state_is_not_brought_up_here(checkout: Path) -> None:
    write_stack(checkout, "staging", {"terraform": {"backend": {"s3": {"bucket": "states"}}}})
    result = run("local", "up", "--deployment", "staging")
    assert result.exit_code == 2
    assert "staging keeps its state in a remote backend" in result.stderr
    assert sorted(path.name for path in checkout.iterdir()) == ["cdktf.out"]


def _created(state: Path) -> str:
    """Id of the resource `something`, which Terraform makes up when it creates it."""
    document = json.loads((state / "terraform.tfstate").read_text())
    # An interrupted resource may stand beside it, without an instance.
    (something,) = [resource for resource in document["resources"] if resource["name"] == "something"]
    return str(something["instances"][0]["attributes"]["id"])


@pytest.mark.integration
def test_the_command_runs_as_a_module(checkout: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bluegreen", "local", "status"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (3, "local is not up.\n")


def test_what_was_denied_is_listed_with_its_reason(place: Place) -> None:
    role = Acting(place.aws, allow("ssm:GetParameter", on="arn:aws:ssm:*:*:parameter/other"))
    assert denied(role.client("ssm").get_parameter, Name="record")[0] == "AccessDeniedException"

    text, document = run("local", "denials"), json.loads(run("local", "denials", "--output", "json").stdout)

    assert text.exit_code == 0
    assert "ssm:GetParameter" in text.stdout
    last = document["denials"][-1]
    assert last["action"] == "ssm:GetParameter"
    assert last["resource"].endswith("parameter/record")
    assert last["caller"].endswith(f"assumed-role/{role.name}/test")
    assert "it is for arn:aws:ssm:*:*:parameter/other" in last["reason"]
    assert document["egress"] == []
