"""The extensions `quotas` and `account_settings`."""

import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, LocalAws

from packages.embedded_aws.tests.conftest import Deploy

FARGATE = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}
CLUSTERS = {"ServiceCode": "rds", "QuotaCode": "L-952B80B8"}


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_quota_has_its_default_and_names_its_metric(aws: LocalAws) -> None:
    found = aws.client("service-quotas").get_service_quota(**FARGATE)["Quota"]
    assert (found["Value"], found["Adjustable"]) == (6.0, True)
    assert found["UsageMetric"]["MetricDimensions"]["Resource"] == "vCPU"
    assert found["QuotaArn"] == f"arn:aws:servicequotas:us-east-1:{ACCOUNT_ID}:fargate/L-3032A538"


def test_an_increase_applies_and_leaves_the_default(aws: LocalAws) -> None:
    quotas = aws.client("service-quotas")
    quotas.request_service_quota_increase(**CLUSTERS, DesiredValue=60)
    assert quotas.get_service_quota(**CLUSTERS)["Quota"]["Value"] == 60.0
    assert quotas.get_aws_default_service_quota(**CLUSTERS)["Quota"]["Value"] == 40.0
    with pytest.raises(ClientError) as lower:
        quotas.request_service_quota_increase(**CLUSTERS, DesiredValue=50)
    assert code_of(lower) == "IllegalArgumentException"


def test_an_unknown_quota(aws: LocalAws) -> None:
    with pytest.raises(ClientError) as error:
        aws.client("service-quotas").get_service_quota(ServiceCode="rds", QuotaCode="L-00000000")
    assert code_of(error) == "NoSuchResourceException"


def test_functions_reserve_what_the_account_has(aws: LocalAws, deploy: Deploy) -> None:
    functions = aws.client("lambda")
    before = functions.get_account_settings()["AccountLimit"]
    name = deploy("def handler(event, context): ...")
    free = before["UnreservedConcurrentExecutions"] - 100
    with pytest.raises(ClientError) as error:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=free + 1)
    assert code_of(error) == "InvalidParameterValueException"
    assert "below its minimum value of [100]" in str(error.value)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=free)
    after = functions.get_account_settings()["AccountLimit"]
    assert (after["ConcurrentExecutions"], after["UnreservedConcurrentExecutions"]) == (
        before["ConcurrentExecutions"],
        100,
    )
    functions.delete_function(FunctionName=name)


def test_stock_moto_still_lacks_them(stock: LocalAws) -> None:
    with pytest.raises(ClientError):
        stock.client("service-quotas").get_service_quota(**FARGATE)
    with pytest.raises(ClientError):
        stock.client("lambda").get_account_settings()
