"""What a container is started with: variables, injected secrets, program and limits.

Source: Amazon ECS API reference, ContainerDefinition; developer guide, "Pass sensitive data to an Amazon ECS
container".
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from modules.config.model import Distinct

# Set by the platform, or by ECS in each task: a variable of the same name would hide theirs.
RESERVED = re.compile(r"COLOUR|PORT|SESSION_TABLE|(?:AWS|BLUE|DATABASE|ECS|GREEN|LEDGER)_.*")
# Stricter than the gate, which judges by how a name ends: TOKEN_CACHE is refused here, too.
SECRET_WORDS = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?|CONNECTION_?STRING|"
    r"(?:ACCESS|API|AUTH|PRIVATE|SECRET|SHARED|SIGNING)_?KEY)(?:_|\d|$)"
)
# A name that speaks about a secret, and holds none.
ABOUT = re.compile(r"_(?:ARN|FILE|ID|NAME|PATH|TYPE|URL|VERSION)$")
ARGUMENTS_BYTES = 16 * 1024

_STORED = (
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
    r"(:[^:\s]{0,256}:[^:\s]{0,256}:[^:\s]{0,64})?"
)
_PARAMETER = r"arn:aws:ssm:[a-z0-9-]+:[0-9]{12}:parameter(/[A-Za-z0-9_.-]+){1,15}"

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Z_][A-Z0-9_]{0,127}$",
        description="upper-case letters, digits and underscores, no digit first, up to 128",
    ),
]
Value = Annotated[str, Field(min_length=1, max_length=4096)]


def _own_names(variables: Mapping[str, str]) -> Mapping[str, str]:
    if taken := [name for name in variables if RESERVED.fullmatch(name)]:
        raise ValueError(f"{', '.join(taken)} is set by the platform or by AWS")
    return variables


def _no_secrets(variables: Mapping[str, str]) -> Mapping[str, str]:
    from stack_gate.secret_names import is_secret_name  # noqa: PLC0415 - the gate loads slowly

    found = [
        name
        for name in variables
        if is_secret_name(name) or (SECRET_WORDS.search(name) and not ABOUT.search(name))
    ]
    if found:
        raise ValueError(
            f"{', '.join(found)} names a secret: keep it in Secrets Manager, and name its ARN in secrets"
        )
    return variables


def _single_version(variables: Mapping[str, str]) -> Mapping[str, str]:
    for name, arn in variables.items():
        parts = arn.split(":")[7:]
        if len(parts) > 1 and parts[1] and parts[2]:
            raise ValueError(f"{name} names both a version stage and a version id")
    return variables


def _fits(arguments: tuple[str, ...]) -> tuple[str, ...]:
    if sum(len(argument.encode()) for argument in arguments) > ARGUMENTS_BYTES:
        raise ValueError(f"longer than {ARGUMENTS_BYTES} bytes")
    return arguments


Environment = Annotated[
    dict[Name, Value],
    Field(
        max_length=100,
        description="up to 100 variables and their values, in upper case; not COLOUR, PORT, SESSION_TABLE, "
        "AWS_*, ECS_*, BLUE_*, GREEN_*, DATABASE_* or LEDGER_*; a secret belongs into secrets",
        examples=[{"LOG_LEVEL": "info"}],
    ),
    AfterValidator(_own_names),
    AfterValidator(_no_secrets),
]
Secrets = Annotated[
    dict[Name, Annotated[str, Field(pattern=rf"^({_STORED}|{_PARAMETER})$", max_length=1200)]],
    Field(
        max_length=50,
        description="up to 50 variables, each with the ARN of a Secrets Manager secret (perhaps followed by "
        ":key:stage:version) or of a Systems Manager parameter of this account and region",
        examples=[
            {
                "BANK_KEY": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bank-AbCdEf:key::",
                "FEATURES": "arn:aws:ssm:us-east-1:123456789012:parameter/shop/features",
            }
        ],
    ),
    AfterValidator(_own_names),
    AfterValidator(_single_version),
]
KeyArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
    ),
]
SecretKeys = Annotated[
    tuple[KeyArn, ...],
    Distinct,
    Field(
        max_length=10,
        description="up to 10 ARNs of the KMS keys of this account that encrypt those secrets and "
        "parameters; none for keys that AWS manages",
        examples=[["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000005"]],
    ),
]
Arguments = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], Field(max_length=100), AfterValidator(_fits)
]


def stored(secrets: Mapping[str, str]) -> list[str]:
    """The ARNs of the secrets and parameters, without what is taken of each; each once, sorted."""
    return sorted({":".join(arn.split(":")[:7]) for arn in secrets.values()})
