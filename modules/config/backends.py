"""Where Terraform keeps its state."""

from typing import Literal

from pydantic import Field

from modules.config.model import Model


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
        description="the name of an existing S3 bucket",
        examples=["payments-terraform-state-123456789012"],
    )
    region: str = Field(
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="the AWS region of the bucket", examples=["us-east-1"]
    )
    kms_key_id: str = Field(
        pattern=r"^(alias/|arn:aws:kms:)[A-Za-z0-9:/_-]+$",
        description="the alias or the ARN of the KMS key that encrypts the state",
        examples=["alias/terraform-state"],
    )
