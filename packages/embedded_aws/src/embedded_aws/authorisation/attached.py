"""The policies of resources: what is attached to the one that a request is about.

Source: IAM user guide, "AWS services that work with IAM". A document that AWS would refuse counts as none.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from embedded_aws.authorisation import held
from embedded_aws.authorisation.documents import parsed
from iam_evaluation import Grant, Kind, Policies, Policy

Found = Iterable[Policy]


def with_resource(policies: Policies, resource: str) -> Policies:
    """The caller's policies, and those of the resource."""
    if not resource.startswith("arn:"):
        return policies
    _, _, service, region, account, rest = resource.split(":", 5)
    if service == "kms":
        return _with_key(policies, rest, region, account)
    if service == "iam":
        return replace(policies, resource=tuple(_role(rest, account)))
    find = _BY_SERVICE.get(service)
    return replace(policies, resource=tuple(find(resource, region, rest))) if find else policies


def owner(resource: str) -> str | None:
    """The account of a bucket or object, whose ARN doesn't have it. None: it does, or there is none."""
    if not resource.startswith("arn:aws:s3:::"):
        return None
    bucket = held.bucket(resource.split(":", 5)[5].partition("/")[0])
    return str(bucket.account_id) if bucket else None


def _with_key(policies: Policies, rest: str, region: str, account: str) -> Policies:
    key = held.key(rest.removeprefix("key/"), region, account) if rest.startswith("key/") else None
    if key is None:
        return policies
    grants = tuple(_grant(grant) for grant in list(key.grants.values()))
    return replace(policies, resource=tuple(_policies(key.policy, "key policy", Kind.KEY)), grants=grants)


def _grant(grant: Any) -> Grant:
    constraints = grant.constraints or {}
    return Grant(
        grant.id,
        grant.grantee_principal,
        frozenset(grant.operations),
        constraints.get("EncryptionContextEquals"),
        constraints.get("EncryptionContextSubset"),
    )


def _policies(document: Any, name: str, kind: Kind = Kind.RESOURCE) -> Found:
    if not document:
        return
    text = document.decode() if isinstance(document, bytes) else str(document)
    if policy := parsed(text, name, kind):
        yield policy


def _bucket(_: str, __: str, rest: str) -> Found:
    bucket = held.bucket(rest.partition("/")[0])
    return _policies(bucket.policy, "bucket policy") if bucket else ()


def _topic(arn: str, region: str, _: str) -> Found:
    sns = held.backend("sns", region)
    topic = sns.topics.get(arn) if sns else None
    return _policies(topic.policy, "topic policy") if topic else ()


def _queue(_: str, region: str, rest: str) -> Found:
    sqs = held.backend("sqs", region)
    queue = sqs.queues.get(rest) if sqs else None
    return _policies(queue.policy, "queue policy") if queue else ()


def _function(_: str, region: str, rest: str) -> Found:
    function = held.function(rest.split(":")[1] if ":" in rest else "", region)
    statements = list(function.policy.statements) if function and function.policy else []
    if not statements:
        return ()
    return _policies(json.dumps({"Version": "2012-10-17", "Statement": statements}), "function policy")


def _secret(arn: str, region: str, _: str) -> Found:
    secret = held.secret(arn, region)
    return _policies(getattr(secret, "policy", None), "secret policy")


def _file_system(_: str, region: str, rest: str) -> Found:
    efs = held.backend("efs", region)
    system = efs.file_systems_by_id.get(rest.partition("/")[2]) if efs else None
    return _policies(system.file_system_policy, "file system policy") if system else ()


def _table(arn: str, region: str, _: str) -> Found:
    dynamodb = held.backend("dynamodb", region)
    policy = dynamodb.resource_policies.get(arn) if dynamodb else None
    return _policies(policy.policy_doc, "table policy") if policy else ()


def _repository(_: str, region: str, rest: str) -> Found:
    ecr = held.backend("ecr", region)
    repository = ecr.repositories.get(rest.partition("/")[2]) if ecr else None
    return _policies(repository.policy, "repository policy") if repository else ()


def _vault(_: str, region: str, rest: str) -> Found:
    """Kept by `extensions/backup_plans.py`."""
    backup = held.backend("backup", region)
    documents = vars(backup).get("bluegreen_vault_documents", {}) if backup else {}
    document = documents.get((rest.partition(":")[2], "access-policy"), {})
    return _policies(document.get("Policy"), "vault policy")


def _bus(_: str, region: str, rest: str) -> Found:
    events = held.backend("events", region)
    bus = events.event_buses.get(rest.partition("/")[2]) if events and rest.startswith("event-bus/") else None
    return _policies(bus.policy, "bus policy") if bus else ()


def _log_group(_: str, region: str, __: str) -> Found:
    """Log resource policies are the account's: each names the groups that it is for."""
    logs = held.backend("logs", region)
    for policy in list(logs.resource_policies.values()) if logs else ():
        yield from _policies(policy.policy_document, policy.policy_name)


def _role(rest: str, account: str) -> Found:
    role = held.role(rest.rpartition("/")[2], account) if rest.startswith("role/") else None
    return _policies(role.assume_role_policy_document, "trust policy", Kind.TRUST) if role else ()


_BY_SERVICE: dict[str, Callable[[str, str, str], Found]] = {
    "backup": _vault,
    "dynamodb": _table,
    "ecr": _repository,
    "elasticfilesystem": _file_system,
    "events": _bus,
    "lambda": _function,
    "logs": _log_group,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
}
