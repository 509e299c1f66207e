"""The client against functions that really run in an embedded AWS, and against servers that misbehave."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import embedded_aws
import pytest

from bluegreen.operate.client import (
    FunctionFailedError,
    NotReachableError,
    OutcomeUnknownError,
    SwitchFunction,
)
from packages.embedded_aws.tests.roles import role_of_anything
from tests.bluegreen.answering import answering

HANDLER = """
import json
import os

class GatesNotPassedError(Exception):
    pass

class ValidationError(Exception):
    pass

DETAILS = {
    "what": "green has 0 healthy targets of 2, 1 required", "where": "target group x", "cause": "no answers",
    "fix": "heal it", "weights": {"blue": 100, "green": 0}, "problems": [],
    "gates": [{"gate": "targets", "colour": "green", "passed": False, "value": "0 of 2", "threshold": "1"}],
}
PROBLEM = {"key": "percent", "value": "101", "problem": "is too large", "allowed": "0 to 100"}

def handler(event, context):
    match event["action"]:
        case "echo":
            return {"event": event}
        case "switch" | "status":
            return {"asked": context.invoked_function_arn}
        case "refuse":
            raise GatesNotPassedError(json.dumps(DETAILS))
        case "malformed":
            raise ValidationError(json.dumps(DETAILS | {"weights": None, "problems": [PROBLEM]}))
        case "crash":
            raise KeyError("plain text")
        case "exit":
            os._exit(3)
        case "hang":
            while True:
                pass
"""


@pytest.fixture(scope="module")
def function(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchFunction]:
    """A function with a timeout of one second in an embedded AWS of its own."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("main.py", HANDLER)
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as aws:
        role = role_of_anything(aws.client("iam"), "probe", "lambda.amazonaws.com")
        functions = aws.client("lambda")
        for name in ("probe", "probe-read"):
            functions.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role=role,
                Handler="main.handler",
                Code={"ZipFile": package.getvalue()},
                Timeout=1,
            )
        functions.create_alias(FunctionName="probe", Name="operate", FunctionVersion="$LATEST")
        yield SwitchFunction("probe", embedded_aws.REGION, aws.endpoint, aws.environment(), timeout_seconds=1)


def at(endpoint: str) -> SwitchFunction:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    arn = "arn:aws:lambda:us-east-1:123456789012:function:payments"
    return SwitchFunction(arn, "us-east-1", endpoint, keys)


def test_the_result_is_the_functions_own(function: SwitchFunction) -> None:
    request = {"action": "echo", "target": "green", "percent": 25}
    event = function.invoke(request)["event"]
    assert event.pop("attestation").startswith(f"{function.endpoint_url}/?Action=GetCallerIdentity&")
    assert len(event.pop("request_id")) == 32
    assert event == request


@pytest.mark.parametrize("name", ["probe", "probe:operate", "ARN", "ARN:workflow"])
def test_each_request_goes_where_it_is_admitted(function: SwitchFunction, name: str) -> None:
    arn = f"arn:aws:lambda:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:function:probe"
    called = replace(function, name=name.replace("ARN", arn))

    assert called.invoke({"action": "switch"}) == {"asked": f"{arn}:operate"}
    assert called.invoke({"action": "status"}) == {"asked": f"{arn}-read"}
    assert str(called).startswith("function probe in ")


def test_a_proxy_is_not_asked_about_this_machine(
    function: SwitchFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert function.invoke({"action": "echo"})["event"]["action"] == "echo"


def test_a_refusal_keeps_its_type_words_and_weights(function: SwitchFunction) -> None:
    with pytest.raises(FunctionFailedError) as caught:
        function.invoke({"action": "refuse"})
    assert caught.value.error_type == "GatesNotPassedError"
    assert caught.value.weights == {"blue": 100, "green": 0}
    assert [verdict["value"] for verdict in caught.value.gates] == ["0 of 2"]
    assert str(caught.value) == (
        "GatesNotPassedError: green has 0 healthy targets of 2, 1 required\n"
        "  where: target group x\n"
        "  cause: no answers\n"
        "  fix: heal it"
    )


def test_every_problem_of_a_request_is_told(function: SwitchFunction) -> None:
    with pytest.raises(FunctionFailedError) as caught:
        function.invoke({"action": "malformed"})
    assert "\n  percent = 101 is too large; allowed: 0 to 100\n" in str(caught.value)
    assert caught.value.weights is None


@pytest.mark.parametrize(
    ("action", "error_type", "words"),
    [
        ("crash", "KeyError", "'plain text'"),
        ("exit", "Runtime.ExitError", "exit"),
        ("hang", "Sandbox.Timedout", "timed out after 1.00 seconds"),
    ],
)
def test_what_lambda_says_of_a_dead_function_is_told(
    function: SwitchFunction, action: str, error_type: str, words: str
) -> None:
    with pytest.raises(FunctionFailedError) as caught:
        function.invoke({"action": action})
    assert caught.value.error_type == error_type
    assert caught.value.weights is None
    assert words in str(caught.value)


def test_a_function_that_is_not_there(function: SwitchFunction) -> None:
    with pytest.raises(
        NotReachableError, match=r"(?s)ResourceNotFoundException.*fix: check account and region"
    ):
        replace(function, name="none").invoke({"action": "status"})


def test_nothing_listens_there() -> None:
    with answering(200) as (endpoint, _):
        pass  # the port was free a moment ago and is closed now
    with pytest.raises(NotReachableError, match="was not reached: Could not connect to the endpoint"):
        at(endpoint).invoke({"action": "status"})


def test_an_endpoint_that_is_none() -> None:
    with pytest.raises(NotReachableError, match="Invalid endpoint"):
        at("nowhere").invoke({"action": "status"})


def test_without_credentials_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    others = boto3.session.Session(aws_access_key_id="of", aws_secret_access_key="somebody-else")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", others)
    with answering(200) as (endpoint, paths):
        with pytest.raises(NotReachableError, match="Unable to locate credentials"):
            SwitchFunction("payments", "us-east-1", endpoint).invoke({"action": "status"})
        assert paths == []


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, "TooManyRequestsException", NotReachableError),
        (403, "AccessDeniedException", NotReachableError),
        (500, "ServiceException", OutcomeUnknownError),
        (503, "", OutcomeUnknownError),
        (None, "", OutcomeUnknownError),
    ],
)
def test_a_failed_request_is_not_sent_again(status: int | None, code: str, expected: type[Exception]) -> None:
    body = json.dumps({"__type": code, "message": "no"}).encode() if code else b""
    with answering(status, body) as (endpoint, paths):
        with pytest.raises(expected):
            at(endpoint).invoke({"action": "switch", "target": "green"})
        assert len(paths) == 1


def test_an_answer_that_does_not_come_leaves_the_outcome_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bluegreen.operate.client.ANSWER_MARGIN_SECONDS", 0.1)
    with HTTPServer(
        ("127.0.0.1", 0), BaseHTTPRequestHandler
    ) as silent:  # accepts connections, never serves them
        function = replace(at(f"http://127.0.0.1:{silent.server_port}"), timeout_seconds=0)
        with pytest.raises(OutcomeUnknownError, match="Read timeout"):
            function.invoke({"action": "switch", "target": "green"})


def test_credentials_are_not_printed() -> None:
    assert "test" not in repr(at("http://127.0.0.1:1"))
