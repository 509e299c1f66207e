"""Whose request it was: functions act as their roles, state machines as theirs, services as themselves."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, LocalAws
from embedded_aws.access import keys
from embedded_aws.access.keys import OPERATOR, Keyring
from embedded_aws.clients import Credentials

from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.invoking import invoke
from packages.embedded_aws.tests.machines import INVOKE, create_machine, ended, start
from packages.embedded_aws.tests.roles import role_of_anything

ROLE = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role"
ASKS = """
import boto3, os

def handler(event, context):
    identity = boto3.client("sts").get_caller_identity()["Arn"]
    return {"identity": identity, "key": os.environ["AWS_ACCESS_KEY_ID"], "pid": os.getpid()}
"""


def callers(aws: LocalAws, what: str) -> set[str]:
    """Who has made the requests in whose line of the server's log that is."""
    lines = (aws.state_dir / "aws.log").read_text().splitlines()
    found = (re.search(r'"(\S+ \S+) HTTP/1.1" \d+ \S+ (\S+)$', line) for line in lines)
    return {match[2] for match in found if match and what in match[1]}


@pytest.fixture(scope="module")
def quiet(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An embedded AWS whose log is this file's alone."""
    with embedded_aws.running(tmp_path_factory.mktemp("quiet")) as running:
        yield running


def test_a_function_acts_as_its_role(quiet: LocalAws) -> None:
    name = create_function(quiet, ASKS)
    first = invoke(quiet, name).payload
    assert first["identity"] == f"{ROLE}/{name}/{name}"
    assert first["key"].startswith("ASIA")
    assert f"{ROLE}/{name}/{name}" in callers(quiet, "POST /")
    assert callers(quiet, f"{name}/invocations") == {OPERATOR}
    assert invoke(quiet, name).payload["pid"] == first["pid"], "with the same keys, the process is kept"


@pytest.mark.integration
def test_after_a_reset_a_function_of_the_same_name_gets_new_keys(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        create_function(aws, ASKS, FunctionName="asks")
        before = invoke(aws, "asks").payload["key"]
        aws.control("POST", "reset")
        create_function(aws, ASKS, FunctionName="asks")
        after = invoke(aws, "asks").payload
    assert after["identity"] == f"{ROLE}/asks/asks"
    assert after["key"] != before


def test_a_state_machine_acts_as_its_role(quiet: LocalAws) -> None:
    name = create_function(quiet, ASKS)
    task = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": name}, "End": True}
    assert ended(quiet, start(quiet, create_machine(quiet, {"Ask": task})))["status"] == "SUCCEEDED"
    assert callers(quiet, f"{name}/invocations") == {f"{ROLE}/workflow/states"}


def test_a_state_machine_reaches_other_services_as_its_role_too(quiet: LocalAws) -> None:
    topic = quiet.client("sns").create_topic(Name=f"topic-{uuid.uuid4()}")["TopicArn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Message": "m"},
        "End": True,
    }
    assert ended(quiet, start(quiet, create_machine(quiet, {"Tell": task})))["status"] == "SUCCEEDED"


def test_event_rules_act_as_the_service_or_as_the_role_of_their_target(quiet: LocalAws) -> None:
    name = create_function(quiet, ASKS)
    function = quiet.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    machine = create_machine(quiet, {"Done": {"Type": "Succeed"}})
    events, source = quiet.client("events"), f"test.{uuid.uuid4()}"
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    role = role_of_anything(quiet.client("iam"), "starter", "events.amazonaws.com")
    quiet.client("lambda").add_permission(
        FunctionName=name,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    targets = [{"Id": "1", "Arn": function}, {"Id": "2", "Arn": machine, "RoleArn": role}]
    events.put_targets(Rule=source, Targets=targets)
    events.put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])
    assert callers(quiet, f"{name}/invocations") == {"events.amazonaws.com"}
    assert f"{ROLE}/starter/events" in callers(quiet, "POST /")


def test_a_refused_request_has_no_caller(quiet: LocalAws) -> None:
    bucket = f"bucket-{uuid.uuid4()}"
    with pytest.raises(Exception, match="InvalidAccessKeyId"):
        embedded_aws.clients.boto_client("s3", quiet.endpoint, Credentials.random()).create_bucket(
            Bucket=bucket
        )
    assert callers(quiet, f"PUT /{bucket}") == {"-"}


def test_sessions_of_a_role_are_renewed_before_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring(Credentials.random())
    role = (ACCOUNT_ID, "us-east-1", f"arn:aws:iam::{ACCOUNT_ID}:role/function", "function")
    first = ring.of_role(*role)
    assert ring.of_role(*role) == first
    found = ring.find(first.access_key_id)
    assert found is not None
    ends = found.expires or 0
    monkeypatch.setattr(time, "time", lambda: ends - keys.RENEWED_SECONDS + 1)
    second = ring.of_role(*role)
    assert second != first
    assert ring.find(first.access_key_id) is not None, "until it ends, the first one is valid, too"


def test_each_service_has_its_own_key() -> None:
    ring = Keyring(Credentials.random())
    events, balancer = (
        ring.of_service("events.amazonaws.com"),
        ring.of_service("elasticloadbalancing.amazonaws.com"),
    )
    assert ring.of_service("events.amazonaws.com") == events != balancer
    found = ring.find(events.access_key_id)
    assert found is not None
    assert found.arn == "events.amazonaws.com"
    assert ring.find("AKIAIOSFODNN7EXAMPLE") is None


def test_secrets_of_keys_are_not_shown(tmp_path: Path) -> None:
    credentials = Credentials("AKIA", "the-secret", "the-token")
    aws = LocalAws(tmp_path, "http://127.0.0.1:1", 1, "the-control-token", credentials)
    assert not re.search("the-secret|the-token|the-control-token", repr(aws) + str(aws))
