"""An account in which the shipped staging deployment lacks nothing, and ways to take something from it.

Its first apply made the image repository and the topic, and no more: so images and subscribers are examined,
too, and everything else is still to be created.
"""

import copy
import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import embedded_aws
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from embedded_aws.clients import boto_client
from stack_gate import stack

from tests.bluegreen.cli.conftest import run, write_stack

ACCOUNT = embedded_aws.ACCOUNT_ID
DEPLOYMENT = "staging"
LINKED = (
    "backup",
    "ecs",
    "ecs.application-autoscaling",
    "elasticloadbalancing",
    "rds",
    "wafv2",
)
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DAYS = 365

Document = dict[str, Any]


def blocks(document: Document, type_: str) -> list[dict[str, Any]]:
    """All resources of a type."""
    return list(document["resource"].get(type_, {}).values())


@dataclass
class World:
    """`document`: the stack; `topic`: the ARN of its topic."""

    aws: embedded_aws.LocalAws
    region: str
    directory: Path
    document: Document = field(repr=False)
    topic: str = ""

    def client(self, service: str) -> Any:
        return boto_client(service, self.aws.endpoint, self.aws.credentials, self.region)

    def doctor(self, *options: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Exit code, verdict of each check, and the answer."""
        write_stack(self.directory, DEPLOYMENT, self.document)
        result = run("doctor", "--deployment", DEPLOYMENT, "--output", "json", *options)
        assert result.stdout, (result.output, result.exception)
        answer: dict[str, Any] = json.loads(result.stdout)
        return result.exit_code, {one["check"]: one["verdict"] for one in answer["checks"]}, answer

    def not_passed(self, *options: str) -> list[tuple[str, str]]:
        """(check, verdict) of those that failed or could not be made."""
        verdicts = self.doctor(*options)[1]
        return [(name, said) for name, said in verdicts.items() if said in {"failed", "unknown"}]

    @contextmanager
    def edited(self) -> Iterator[Document]:
        """Another stack, for as long as this lasts."""
        kept = self.document
        self.document = copy.deepcopy(kept)
        try:
            yield self.document
        finally:
            self.document = kept

    def push(self, repository: str, *architectures: str) -> str:
        """An index of images for these architectures, and an attestation as builders add it; its digest."""
        platforms = [{"architecture": name, "os": "linux"} for name in (*architectures, "unknown")]
        entries = [{"digest": f"sha256:{'0' * 64}", "platform": platform} for platform in platforms]
        return self._put(repository, {"mediaType": INDEX, "salt": uuid.uuid4().hex, "manifests": entries})

    def push_single(self, repository: str, architecture: str) -> str:
        """An image that says in its config only what it is for; its digest."""
        ecr = self.client("ecr")
        config = json.dumps({"architecture": architecture, "os": "linux"}).encode()
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=upload,
            partFirstByte=0,
            partLastByte=len(config) - 1,
            layerPartBlob=config,
        )
        digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
        ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest])
        described = {"digest": digest, "size": len(config)}
        return self._put(repository, {"mediaType": MANIFEST, "salt": uuid.uuid4().hex, "config": described})

    def _put(self, repository: str, manifest: dict[str, Any]) -> str:
        text = json.dumps(manifest)
        digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        self.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=text,
            imageManifestMediaType=manifest["mediaType"],
            imageDigest=digest,
        )
        return digest

    def certificate(self, domain: str, *, days: int = DAYS, bits: int = 2048) -> str:
        """The ARN of an imported certificate."""
        key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        form = (
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        arn: str = self.client("acm").import_certificate(
            Certificate=made.public_bytes(serialization.Encoding.PEM), PrivateKey=key.private_bytes(*form)
        )["CertificateArn"]
        return arn


def name_certificate(document: Document, arn: str) -> None:
    """Have every listener with a certificate name this one."""
    for listener in blocks(document, "aws_lb_listener"):
        if "certificate_arn" in listener:
            listener["certificate_arn"] = arn


def name_image(document: Document, digest: str) -> None:
    """Have both task definitions name the image of this digest."""
    for parameter in blocks(document, "aws_ssm_parameter"):
        if parameter["name"].endswith("-image"):
            parameter["insecure_value"] = f"{parameter['insecure_value'].partition('@')[0]}@{digest}"


def build(aws: embedded_aws.LocalAws, directory: Path, document: Document, region: str) -> World:
    """The account, seeded; the caller has led boto3 to it and is in `directory`."""
    own = json.loads(json.dumps(document).replace("us-east-1", region))
    backend = own["terraform"]["backend"]["s3"]
    backend["bucket"] = f"doctor-{uuid.uuid4().hex[:12]}"
    world = World(aws, region, directory, own)
    write_stack(directory, DEPLOYMENT, own)
    made = run("bootstrap", "--deployment", DEPLOYMENT, "--yes")
    assert made.exit_code == 0, made.output
    iam = world.client("iam")
    for service in LINKED:
        with suppress(iam.exceptions.InvalidInputException):  # made for another region: there is one of each
            iam.create_service_linked_role(AWSServiceName=f"{service}.amazonaws.com")
    world.client("service-quotas").request_service_quota_increase(
        ServiceCode="fargate", QuotaCode="L-3032A538", DesiredValue=16
    )
    name_certificate(own, world.certificate("payments.example.com"))
    (repository,) = {block["name"] for block in blocks(own, "aws_ecr_repository")}
    world.client("ecr").create_repository(repositoryName=repository)
    name_image(own, world.push(repository, "arm64"))
    _seed_topic(world)
    _write_state(world)
    return world


def _seed_topic(world: World) -> None:
    (topic,) = blocks(world.document, "aws_sns_topic")
    sns = world.client("sns")
    world.topic = sns.create_topic(Name=topic["name"])["TopicArn"]
    queue = f"arn:aws:sqs:{world.region}:{ACCOUNT}:on-call"
    sns.subscribe(TopicArn=world.topic, Protocol="sqs", Endpoint=queue)


def _write_state(world: World) -> None:
    """What the first apply has made."""
    read = stack.parse(json.dumps(world.document))
    attributes = {"aws_ecr_repository": {}, "aws_sns_topic": {"arn": world.topic}}
    resources = [
        {
            "mode": "managed",
            "type": block.type,
            "name": block.label,
            "instances": [{"attributes": attributes[block.type]}],
        }
        for block in read.resources(*attributes)
    ]
    state = {"version": 4, "lineage": "doctor", "serial": 1, "resources": resources}
    backend = world.document["terraform"]["backend"]["s3"]
    world.client("s3").put_object(Bucket=backend["bucket"], Key=backend["key"], Body=json.dumps(state))
