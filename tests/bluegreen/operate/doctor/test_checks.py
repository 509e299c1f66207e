"""Each check fails once, alone: everything else passes, and what was taken is given back."""

import copy
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import embedded_aws
import pytest

import bluegreen.operate.doctor as examined
from bluegreen.operate.doctor.certificate import covers
from packages.embedded_aws.tests.roles import role_of_anything
from tests.bluegreen.operate.doctor.world import (
    ACCOUNT,
    Document,
    World,
    blocks,
    name_certificate,
    name_image,
)

Break = Callable[[World], AbstractContextManager[object]]
BREAKS: dict[str, tuple[str, Break]] = {}  # what is wrong → the check that says so


def breaking(check: str, wrong: str) -> Callable[[Callable[[World], Iterator[None]]], None]:
    """Registers a way to break what `check` looks at."""

    def register(way: Callable[[World], Iterator[None]]) -> None:
        BREAKS[wrong] = (check, contextmanager(way))

    return register


def editing(check: str, wrong: str) -> Callable[[Callable[[World, Document], object]], None]:
    """The same, by another stack."""

    def register(edit: Callable[[World, Document], object]) -> None:
        @contextmanager
        def way(world: World) -> Iterator[None]:
            with world.edited() as document:
                edit(world, document)
                yield

        BREAKS[wrong] = (check, way)

    return register


@editing("zones", "a zone that the region has not")
def _(_: World, document: Document) -> None:
    public = [subnet for subnet in blocks(document, "aws_subnet") if subnet.get("map_public_ip_on_launch")]
    public = public or [s for name, s in document["resource"]["aws_subnet"].items() if "public" in name]
    public[0]["availability_zone"] = "us-east-1z"


@breaking("service-linked roles", "no role of a service")
def _(world: World) -> Iterator[None]:
    iam = world.client("iam")
    (name,) = [
        role["RoleName"]
        for role in iam.list_roles(PathPrefix="/aws-service-role/rds.amazonaws.com/")["Roles"]
    ]
    iam.delete_role(RoleName=name)
    yield
    iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")


@breaking("state: key", "a key that does not rotate")
def _(world: World) -> Iterator[None]:
    kms = world.client("kms")
    alias = world.document["terraform"]["backend"]["s3"]["kms_key_id"]
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
    kms.disable_key_rotation(KeyId=key)
    yield
    kms.enable_key_rotation(KeyId=key)


@breaking("state: bucket", "a bucket without versions")
def _(world: World) -> Iterator[None]:
    s3, bucket = world.client("s3"), world.document["terraform"]["backend"]["s3"]["bucket"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    yield
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@breaking("quota: Elastic IPs", "addresses that others have")
def _(world: World) -> Iterator[None]:
    ec2 = world.client("ec2")
    taken = [ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(3)]
    yield
    for address in taken:
        ec2.release_address(AllocationId=address)


@breaking("quota: NAT gateways", "a zone that is full of gateways")
def _(world: World) -> Iterator[None]:
    ec2 = world.client("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}])
    place = subnet["Subnets"][0]["SubnetId"]
    made = [
        ec2.create_nat_gateway(SubnetId=place, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
        for _ in range(5)
    ]
    yield
    for gateway in made:
        ec2.delete_nat_gateway(NatGatewayId=gateway)


@breaking("quota: VPCs", "networks that others have")
def _(world: World) -> Iterator[None]:
    ec2 = world.client("ec2")
    made = [ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"] for _ in range(4)]
    yield
    for vpc in made:
        ec2.delete_vpc(VpcId=vpc)


@editing("quota: Fargate vCPUs", "more tasks than the quota allows")
def _(_: World, document: Document) -> None:
    blocks(document, "aws_appautoscaling_target")[0]["max_capacity"] = 9


@editing("quota: load balancers", "more load balancers than the quota allows")
def _(_: World, document: Document) -> None:
    _multiply(document, "aws_lb", "name", 51)


@breaking("quota: database clusters", "a cluster that others have")
def _(world: World) -> Iterator[None]:
    rds = world.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="another",
        Engine="aurora-mysql",
        MasterUsername="a",
        ManageMasterUserPassword=True,
    )
    with world.edited() as document:
        _multiply(document, "aws_rds_cluster", "cluster_identifier", 40)
        yield
    rds.delete_db_cluster(DBClusterIdentifier="another", SkipFinalSnapshot=True)


@editing("quota: database instances", "more instances than the quota allows")
def _(_: World, document: Document) -> None:
    _multiply(document, "aws_rds_cluster_instance", "identifier", 41)


def _multiply(document: Document, type_: str, name: str, count: int) -> None:
    """As many resources of the type, the first under its own name."""
    found = document["resource"][type_]
    label, first = next(iter(found.items()))
    for number in range(count - len(found)):
        found[f"{label}-{number}"] = copy.deepcopy(first) | {name: f"more-{number}"}


@breaking("Lambda concurrency", "executions that others have reserved")
def _(world: World) -> Iterator[None]:
    functions, name = world.client("lambda"), "doctor-greedy"
    role = role_of_anything(world.client("iam"), name, "lambda.amazonaws.com")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="a.b",
        Code={"ZipFile": b"not run"},
    )
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=890)
    yield
    functions.delete_function(FunctionName=name)


@breaking("certificate: issued", "a certificate that waits for its validation")
def _(world: World) -> Iterator[None]:
    acm = world.client("acm")
    arn = acm.request_certificate(DomainName="payments.example.com", ValidationMethod="DNS")["CertificateArn"]
    with world.edited() as document:
        name_certificate(document, arn)
        yield
    acm.delete_certificate(CertificateArn=arn)


@editing("certificate: issued", "a certificate that does not exist")
def _(_: World, document: Document) -> None:
    name_certificate(document, f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{uuid.uuid4()}")


@editing("certificate: domain", "a certificate for another domain")
def _(world: World, document: Document) -> None:
    name_certificate(document, world.certificate("shop.example.com"))


@editing("certificate: expiry", "a certificate that expires in a week")
def _(world: World, document: Document) -> None:
    name_certificate(document, world.certificate("payments.example.com", days=7))


@editing("certificate: key", "a certificate with a weak key")
def _(world: World, document: Document) -> None:
    name_certificate(document, world.certificate("payments.example.com", bits=1024))


@editing("database", "an engine version that can't be created any more")
def _(_: World, document: Document) -> None:
    for cluster in blocks(document, "aws_rds_cluster"):
        cluster["engine_version"] = "8.0.mysql_aurora.3.02.0"


@editing("database", "a zone without the instance class")
def _(_: World, document: Document) -> None:
    blocks(document, "aws_rds_cluster_instance")[0]["availability_zone"] = "us-east-1e"


@editing("endpoint services", "a service without an endpoint")
def _(_: World, document: Document) -> None:
    blocks(document, "aws_vpc_endpoint")[0]["service_name"] = "com.amazonaws.us-east-1.nothing"


@breaking("names", "a queue of a name that the apply would give")
def _(world: World) -> Iterator[None]:
    sqs = world.client("sqs")
    url = sqs.create_queue(QueueName=blocks(world.document, "aws_sqs_queue")[0]["name"])["QueueUrl"]
    yield
    sqs.delete_queue(QueueUrl=url)


@editing("image: payments-staging-blue", "no image of that digest")
def _(_: World, document: Document) -> None:
    (green,) = (p for p in blocks(document, "aws_ssm_parameter") if p["name"].endswith("green-image"))
    kept = green["insecure_value"]
    name_image(document, f"sha256:{'d' * 64}")
    green["insecure_value"] = kept


@editing("image: payments-staging-blue", "an image for another architecture")
def _(_: World, document: Document) -> None:
    blocks(document, "aws_ecs_task_definition")[0]["runtime_platform"]["cpu_architecture"] = "X86_64"


@breaking("subscribers: payments-staging-notifications", "a topic that notifies nobody")
def _(world: World) -> Iterator[None]:
    sns = world.client("sns")
    (kept,) = sns.list_subscriptions_by_topic(TopicArn=world.topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=kept["SubscriptionArn"])
    yield
    sns.subscribe(TopicArn=world.topic, Protocol=kept["Protocol"], Endpoint=kept["Endpoint"])


@breaking("subscribers: payments-staging-notifications", "a subscription that is not confirmed")
def _(world: World) -> Iterator[None]:
    sns = world.client("sns")
    sns.subscribe(TopicArn=world.topic, Protocol="email", Endpoint="on-call@example.com")
    yield
    # SNS drops what is not confirmed within two days; until then it can't be deleted.
    topic = {"Name": world.topic.rpartition(":")[2]}
    sns.delete_topic(TopicArn=world.topic)
    sns.create_topic(**topic)
    sns.subscribe(TopicArn=world.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:on-call")


def copy_to(document: Document, arn: str) -> None:
    """Have a backup plan copy to this vault."""
    rules = blocks(document, "aws_backup_plan")[0]["rule"]
    rules[0]["copy_action"] = [{"destination_vault_arn": arn, "lifecycle": {"delete_after": 7}}]


@editing("copies of backups: payments-copies", "no vault in the other region")
def _(_: World, document: Document) -> None:
    copy_to(document, f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:payments-copies")


@editing("copies of backups: payments-copies", "an account of no organisation")
def _(_: World, document: Document) -> None:
    copy_to(document, "arn:aws:backup:us-east-1:111122223333:backup-vault:payments-copies")


@pytest.mark.sampled(3)
@pytest.mark.parametrize("wrong", BREAKS)
def test_what_is_wrong_fails_one_check_alone(world: World, wrong: str) -> None:
    check, way = BREAKS[wrong]
    with way(world):
        code, verdicts, answer = world.doctor("--domain", "payments.example.com")
    assert [name for name, verdict in verdicts.items() if verdict in {"failed", "unknown"}] == [check]
    assert (verdicts[check], code, answer["ready"]) == ("failed", 1, False)
    (said,) = [one for one in answer["checks"] if one["check"] == check]
    assert said["fix"]
    assert said["found"] != said["needed"]


def test_a_clock_that_is_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = partial(examined.caller, now=lambda: datetime.now(UTC) + timedelta(seconds=90))
    monkeypatch.setattr(examined, "caller", ahead)
    assert world.not_passed() == [("clock", "failed")]


def test_credentials_of_another_account_end_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = embedded_aws.as_administrator_of(world.aws, "111122223333")
    for name, value in foreign.credentials.variables().items():
        monkeypatch.setenv(name, value)
    code, verdicts, _ = world.doctor()
    assert (code, verdicts) == (1, {"account": "failed"})


@pytest.mark.parametrize(
    ("name", "domain", "same"),
    [
        ("payments.example.com", "Payments.Example.com.", True),
        ("*.example.com", "payments.example.com", True),
        ("*.example.com", "eu.payments.example.com", False),
        ("*.example.com", "example.com", False),
        ("payments.example.com", "shop.example.com", False),
    ],
)
def test_names_of_a_certificate(name: str, domain: str, same: bool) -> None:
    assert covers(name, domain) is same
