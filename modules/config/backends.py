"""Where Terraform keeps its state."""

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from modules.config.model import Model, Region

# S3 user guide, "General purpose bucket naming rules".
RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
# KMS API reference, "CreateAlias", and "Key identifiers (KeyId)" of the developer guide.
ALIAS = "alias/[A-Za-z0-9/_-]{1,250}"
KEY_ID = "(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
KEY = rf"^({ALIAS}|arn:aws:kms:[a-z0-9-]+:[0-9]{{12}}:(key/{KEY_ID}|{ALIAS}))$"


class LocalBackend(Model):
    """Terraform state in `.local/<name>/` beside the synthesized code: for the embedded AWS only."""

    type: Literal["local"] = Field(description='"local" or "s3"', examples=["local"])


class S3Backend(Model):
    """Terraform state in S3, encrypted with a KMS key and locked by a lock file in the bucket; both always
    on.
    """

    type: Literal["s3"] = Field(description='"local" or "s3"', examples=["s3"])
    bucket: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="the name of an S3 bucket: 3 to 63 lower-case letters, digits, hyphens and single dots, "
        "a letter or digit at both ends",
        examples=["payments-terraform-state-123456789012"],
    )
    region: Region = Field(description="the AWS region of the bucket", examples=["us-east-1"])
    kms_key_id: str = Field(
        pattern=KEY,
        description="the alias or the ARN of the KMS key that encrypts the state",
        examples=["alias/terraform-state"],
    )

    @field_validator("bucket")
    @classmethod
    def _allowed_by_s3(cls, bucket: str) -> str:
        if ".." in bucket:
            raise ValueError("S3 allows no two dots in a row")
        if ADDRESS.fullmatch(bucket):
            raise ValueError("S3 allows no name that looks like an IP address")
        for part, reserved in (("start", RESERVED_STARTS), ("end", RESERVED_ENDS)):
            found = [text for text in reserved if getattr(bucket, f"{part}swith")(text)]
            if found:
                raise ValueError(f"S3 reserves names that {part} with {found[0]}")
        return bucket

    @field_validator("kms_key_id")
    @classmethod
    def _own_key_of_the_region(cls, key: str, info: ValidationInfo) -> str:
        if key.rpartition(":")[2].startswith("alias/aws/"):
            raise ValueError("alias/aws/ is reserved for keys that AWS manages")
        region = info.data.get("region")
        found = key.split(":")[3] if key.startswith("arn:") else region
        if region and found != region:
            raise ValueError(f"the key is of region {found}, the bucket of {region}")
        return key
