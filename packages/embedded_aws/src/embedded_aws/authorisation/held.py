"""What moto holds, without making it load a service that nobody has used."""

import sys
from typing import Any

from embedded_aws.handle import ACCOUNT_ID

# Where moto has a service's backends under another name than the service's.
MODULES = {"stepfunctions": "stepfunctions.parser.models"}
BACKENDS = {"awslambda": "lambda_backends", "stepfunctions": "stepfunctions_parser_backends"}
GLOBAL = {"iam": "aws", "s3": "aws", "sts": "aws"}


def backend(service: str, region: str) -> Any:
    """moto's backend of a service (its own name for it) in a region; None where it was never asked."""
    module = sys.modules.get(f"moto.{MODULES.get(service, f'{service}.models')}")
    if module is None:
        return None
    backends = vars(module)[BACKENDS.get(service, f"{service}_backends")]
    return backends[ACCOUNT_ID][GLOBAL.get(service, region)]


def role(name: str) -> Any:
    """An IAM role by its name, or None."""
    iam = backend("iam", "")
    return next((one for one in list(iam.roles.values()) if one.name == name), None) if iam else None


def key(identifier: str, region: str) -> Any:
    """A KMS key by its id, its ARN, an alias or an alias's ARN; None where there is none."""
    kms = backend("kms", region)
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
