"""Which roles deploy, and what every role of the stack has in common."""

from typing import Annotated

from pydantic import Field

from modules.config.model import Distinct, Model

POLICY = r"^arn:aws:iam::([0-9]{12}|aws):policy/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$"
ROLE = r"^arn:aws:iam::[0-9]{12}:role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$"


class Iam(Model):
    """Roles: those that deploy, and those of the stack."""

    deploying_roles: Annotated[tuple[Annotated[str, Field(pattern=ROLE)], ...], Distinct] = Field(
        default=(),
        max_length=10,
        description="up to 10 ARNs of roles of this account, path included, that may administer the KMS key: "
        "those that apply and repair. None: every role whose own policies allow it",
        examples=[["arn:aws:iam::123456789012:role/payments-deploy"]],
    )
    permissions_boundary: str | None = Field(
        default=None,
        pattern=POLICY,
        description="the ARN of a managed policy that limits every role of the stack; none if left out",
        examples=["arn:aws:iam::123456789012:policy/workload-boundary"],
    )
    path: str = Field(
        default="/",
        pattern=r"^/([A-Za-z0-9._+=,@-]{1,64}/){0,4}$",
        description="the path of every role of the stack: /, or up to four names, each followed by /",
        examples=["/payments/"],
    )
