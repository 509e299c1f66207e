"""The condition keys that a request carries.

Source: IAM user guide, "AWS global condition context keys"; the condition keys of each service in the Service
Authorization Reference. TLS is taken as given: loopback stands in for it.
"""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from embedded_aws.authorisation import held
from embedded_aws.authorisation.calls import Call
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import Caller

ENCRYPTION_CONTEXT = "kms:EncryptionContext:"
LISTED_TAG = re.compile(r"(?:Tags?|TagList)\.(?:\w+\.)?(\d+)\.(?:Tag)?Key")
EC2_TAG = re.compile(r"TagSpecification\.\d+\.Tag\.(\d+)\.Key")
# Calls of ECS that a policy limits by their cluster (ECS developer guide, "List and describe tasks").
OF_A_CLUSTER = ("DescribeTasks", "ListTasks")
Keys = dict[str, Any]


def common(call: Call, caller: Caller) -> Keys:
    """What every signed request carries."""
    now = datetime.now(UTC)
    return {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": int(time.time()),
        "aws:RequestedRegion": call.region,
        "aws:SecureTransport": True,
        "aws:SourceIp": str(call.headers.get("REMOTE_ADDR") or "127.0.0.1"),
        "aws:UserAgent": str(call.headers.get("HTTP_USER_AGENT", "")),
        "aws:ViaAWSService": False,
        **tags_of(call),
        **_of_service(call, caller),
    }


def tags_of(call: Call) -> Keys:
    """The tags in the request: `aws:RequestTag/KEY` and `aws:TagKeys`."""
    found = dict(_sent_tags(call.parameters))
    if not found:
        return {}
    return {f"aws:RequestTag/{name}": value for name, value in found.items()} | {"aws:TagKeys": tuple(found)}


def _sent_tags(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if name.lower() in ("tags", "tagslist", "backupvaulttags", "backupplantags"):
            yield from _tag_pairs(value)
        elif LISTED_TAG.fullmatch(name) or EC2_TAG.fullmatch(name):
            yield str(value), str(parameters.get(name.removesuffix("Key") + "Value", ""))


def _tag_pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(key), str(one)) for key, one in value.items())
    elif isinstance(value, list):
        for tag in value:
            if isinstance(tag, dict):
                lower = {key.lower(): one for key, one in tag.items()}
                yield (
                    str(lower.get("key", lower.get("tagkey", ""))),
                    str(lower.get("value", lower.get("tagvalue", ""))),
                )


def _of_service(call: Call, caller: Caller) -> Keys:
    match call.service:
        case "kms":
            return {**_kms(call), **({"kms:CallerAccount": caller.account} if caller.account else {})}
        case "s3":
            return _s3(call)
        case "iam":
            return _iam(call)
        case "ecs" if call.operation in OF_A_CLUSTER:
            name = call.text("cluster")
            here = f"arn:aws:ecs:{call.region}:{ACCOUNT_ID}:cluster/"
            found = {"ecs:cluster": name if not name or name.startswith("arn:") else here + name}
        case "lambda":
            found = {"lambda:Principal": call.text("Principal")}
        case "elasticloadbalancing":
            sent = {"ListenerProtocol": call.text("Protocol"), "SecurityPolicy": call.text("SslPolicy")}
            found = {f"elasticloadbalancing:{name}": value for name, value in sent.items()}
        case "sns":
            found = {"sns:Protocol": call.text("Protocol"), "sns:Endpoint": call.text("Endpoint")}
        case _:
            found = {}
    return {name: value for name, value in found.items() if value}


def _iam(call: Call) -> Keys:
    """The boundary in the request or, where it has none, of the role that it is about. Service Authorization
    Reference, AWS Identity and Access Management.
    """
    role = held.role(call.text("RoleName"), call.account)
    current = getattr(role, "permissions_boundary_arn", None) if call.operation != "CreateRole" else None
    found = {
        "iam:PermissionsBoundary": call.text("PermissionsBoundary") or current,
        "iam:PolicyARN": call.text("PolicyArn"),
        "iam:AWSServiceName": call.text("AWSServiceName"),
    }
    return {name: value for name, value in found.items() if value}


def _kms(call: Call) -> Keys:
    """Of a call to KMS itself: no `kms:ViaService`. KMS developer guide, "Condition keys"."""
    pairs = call.parameters.get("EncryptionContext") or {}
    operations = call.parameters.get("Operations")
    return {
        **{f"{ENCRYPTION_CONTEXT}{name}": value for name, value in pairs.items()},
        **({"kms:EncryptionContextKeys": tuple(pairs)} if pairs else {}),
        **(
            {"kms:GrantOperations": tuple(operations), "kms:GrantIsForAWSResource": False}
            if operations
            else {}
        ),
        **({"kms:RequestAlias": call.text("KeyId")} if call.text("KeyId").startswith("alias/") else {}),
    }


def _s3(call: Call) -> Keys:
    """Amazon S3 user guide, "Condition keys for Amazon S3"."""
    headers = {
        "s3:x-amz-acl": "HTTP_X_AMZ_ACL",
        "s3:x-amz-content-sha256": "HTTP_X_AMZ_CONTENT_SHA256",
        "s3:x-amz-server-side-encryption": "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION_AWS_KMS_KEY_ID",
    }
    parameters = {
        "s3:prefix": "prefix",
        "s3:delimiter": "delimiter",
        "s3:VersionId": "versionId",
        "s3:max-keys": "max-keys",
    }
    return {
        "s3:TlsVersion": "1.3",
        **{key: call.headers[name] for key, name in headers.items() if name in call.headers},
        **{key: call.text(name) for key, name in parameters.items() if call.text(name)},
    }
