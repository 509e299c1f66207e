"""What moto holds, without making it load a service that is not in use."""

import sys
from typing import Any

from embedded_aws.handle import ACCOUNT_ID

# Where moto has a service's backends under another name than the service's.
MODULES = {"stepfunctions": "stepfunctions.parser.models"}
BACKENDS = {"awslambda": "lambda_backends", "stepfunctions": "stepfunctions_parser_backends"}
ACCOUNT_PART = 4  # of an ARN
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
