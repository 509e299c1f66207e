"""What an account is asked before a first apply: orderable databases, endpoint services, roles of services,
layers of images, settings of copies, subscriptions that wait.
"""

import hashlib
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from embedded_aws import ACCOUNT_ID, LocalAws

VERSION = "8.0.mysql_aurora.3.10.3"
SERVICES = ["com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.nothing"]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def options(aws: LocalAws, **asked: str) -> list[dict[str, Any]]:
    pages = aws.client("rds").get_paginator("describe_orderable_db_instance_options")
    found = pages.paginate(Engine="aurora-mysql", **asked).build_full_result()
    return list(found["OrderableDBInstanceOptions"])


def test_aurora_mysql_can_be_ordered(aws: LocalAws) -> None:
    (found,) = options(aws, EngineVersion=VERSION, DBInstanceClass="db.r6g.large")
    zones = {zone["Name"] for zone in found["AvailabilityZones"]}
    assert {"us-east-1a", "us-east-1b", "us-east-1c"} <= zones
    assert "us-east-1e" not in zones
    assert options(aws, EngineVersion="8.0.mysql_aurora.3.02.0") == []


def test_endpoint_services_can_be_filtered(aws: LocalAws) -> None:
    filters = [{"Name": "service-name", "Values": SERVICES}]
    found = aws.client("ec2").describe_vpc_endpoint_services(Filters=filters)["ServiceDetails"]
    assert {service["ServiceName"] for service in found} == {SERVICES[0]}
    assert {type_["ServiceType"] for service in found for type_ in service["ServiceType"]} == {
        "Gateway",
        "Interface",
    }
    with pytest.raises(ClientError) as error:
        aws.client("ec2").describe_vpc_endpoint_services(ServiceNames=SERVICES)
    assert code_of(error) == "InvalidServiceName"


def service_roles(aws: LocalAws, service: str) -> list[str]:
    path = f"/aws-service-role/{service}/"
    return [role["RoleName"] for role in aws.client("iam").list_roles(PathPrefix=path)["Roles"]]


def test_a_service_makes_its_role_for_its_first_resource(aws: LocalAws) -> None:
    name = f"first-{uuid.uuid4().hex[:8]}"
    aws.client("ecs").create_cluster(clusterName=name)
    (made,) = service_roles(aws, "ecs.amazonaws.com")
    with pytest.raises(ClientError) as error:
        aws.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    assert code_of(error) == "InvalidInput"
    assert f"Service role name {made} has been taken in this account" in str(error.value)
    aws.client("ecs").delete_cluster(cluster=name)


def upload(aws: LocalAws, content: bytes) -> tuple[str, str]:
    """Repository and digest of a layer with this content."""
    ecr, repository = aws.client("ecr"), f"layers-{uuid.uuid4().hex[:8]}"
    ecr.create_repository(repositoryName=repository)
    started = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=started,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    ecr.complete_layer_upload(repositoryName=repository, uploadId=started, layerDigests=[digest])
    return repository, digest


def test_a_layer_is_downloaded_from_where_ecr_says(aws: LocalAws) -> None:
    content = b'{"architecture": "arm64"}'
    repository, digest = upload(aws, content)
    ecr = aws.client("ecr")
    url = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=digest)["downloadUrl"]
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url) as answer:
        assert answer.read() == content
    with pytest.raises(ClientError) as error:
        ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=f"sha256:{'0' * 64}")
    assert code_of(error) == "LayersNotFoundException"


def test_copies_between_accounts_are_a_setting_of_the_organisation(aws: LocalAws) -> None:
    backup, organisations = aws.client("backup"), aws.client("organizations")
    with pytest.raises(ClientError) as error:
        backup.describe_global_settings()
    assert code_of(error) == "InvalidRequestException"
    organisations.create_organization(FeatureSet="ALL")
    assert backup.describe_global_settings()["GlobalSettings"] == {"isCrossAccountBackupEnabled": "false"}
    backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    assert backup.describe_global_settings()["GlobalSettings"] == {"isCrossAccountBackupEnabled": "true"}
    organisations.delete_organization()


def test_a_subscription_by_mail_waits_for_its_confirmation(aws: LocalAws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}:on-call"
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"].startswith(topic)
    by_mail = {"TopicArn": topic, "Protocol": "email", "Endpoint": "on-call@example.com"}
    assert sns.subscribe(**by_mail)["SubscriptionArn"] == "pending confirmation"
    assert sns.subscribe(**by_mail, ReturnSubscriptionArn=True)["SubscriptionArn"].startswith(topic)
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["SubscriptionArn"] for one in found if one["Protocol"] == "email"] == ["PendingConfirmation"]
    assert sns.publish(TopicArn=topic, Message="x")["MessageId"]


def test_stock_moto_still_lacks_all_of_this(stock: LocalAws) -> None:
    assert options(stock, EngineVersion=VERSION) == []
    with pytest.raises(ResponseParserError):
        stock.client("ec2").describe_vpc_endpoint_services(
            Filters=[{"Name": "service-name", "Values": SERVICES}]
        )
    stock.client("ecs").create_cluster(clusterName="stock")
    assert service_roles(stock, "ecs.amazonaws.com") == []
    repository, digest = upload(stock, b"{}")
    with pytest.raises(ClientError):
        stock.client("ecr").get_download_url_for_layer(repositoryName=repository, layerDigest=digest)
    with pytest.raises(ClientError):
        stock.client("backup").describe_global_settings()
    topic = stock.client("sns").create_topic(Name="stock")["TopicArn"]
    by_mail = {"TopicArn": topic, "Protocol": "email", "Endpoint": "on-call@example.com"}
    assert stock.client("sns").subscribe(**by_mail)["SubscriptionArn"] != "pending confirmation"
