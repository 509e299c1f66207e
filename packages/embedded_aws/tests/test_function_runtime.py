"""What a deployed function finds when it runs: its code, environment and role, the SDK, and nothing else."""

import json

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, REGION

from packages.embedded_aws.tests.conftest import CANARY, Deploy, create_function, package_of
from packages.embedded_aws.tests.invoking import invoke

ECHO = "def handler(event, context): return event"
LAMBDAS_OWN = {
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "HOME",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "PATH",
    "PYTHONPATH",
    "PYTHONUTF8",
    "TMPDIR",
    "TZ",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
}


def test_a_result_comes_back(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    answer = invoke(aws, deploy(ECHO), {"action": "status", "reason": "Überprüfung"})
    assert answer.payload == {"action": "status", "reason": "Überprüfung"}
    assert (answer.error, answer.version, answer.log) == (None, "$LATEST", [])


def test_stock_moto_still_lacks_it(stock: embedded_aws.LocalAws) -> None:
    client, name = stock.client("lambda"), create_function(stock, ECHO)
    answer = client.invoke(FunctionName=name, Payload=b'{"action": "status"}')
    assert answer["Payload"].read() != b'{"action": "status"}'


def test_the_environment_is_the_functions_own_and_lambdas(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    name = deploy(
        "import os\ndef handler(event, context): return dict(os.environ)",
        Environment={"Variables": {"LISTENER_ARN": "arn", "AWS_REGION": "mars-1"}},
    )
    environment = invoke(aws, name).payload
    environment.pop("LC_CTYPE", None)  # Python's own addition where the locale is missing
    assert set(environment) == LAMBDAS_OWN | {"LISTENER_ARN"}
    assert environment["LISTENER_ARN"] == "arn"
    assert environment["AWS_REGION"] == embedded_aws.REGION
    assert environment["AWS_ENDPOINT_URL"] == aws.endpoint
    assert CANARY not in environment


def test_the_context_is_lambdas(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    source = """
def handler(event, context):
    found = {name: value for name, value in vars(context).items() if name[0] != "_"}
    found["aws_request_id"], stream = len(context.aws_request_id), found.pop("log_stream_name")
    return found | {"stream": stream[-33], "left": context.get_remaining_time_in_millis()}
"""
    name = deploy(source, MemorySize=256, Timeout=60)
    context = invoke(aws, name).payload
    assert 0 < context.pop("left") <= 60_000
    assert context == {
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}",
        "memory_limit_in_mb": "256",
        "log_group_name": f"/aws/lambda/{name}",
        "aws_request_id": 36,
        "stream": "]",
    }


def test_it_calls_back_as_its_own_role(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    name = deploy(
        "import boto3\ndef handler(event, context): return boto3.client('sts').get_caller_identity()['Arn']"
    )
    assert invoke(aws, name).payload == f"arn:aws:sts::{embedded_aws.ACCOUNT_ID}:assumed-role/{name}/{name}"


@pytest.mark.parametrize("module", ["moto", "pytest", "pydantic", "bluegreen"])
def test_only_the_sdk_can_be_imported(aws: embedded_aws.LocalAws, deploy: Deploy, module: str) -> None:
    answer = invoke(aws, deploy(f"import boto3, urllib3, dateutil\nimport {module}\n" + ECHO))
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ImportModuleError"
    assert answer.payload["errorMessage"] == f"Unable to import module 'app.main': No module named '{module}'"


def test_it_stays_warm_until_it_is_changed(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    source = "COUNT = [0]\ndef handler(event, context):\n    COUNT[0] += {step}\n    return COUNT[0]"
    name, client = deploy(source.format(step=1)), aws.client("lambda")
    assert [invoke(aws, name).payload for _ in range(3)] == [1, 2, 3]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"NEW": "1"}})
    assert [invoke(aws, name).payload for _ in range(2)] == [1, 2]
    client.update_function_code(FunctionName=name, ZipFile=package_of(source.format(step=10)))
    assert [invoke(aws, name).payload for _ in range(2)] == [10, 20]


def test_a_published_version_runs_its_own_code(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    source = "def handler(event, context): return [{}, context.function_version]"
    name, client = deploy(source.format(1)), aws.client("lambda")
    version = client.publish_version(FunctionName=name)["Version"]
    client.update_function_code(FunctionName=name, ZipFile=package_of(source.format(2)))
    answer = invoke(aws, name, Qualifier=version)
    assert (answer.payload, answer.version) == ([1, version], version)
    assert invoke(aws, name).payload == [2, "$LATEST"]


def test_an_unknown_version_does_not_exist(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        invoke(aws, deploy(ECHO), Qualifier="7")


def test_an_event_may_name_a_qualifier(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    assert invoke(aws, deploy(ECHO), {"qualifier": "7"}).payload == {"qualifier": "7"}


def test_stock_moto_still_overlooks_versions(stock: embedded_aws.LocalAws) -> None:
    name = create_function(stock, ECHO)
    assert stock.client("lambda").invoke(FunctionName=name, Qualifier="7")["StatusCode"] == 200


def test_it_can_be_named_by_its_arn(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    arn = f"arn:aws:lambda:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:function:{deploy(ECHO)}"
    assert invoke(aws, arn, 7).payload == 7


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"PackageType": "Image", "Code": {"ImageUri": "switch:1"}}, "it is not a zip package"),
        ({"Runtime": "nodejs22.x"}, r"its runtime is nodejs22\.x"),
    ],
)
def test_what_cannot_run_here_is_refused(
    aws: embedded_aws.LocalAws, deploy: Deploy, settings: dict[str, object], reason: str
) -> None:
    with pytest.raises(ClientError, match=f"InvalidParameterValueException.*{reason}"):
        invoke(aws, deploy(ECHO, **settings))


def test_an_event_that_is_not_json_is_refused(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        aws.client("lambda").invoke(FunctionName=deploy(ECHO), Payload=b"{action: status}")


def test_no_event_is_an_empty_object(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    answer = aws.client("lambda").invoke(FunctionName=deploy(ECHO))
    assert json.loads(answer["Payload"].read()) == {}


def test_a_dry_run_runs_nothing(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    answer = aws.client("lambda").invoke(FunctionName=deploy("raise SystemExit"), InvocationType="DryRun")
    assert (answer["StatusCode"], answer.get("FunctionError")) == (204, None)
