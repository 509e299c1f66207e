"""Secrets as Secrets Manager keeps and rotates them."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws.extensions.secret_versions import ATOMIC, _atomically, changing
from moto.secretsmanager.responses import SecretsManagerResponse

from packages.embedded_aws.tests.conftest import Deploy, create_function
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, listening, pick_up, port_of

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
# The value is the version's own id. What it was called with is in its log.
ROTATES = """
import boto3, json

def handler(event, context):
    print(json.dumps(event))
    secrets, secret, token = boto3.client("secretsmanager"), event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"]
        )
    if event["Step"] == "finishSecret":
        versions = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = [version for version, labels in versions.items() if "AWSCURRENT" in labels]
        if current != [token]:
            secrets.update_secret_version_stage(
                SecretId=secret,
                VersionStage="AWSCURRENT",
                MoveToVersionId=token,
                RemoveFromVersionId=current[0],
            )
"""
FAILS = "def handler(event, context):\n    assert event['Step'] == 'createSecret', 'the database is away'\n"


@pytest.fixture
def secret(aws: embedded_aws.LocalAws) -> str:
    """The ARN of a secret without a value."""
    return create_secret(aws)


def create_secret(aws: embedded_aws.LocalAws, **settings: Any) -> str:
    """Create a secret; return its ARN."""
    return str(aws.client("secretsmanager").create_secret(Name=f"secret-{uuid.uuid4()}", **settings)["ARN"])


def permitted(aws: embedded_aws.LocalAws, function: str, **settings: Any) -> str:
    """Let Secrets Manager invoke a function; return its ARN."""
    functions = aws.client("lambda")
    functions.add_permission(
        FunctionName=function,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        **settings,
    )
    return str(functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"])


def rotate(aws: embedded_aws.LocalAws, secret: str, **settings: Any) -> str | None:
    """Rotate, and wait for the end; return the error."""
    aws.client("secretsmanager").rotate_secret(SecretId=secret, **settings)
    return await_end(aws, secret)


def await_end(aws: embedded_aws.LocalAws, secret: str) -> str | None:
    """The error that ended the rotation of a secret."""
    answer = aws.control("POST", "rotation", {"secretArn": secret})
    assert not answer["running"]
    error: str | None = answer["error"]
    return error


def labels(aws: embedded_aws.LocalAws, secret: str) -> dict[str, set[str]]:
    """Labels by version."""
    versions = aws.client("secretsmanager").describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    return {version: set(stages) for version, stages in versions.items() if stages}


def value(aws: embedded_aws.LocalAws, secret: str) -> str:
    """What GetSecretValue returns to who asks for no version."""
    return str(aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def test_a_secret_without_a_value_is_rotated(aws: embedded_aws.LocalAws, deploy: Deploy, secret: str) -> None:
    function = permitted(aws, deploy(ROTATES))
    assert (
        rotate(aws, secret, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 7}) is None
    )
    ((version, stages),) = labels(aws, secret).items()
    assert stages == {CURRENT}
    assert value(aws, secret) == version
    described = aws.client("secretsmanager").describe_secret(SecretId=secret)
    assert described["RotationEnabled"]
    assert described["RotationLambdaARN"] == function
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 7}
    assert (described["NextRotationDate"] - described["LastRotatedDate"]).days == 7


def test_the_function_gets_four_events_with_the_arn(
    aws: embedded_aws.LocalAws, deploy: Deploy, secret: str
) -> None:
    name = deploy(ROTATES)
    rotate(aws, secret, RotationLambdaARN=permitted(aws, name))
    (token,) = labels(aws, secret)
    assert events(aws, name) == [
        f'{{"Step": "{step}", "SecretId": "{secret}", "ClientRequestToken": "{token}"}}'
        for step in ("createSecret", "setSecret", "testSecret", "finishSecret")
    ]


def events(aws: embedded_aws.LocalAws, function: str) -> list[str]:
    """What a function has printed."""
    found = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    return [event["message"] for event in found if event["message"].startswith("{")]


def test_rotating_again_needs_no_function_and_keeps_the_rules(
    aws: embedded_aws.LocalAws, deploy: Deploy, secret: str
) -> None:
    rules = {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}
    rotate(aws, secret, RotationLambdaARN=permitted(aws, deploy(ROTATES)), RotationRules=rules)
    (first,) = labels(aws, secret)
    assert rotate(aws, secret) is None
    after = labels(aws, secret)
    assert after.pop(first) == {PREVIOUS}
    assert after == {value(aws, secret): {CURRENT}}
    assert aws.client("secretsmanager").describe_secret(SecretId=secret)["RotationRules"] == rules


def test_nobody_waits_for_the_function(aws: embedded_aws.LocalAws, deploy: Deploy, secret: str) -> None:
    with listening() as listener:
        port = f"event = {{'port': {port_of(listener)}}}\n    "
        function = permitted(aws, deploy(HOLDS_THE_LINE.replace("with", port + "with", 1)))
        aws.client("secretsmanager").rotate_secret(SecretId=secret, RotationLambdaARN=function)
        for _ in range(4):  # steps
            (stages,) = labels(aws, secret).values()
            assert stages == {PENDING}
            pick_up(listener).sendall(b"done")
        assert await_end(aws, secret) is None


def test_a_rotation_that_fails_leaves_the_value_and_goes_on_with_the_same_version(
    aws: embedded_aws.LocalAws, deploy: Deploy
) -> None:
    secrets, secret = aws.client("secretsmanager"), create_secret(aws, SecretString="as it was")
    (current,) = labels(aws, secret)
    name = deploy(FAILS)
    error = rotate(aws, secret, RotationLambdaARN=permitted(aws, name))
    assert error == "setSecret: AssertionError: the database is away"
    assert value(aws, secret) == "as it was"
    after = labels(aws, secret)
    assert after.pop(current) == {CURRENT}
    ((pending, stages),) = after.items()
    assert stages == {PENDING}

    with pytest.raises(secrets.exceptions.InvalidRequestException, match="will be reattempted"):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=permitted(aws, deploy(ROTATES)))
    assert await_end(aws, secret) is None
    assert labels(aws, secret) == {current: {PREVIOUS}, pending: {CURRENT}}


def test_a_rotation_that_is_not_immediate_is_only_tested(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    secret, name = create_secret(aws, SecretString="as it was"), deploy(ROTATES)
    before = labels(aws, secret)
    assert rotate(aws, secret, RotationLambdaARN=permitted(aws, name), RotateImmediately=False) is None
    (event,) = events(aws, name)
    assert "testSecret" in event
    assert labels(aws, secret) == before
    described = aws.client("secretsmanager").describe_secret(SecretId=secret)
    assert described["RotationEnabled"]
    assert "LastRotatedDate" not in described


def test_a_repeated_request_is_one_rotation(aws: embedded_aws.LocalAws, deploy: Deploy, secret: str) -> None:
    settings = {"RotationLambdaARN": permitted(aws, deploy(ROTATES)), "ClientRequestToken": str(uuid.uuid4())}
    for _ in range(2):
        assert rotate(aws, secret, **settings) is None
    assert list(labels(aws, secret)) == [settings["ClientRequestToken"]]


def test_secrets_manager_needs_the_functions_permission(
    aws: embedded_aws.LocalAws, deploy: Deploy, secret: str
) -> None:
    name, other = deploy(ROTATES), create_secret(aws)
    function = permitted(aws, name, SourceArn=other)
    with pytest.raises(ClientError, match=r"AccessDeniedException.*cannot invoke"):
        rotate(aws, secret, RotationLambdaARN=function)
    assert rotate(aws, other, RotationLambdaARN=function) is None


def test_what_cannot_be_rotated_is_refused(aws: embedded_aws.LocalAws, secret: str) -> None:
    secrets = aws.client("secretsmanager")
    with pytest.raises(secrets.exceptions.InvalidRequestException, match="No Lambda rotation function"):
        secrets.rotate_secret(SecretId=secret)
    missing = f"arn:aws:lambda:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:function:missing"
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=missing)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.rotate_secret(SecretId="nowhere")
    with pytest.raises(embedded_aws.LocalAwsError, match="no rotation"):
        aws.control("POST", "rotation", {"secretArn": secret})


def test_a_version_never_changes_its_value(aws: embedded_aws.LocalAws, secret: str) -> None:
    secrets, token = aws.client("secretsmanager"), str(uuid.uuid4())
    put = {"SecretId": secret, "ClientRequestToken": token, "VersionStages": [PENDING]}
    for _ in range(2):
        secrets.put_secret_value(**put, SecretString="first")
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.put_secret_value(**put, SecretString="second")
    assert value(aws, secret) == "first"


def test_the_default_version_is_the_current_one(aws: embedded_aws.LocalAws, secret: str) -> None:
    secrets = aws.client("secretsmanager")
    first = secrets.put_secret_value(SecretId=secret, SecretString="first")["VersionId"]
    second = secrets.put_secret_value(SecretId=secret, SecretString="second")["VersionId"]
    move = {"SecretId": secret, "VersionStage": CURRENT}
    secrets.update_secret_version_stage(**move, RemoveFromVersionId=second, MoveToVersionId=first)
    assert value(aws, secret) == "first"
    secrets.update_secret_version_stage(**move, RemoveFromVersionId=first)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        value(aws, secret)
    secrets.update_secret_version_stage(**move, MoveToVersionId=second)
    assert value(aws, secret) == "second"


def test_nobody_sees_a_label_on_its_way() -> None:
    with ThreadPoolExecutor(1) as pool:

        def moves_a_label(_: object) -> str:
            entered = pool.submit(changing.acquire, blocking=False).result()
            return "interrupted" if entered else "undisturbed"

        assert _atomically(moves_a_label, SecretsManagerResponse()) == "undisturbed"
    assert {"get_secret_value", "describe_secret", "update_secret_version_stage"} < set(ATOMIC)


def test_stock_moto_still_cannot_rotate_a_secret_without_a_value(stock: embedded_aws.LocalAws) -> None:
    function = permitted(stock, create_function(stock, ROTATES))
    with pytest.raises(ClientError) as refusal:
        stock.client("secretsmanager").rotate_secret(
            SecretId=create_secret(stock), RotationLambdaARN=function
        )
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_stock_moto_still_changes_the_value_of_a_version(stock: embedded_aws.LocalAws) -> None:
    secrets, secret, token = stock.client("secretsmanager"), create_secret(stock), str(uuid.uuid4())
    for text in ("first", "second"):
        secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, VersionStages=[PENDING], SecretString=text
        )
    assert value(stock, secret) == "second"


def test_stock_moto_still_returns_another_version_than_the_current_one(stock: embedded_aws.LocalAws) -> None:
    secrets, secret = stock.client("secretsmanager"), create_secret(stock)
    first, second = (
        secrets.put_secret_value(SecretId=secret, SecretString=text)["VersionId"]
        for text in ("first", "second")
    )
    secrets.update_secret_version_stage(
        SecretId=secret, VersionStage=CURRENT, RemoveFromVersionId=second, MoveToVersionId=first
    )
    assert value(stock, secret) == "second"
