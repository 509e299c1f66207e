"""What moto holds, without making it load a service that is not in use."""

import sys
from typing import Any

from embedded_aws.handle import ACCOUNT_ID

# Where moto has a service's backends under another name than the service's.
MODULES = {"stepfunctions": "stepfunctions.parser.models"}
BACKENDS = {"awslambda": "lambda_backends", "stepfunctions": "stepfunctions_parser_backends"}
ACCOUNT_PART = 4  # of an ARN
# Service → moto's name of it: whose resources are known by their tags.
TAGGED = {
    "application-autoscaling": "applicationautoscaling",
    "backup": "backup",
    "ec2": "ec2",
    "kms": "kms",
    "route53resolver": "route53resolver",
}
# Of moto's EC2: association that ended with its NAT gateway → address. Terraform ends it once more, and needs
# the right to do that to the address (inferred: AWS may also answer that there is no such association).
FORMER = "bluegreen_former_associations"
FIELDS = 5  # before the resource of an ARN
GLOBAL = {"iam": "aws", "s3": "aws", "sts": "aws"}


def backend(service: str, region: str, account: str = ACCOUNT_ID) -> Any:
    """moto's backend of a service (its own name for it) in a region; None where it was never asked."""
    module = sys.modules.get(f"moto.{MODULES.get(service, f'{service}.models')}")
    if module is None:
        return None
    backends = vars(module).get(BACKENDS.get(service, f"{service}_backends"))
    if backends is None:  # it is being imported, by the first request for it
        return None
    return backends[account][GLOBAL.get(service, region)]


def role(name: str, account: str = ACCOUNT_ID) -> Any:
    """An IAM role by its name, or None."""
    iam = backend("iam", "", account)
    return next((one for one in list(iam.roles.values()) if one.name == name), None) if iam else None


def key(identifier: str, region: str, account: str = ACCOUNT_ID) -> Any:
    """A KMS key by its id, its ARN, an alias or an alias's ARN; None where there is none."""
    parts = identifier.split(":")
    kms = backend("kms", region, parts[4] if len(parts) > ACCOUNT_PART else account)
    if kms is None or not identifier:
        return None
    name = identifier.partition(":key/")[2] or identifier
    if name in kms.keys:
        return kms.keys[name]
    alias = f"alias/{identifier.partition('alias/')[2]}"
    return next((one for one in list(kms.keys.values()) if alias in one.aliases), None)


def secret(identifier: str, region: str) -> Any:
    """A secret by name or ARN."""
    held = backend("secretsmanager", region)
    return held.secrets.get(identifier) if held and identifier else None


def function(name: str, region: str) -> Any:
    """The unpublished version of a function, by its name."""
    held = backend("awslambda", region)
    known = held._lambdas._functions.get(name) if held else None
    return known["latest"] if known else None


def bucket(name: str) -> Any:
    """A bucket of any account: names are unique."""
    module = sys.modules.get("moto.s3.models")
    if module is None or "s3_backends" not in vars(module):
        return None
    partition, account = module.s3_backends.bucket_accounts.get(name, ("aws", ACCOUNT_ID))
    return module.s3_backends[account][partition].buckets.get(name)


def mount_target(identifier: str, region: str) -> Any:
    """A mount target of EFS, or None."""
    held = backend("efs", region)
    return held.mount_targets_by_id.get(identifier) if held and identifier else None


def scalable_target(dimension: str, resource: str, region: str) -> Any:
    """A target of Application Auto Scaling, or None."""
    held = backend("applicationautoscaling", region)
    return held.targets.get(dimension, {}).get(resource) if held else None


def associated(identifier: str, region: str) -> tuple[str, ...]:
    """The ids that an association of EC2 is between: of a route table or of an address."""
    ec2 = backend("ec2", region) if identifier.startswith(("rtbassoc-", "eipassoc-")) else None
    if ec2 is None:
        return ()
    tables = [
        (table.id, str(subnet))
        for table in list(ec2.route_tables.values())
        for association, subnet in list(table._associations.items())
        if association == identifier
    ]
    addresses = [
        (str(address.allocation_id),)
        for address in list(ec2.addresses)
        if address.association_id == identifier
    ]
    former = vars(ec2).get(FORMER, {})
    ended = [(former[identifier],)] if identifier in former else []
    return tuple(one for found in (*tables, *addresses, *ended) for one in found)


def tags(arn: str) -> dict[str, str]:
    """The tags of a resource whose ARN has no name that its owner chose: of EC2, KMS, backup plans, scalable
    targets, DNS firewalls.
    """
    if arn.count(":") < FIELDS or arn.endswith("/*"):
        return {}
    _, _, service, region, account, rest = arn.split(":", FIELDS)
    name = TAGGED.get(service, "")
    found = backend(name, region, account) if name else None
    if found is None:
        return {}
    if service == "ec2":
        return dict(found.tags.get(rest.rpartition("/")[2], {}))
    if service == "application-autoscaling":  # extensions/scaling_tags.py
        return dict(vars(found).get("bluegreen_tags", {}).get(arn, {}))
    name = rest.removeprefix("key/") if service == "kms" else arn
    return dict(found.tagger.get_tag_dict_for_resource(name))


def aliases(arn: str) -> tuple[str, ...]:
    """The aliases of a KMS key; none of another resource."""
    if not arn.startswith("arn:aws:kms:") or arn.count(":") < FIELDS:
        return ()
    found = key(arn, arn.split(":")[3])
    return tuple(sorted(found.aliases)) if found else ()
