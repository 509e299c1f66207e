"""What every table of a configuration is, and the types that several share.

Patterns say `[0-9]`, not `\\d`, which means the digits of every script.
"""

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from importlib import resources
from ipaddress import IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

PRIVATE_NETWORKS = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# How CDK for Terraform marks a value that it fills in during synthesis, wherever the mark stands in a text.
TOKEN = "TfToken["  # noqa: S105 - not a credential
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # all of ASCII's but tab and line feed


class Model(BaseModel):
    """Base of all: unknown keys are refused, a loaded configuration never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _can_be_escaped(cls, value: Any) -> Any:
        """No escape protects a token: CDK for Terraform resolves it before Terraform sees the text. And after
        a carriage return Terraform 1.11 doesn't read `$$${` as `$${`.
        """
        for text in _texts(value):
            if isinstance(text, str) and TOKEN in text:
                raise ValueError(f"{TOKEN!r} is how CDK for Terraform marks its own values")
            if isinstance(text, str) and (found := CONTROL.search(text)):
                raise ValueError(f"holds the control character {found[0]!r}")
        return value


def _texts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    return value if isinstance(value, tuple) else (value,)


@cache
def regions() -> frozenset[str]:
    """The regions of the partition `aws`, which all ARNs of the stack name, as botocore knows them."""
    document = resources.files("botocore").joinpath("data/partitions.json").read_text(encoding="utf-8")
    (partition,) = (found for found in json.loads(document)["partitions"] if found["id"] == "aws")
    return frozenset(partition["regions"]) - {"aws-global"}


def _known_region(region: str) -> str:
    if region not in regions():
        raise ValueError(f"{region} is no region of the partition aws")
    return region


def _distinct(items: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    repeated = dict.fromkeys(str(item) for item in items if items.count(item) > 1)
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is listed more than once")
    return items


Region = Annotated[
    str,
    Field(description="an AWS region of the partition aws", examples=["us-east-1"]),
    AfterValidator(_known_region),
]
# For a tuple: AWS refuses a repeated entry, or makes one thing of two that Terraform counts.
Distinct = AfterValidator(_distinct)
