"""Certificates under a chosen ARN."""

import uuid

import embedded_aws
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def arn() -> str:
    """An ARN that no certificate has."""
    return f"arn:aws:acm:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:certificate/{uuid.uuid4()}"


def test_a_listener_takes_a_seeded_certificate(aws: embedded_aws.LocalAws, arn: str) -> None:
    assert embedded_aws.seed_certificate(aws, arn, "payments.example")
    subnets = [subnet["SubnetId"] for subnet in aws.client("ec2").describe_subnets()["Subnets"][:2]]
    elbv2 = aws.client("elbv2")
    balancer = elbv2.create_load_balancer(Name=uuid.uuid4().hex, Subnets=subnets)["LoadBalancers"][0]
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )["Listeners"][0]
    assert listener["Certificates"] == [{"CertificateArn": arn}]
    described = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    assert (described["DomainName"], described["Status"]) == ("payments.example", "ISSUED")


def test_a_certificate_is_seeded_once(aws: embedded_aws.LocalAws, arn: str) -> None:
    acm = aws.client("acm")
    embedded_aws.seed_certificate(aws, arn, "payments.example")
    first = acm.get_certificate(CertificateArn=arn)["Certificate"]
    assert not embedded_aws.seed_certificate(aws, arn, "payments.example")
    assert acm.get_certificate(CertificateArn=arn)["Certificate"] == first


def test_an_arn_of_another_region_is_refused_as_in_aws(aws: embedded_aws.LocalAws, arn: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        embedded_aws.seed_certificate(aws, arn.replace(embedded_aws.REGION, "eu-west-1"), "payments.example")


def test_stock_moto_still_lacks_it(stock: embedded_aws.LocalAws, arn: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        embedded_aws.seed_certificate(stock, arn, "payments.example")
