"""Who is answered by a running embedded AWS, and with which error who is not."""

import contextlib
import hashlib
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import embedded_aws
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import ClientError
from embedded_aws import LocalAws
from embedded_aws.access.keys import OPERATOR
from embedded_aws.clients import Credentials, boto_client
from embedded_aws.handle import TOKEN_HEADER

from packages.embedded_aws.tests.roles import EVERYTHING
from packages.embedded_aws.tests.signing import FORM, send, send_signed, signed

JSON = "application/json"
LIST_USERS = b"Action=ListUsers&Version=2010-05-08"


@dataclass(frozen=True)
class Read:
    """A read, and how it is refused: codes for an unknown key and for a wrong signature, and the status."""

    service: str
    operation: str
    unknown: str
    mismatch: str
    status: int


READS = [
    Read("iam", "list_users", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
    Read("ec2", "describe_vpcs", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
    Read("cloudwatch", "describe_alarms", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
    Read("dynamodb", "list_tables", "UnrecognizedClientException", "InvalidSignatureException", 400),
    Read(
        "stepfunctions",
        "list_state_machines",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        400,
    ),
    Read("lambda", "list_functions", "UnrecognizedClientException", "InvalidSignatureException", 403),
    Read("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch", 403),
]


SQS = Read("sqs", "list_queues", "UnrecognizedClientException", "InvalidSignatureException", 400)
STS = Read("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch", 403)


@pytest.fixture(scope="module")
def other(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Another user's embedded AWS on the same machine."""
    with embedded_aws.running(tmp_path_factory.mktemp("other")) as running:
        yield running


def refusal(aws: LocalAws, read: Read, credentials: Credentials) -> tuple[str, int]:
    """Code and status of a read with those credentials."""
    with pytest.raises(ClientError) as refused:
        getattr(boto_client(read.service, aws.endpoint, credentials), read.operation)()
    answer: Any = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("read", READS, ids=lambda read: read.service)
def test_only_the_keys_of_the_run_are_taken(aws: LocalAws, other: LocalAws, read: Read) -> None:
    own = aws.credentials
    getattr(aws.client(read.service), read.operation)()
    for guessed in (Credentials("local", "local"), Credentials.random(), other.credentials):
        assert refusal(aws, read, guessed) == (read.unknown, read.status)
    for secret in ("x", "local", other.credentials.secret_access_key):
        wrong = Credentials(own.access_key_id, secret)
        assert refusal(aws, read, wrong) == (read.mismatch, read.status)


@pytest.mark.parametrize("read", READS, ids=lambda read: read.service)
def test_the_right_key_with_another_users_token_is_refused(
    aws: LocalAws, other: LocalAws, read: Read
) -> None:
    expected = ("InvalidToken", 400) if read.service == "s3" else (read.unknown, read.status)
    mine, theirs = session(aws), session(other).session_token
    getattr(boto_client(read.service, aws.endpoint, mine), read.operation)()
    assert refusal(aws, read, Credentials(*_pair(aws.credentials), theirs)) == expected
    assert refusal(aws, read, Credentials(*_pair(mine), theirs)) == expected
    assert refusal(aws, read, Credentials(*_pair(mine))) == expected


TRUSTED = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "Action": "sts:AssumeRole"}


def session(aws: LocalAws) -> Credentials:
    """Temporary credentials of a role."""
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [TRUSTED]})
    iam = aws.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=trusted)
    iam.put_role_policy(RoleName="visitor", PolicyName="everything", PolicyDocument=EVERYTHING)
    arn = f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:role/visitor"
    found = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def _pair(credentials: Credentials) -> tuple[str, str]:
    return credentials.access_key_id, credentials.secret_access_key


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("POST", "/", LIST_USERS, {"Content-Type": FORM}), (403, "<Code>MissingAuthenticationToken<")),
        (("GET", "/?" + LIST_USERS.decode(), b"", {}), (403, "<Code>MissingAuthenticationToken<")),
        (
            ("POST", "/", b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}),
            (400, "MissingAuthenticationTokenException"),
        ),
        (("GET", "/2015-03-31/functions/", b"", {}), (403, '"Request is missing Authentication Token"')),
        (("GET", "/", b"", {}), (403, "<Code>AccessDenied<")),
        (("GET", "/b/k?AWSAccessKeyId=a&Signature=b&Expires=1", b"", {}), (400, "<Code>InvalidRequest<")),
        (("GET", "/moto-api/", b"", {}), (403, "<Code>AccessDenied<")),
        (("POST", "/moto-api/reset", b"", {}), (403, "<Code>AccessDenied<")),
        (("GET", "/moto-api/data.json", b"", {}), (403, "<Code>AccessDenied<")),
        (("GET", "/latest/meta-data/iam/security-credentials/", b"", {}), (403, "<Code>AccessDenied<")),
        (("POST", "/lambda_us-east-1/2015-03-31/functions", b"{}", {}), (403, "<Code>AccessDenied<")),
    ],
)
def test_an_unsigned_request_is_refused(
    aws: LocalAws, asked: tuple[str, str, bytes, dict[str, str]], expected: tuple[int, str]
) -> None:
    answer = send(aws, *asked)
    assert answer.status == expected[0]
    assert expected[1] in answer.body


@pytest.mark.parametrize("content_type", ["application/x-amz-json-1.0", "application/x-amz-json-1.1"])
def test_the_type_of_a_json_error_is_in_its_header_too(aws: LocalAws, content_type: str) -> None:
    asked = {"X-Amz-Target": "AmazonSSM.GetParameter", "Content-Type": content_type}
    answers = [send(aws, "GET", "/2015-03-31/functions/"), send(aws, "POST", "/", b"{}", asked)]
    assert {answer.headers["x-amzn-errortype"] for answer in answers} == {
        "MissingAuthenticationTokenException"
    }
    assert answers[1].headers["content-type"] == content_type


@pytest.mark.parametrize("target", ["/moto-api/", "/moto-api/reset", "/latest/meta-data/iam/"])
def test_motos_own_pages_are_none_even_for_the_operator(aws: LocalAws, target: str) -> None:
    answer = send_signed(aws, "s3", ("GET", target, b""))
    assert (answer.status, "<Code>NoSuchBucket<" in answer.body) == (404, True)


def test_a_service_of_the_scope_cannot_lead_to_them(aws: LocalAws) -> None:
    for service in ("moto_api", "motoapi.amazonaws.com", "instance_metadata"):
        assert send_signed(aws, service, ("POST", "/moto-api/reset", b"")).status >= 400
    assert aws.client("iam").list_users()["Users"] is not None


@pytest.mark.parametrize(
    ("header", "value"),
    [("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
)
def test_a_page_is_refused_with_the_right_signature_too(aws: LocalAws, header: str, value: str) -> None:
    keys = signed(aws.credentials, "iam", ("POST", aws.endpoint + "/", LIST_USERS), {"Content-Type": FORM})
    assert send(aws, "POST", "/", LIST_USERS, keys).status == 200
    refused = send(aws, "POST", "/", LIST_USERS, keys | {header: value})
    assert (refused.status, "web page" in refused.body) == (403, True)
    control = {TOKEN_HEADER: aws.token, "Content-Type": JSON}
    assert send(aws, "GET", "/_bluegreen/identity", b"", control).status == 200
    assert send(aws, "GET", "/_bluegreen/identity", b"", control | {header: value}).status == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost", "127.0.0.1:1"])
def test_another_host_is_refused_with_the_right_signature_too(aws: LocalAws, host: str) -> None:
    host = host.format(port=aws.endpoint.rpartition(":")[2])
    url = f"http://{host}/"
    keys = signed(aws.credentials, "iam", ("POST", url, LIST_USERS), {"Content-Type": FORM})
    assert send(aws, "POST", "/", LIST_USERS, keys).status == 421
    assert send(aws, "POST", url, LIST_USERS, keys | {"Host": aws.endpoint[7:]}).status == 421


def test_a_bucket_and_an_account_may_be_in_the_host(aws: LocalAws) -> None:
    port, bucket = aws.endpoint.rpartition(":")[2], f"bucket-{uuid.uuid4()}"
    aws.client("s3").create_bucket(Bucket=bucket)
    keys = signed(aws.credentials, "s3", ("GET", f"http://{bucket}.localhost:{port}/", b""))
    assert f"<Name>{bucket}</Name>" in send(aws, "GET", "/", b"", keys).body
    form = {"Content-Type": FORM}
    url = f"http://{embedded_aws.ACCOUNT_ID}.127.0.0.1:{port}/"
    keys = signed(aws.credentials, "iam", ("POST", url, LIST_USERS), form)
    assert send(aws, "POST", "/", LIST_USERS, keys).status == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({TOKEN_HEADER: ""}, 403),
        ({TOKEN_HEADER: "guessed"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": FORM}, 415),
    ],
)
def test_control_requests_need_the_token_and_json(
    aws: LocalAws, changed: dict[str, str], status: int
) -> None:
    headers = {TOKEN_HEADER: aws.token, "Content-Type": JSON} | changed
    for method, action in (("GET", "identity"), ("POST", "forget-metrics"), ("GET", "companions")):
        assert send(aws, method, f"/_bluegreen/{action}", b"{}", headers).status == status


def test_control_requests_need_the_token_of_this_run(aws: LocalAws, other: LocalAws) -> None:
    headers = {TOKEN_HEADER: other.token, "Content-Type": JSON}
    answer = send(aws, "POST", "/_bluegreen/reset", b"{}", headers)
    assert (answer.status, "not the token of this run" in answer.body) == (403, True)
    signature = signed(aws.credentials, "s3", ("POST", aws.endpoint + "/_bluegreen/reset", b"{}"))
    assert send(aws, "POST", "/_bluegreen/reset", b"{}", signature | {"Content-Type": JSON}).status == 403


@pytest.mark.integration
def test_a_reset_keeps_the_keys_and_gives_roles_new_ones(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        lost = session(aws)
        aws.client("sqs").create_queue(QueueName="gone")
        aws.control("POST", "reset")
        assert "QueueUrls" not in aws.client("sqs").list_queues()
        assert refusal(aws, SQS, lost) == (SQS.unknown, SQS.status)
        boto_client("sqs", aws.endpoint, session(aws)).list_queues()


def test_no_cors_header_is_ever_sent(aws: LocalAws) -> None:
    bucket = f"bucket-{uuid.uuid4()}"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket)
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    answers = [
        send(aws, "OPTIONS", f"/{bucket}/key", b"", asked),
        send_signed(aws, "s3", ("OPTIONS", f"/{bucket}/key", b""), asked),
        send_signed(aws, "s3", ("GET", f"/{bucket}", b"")),
        send(aws, "OPTIONS", "/_bluegreen/identity", b"", asked),
        send_signed(aws, "iam", ("POST", "/", LIST_USERS), {"Content-Type": FORM}),
    ]
    assert [name for answer in answers for name in answer.headers if name.startswith("access-control")] == []


def test_a_header_cannot_make_the_caller_another_account(aws: LocalAws) -> None:
    form, headers = b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": FORM}
    answer = send_signed(aws, "sts", ("POST", "/", form), headers | {"X-Moto-Account-Id": "111122223333"})
    assert f"<Account>{embedded_aws.ACCOUNT_ID}</Account>" in answer.body


def test_a_users_key_works_until_it_is_inactive(aws: LocalAws) -> None:
    iam, name = aws.client("iam"), f"user-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    keys = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    caller = boto_client("sts", aws.endpoint, keys).get_caller_identity()["Arn"]
    assert caller.endswith(f":user/{name}")
    iam.update_access_key(UserName=name, AccessKeyId=keys.access_key_id, Status="Inactive")
    assert refusal(aws, STS, keys) == (STS.unknown, STS.status)


def client_with(aws: LocalAws, service: str, **config: Any) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=embedded_aws.REGION,
        endpoint_url=aws.endpoint,
        config=Config(proxies={}, **config),
        **{name.lower(): value for name, value in aws.credentials.variables().items()},
    )


@pytest.fixture
def bucket(aws: LocalAws) -> str:
    name = f"bucket-{uuid.uuid4()}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


def test_a_presigned_url_works_for_what_it_names(aws: LocalAws, bucket: str) -> None:
    s3, key = client_with(aws, "s3", signature_version="s3v4"), "a b/ü+%/x"
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
    assert send(aws, "PUT", target_of(aws, put), b"content", {"Content-Type": "text/plain"}).status == 200
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    assert send(aws, "GET", target_of(aws, url)).body == "content"
    assert send(aws, "DELETE", target_of(aws, url)).status == 403
    assert send(aws, "GET", target_of(aws, url).replace("/x?", "/y?")).status == 403
    assert send(aws, "GET", target_of(aws, url)[:-1]).status == 403
    sts = client_with(aws, "sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert OPERATOR in send(aws, "GET", target_of(aws, sts)).body
    log = (aws.state_dir / "aws.log").read_text()
    assert "X-Amz-Signature" not in log


def target_of(aws: LocalAws, url: str) -> str:
    assert url.startswith(aws.endpoint)
    return url.removeprefix(aws.endpoint)


def test_streamed_payloads_are_taken(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), bucket, "in-parts")
    assert s3.head_object(Bucket=bucket, Key="in-parts")["ContentLength"] == 9_000_000
    for algorithm in ("CRC32", "SHA256"):
        s3.put_object(Bucket=bucket, Key=algorithm, Body=io.BytesIO(b"content"), ChecksumAlgorithm=algorithm)
        assert s3.get_object(Bucket=bucket, Key=algorithm)["Body"].read() == b"content"


@pytest.mark.parametrize("tampered", [False, True])
def test_signed_chunks_are_taken_and_changed_ones_are_not(aws: LocalAws, bucket: str, tampered: bool) -> None:
    target = f"/{bucket}/chunked"
    headers, body = signed_chunks(aws, target, b"content")
    answer = send(aws, "PUT", target, body.replace(b"content", b"CONTENT") if tampered else body, headers)
    assert answer.status == (403 if tampered else 200)
    found = aws.client("s3").list_objects_v2(Bucket=bucket)
    assert found["KeyCount"] == (0 if tampered else 1)


def signed_chunks(aws: LocalAws, target: str, content: bytes) -> tuple[dict[str, str], bytes]:
    """A request that sends `content` as one signed chunk."""
    stream = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"

    class Signer(S3SigV4Auth):
        def payload(self, _request: Any) -> str:
            return stream

    keys = BotocoreCredentials(*_pair(aws.credentials))
    signer = Signer(keys, "s3", embedded_aws.REGION)
    given = {
        "Host": aws.endpoint.removeprefix("http://"),
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(content)),
    }
    request = AWSRequest("PUT", aws.endpoint + target, given)
    signer.add_auth(request)
    before, body, empty = request.headers["Authorization"][-64:], b"", hashlib.sha256(b"").hexdigest()
    for data in (content, b""):
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256-PAYLOAD",
                request.context["timestamp"],
                signer.credential_scope(request),
                before,
                empty,
                hashlib.sha256(data).hexdigest(),
            )
        )
        before = signer.signature(text, request)
        body += f"{len(data):x};chunk-signature={before}\r\n".encode() + data + b"\r\n"
    return dict(request.headers.items()), body


def test_a_changed_body_is_not_carried_out(aws: LocalAws) -> None:
    form = b"Action=CreateUser&Version=2010-05-08&UserName=mallory"
    keys = signed(aws.credentials, "iam", ("POST", aws.endpoint + "/", LIST_USERS), {"Content-Type": FORM})
    assert send(aws, "POST", "/", form, keys).status == 403
    assert "mallory" not in json.dumps(aws.client("iam").list_users()["Users"], default=str)


def test_a_presigned_url_that_has_expired(aws: LocalAws, bucket: str) -> None:
    keys = BotocoreCredentials(*_pair(aws.credentials))
    request = AWSRequest("GET", f"{aws.endpoint}/{bucket}/key", {"Host": aws.endpoint[7:]})
    S3SigV4QueryAuth(keys, "s3", embedded_aws.REGION, expires=0).add_auth(request)
    answer = send(aws, "GET", target_of(aws, str(request.url)))
    assert (answer.status, "Request has expired" in answer.body) == (403, True)


def test_metadata_of_objects_keep_their_names(aws: LocalAws) -> None:
    """WSGI has `-` and `_` of a header's name as one."""
    s3, bucket = aws.client("s3"), "metadata-of-objects"
    s3.create_bucket(Bucket=bucket)
    told = {"of_build": "7", "of-commit": "c0ffee"}
    s3.put_object(Bucket=bucket, Key="package", Body=b"zip", Metadata=told)
    assert s3.head_object(Bucket=bucket, Key="package")["Metadata"] == told
