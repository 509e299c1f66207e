"""Which roles deploy, and what IAM roles of the stack must carry."""

from typing import Annotated

from pydantic import Field

from modules.config.model import Distinct, Model

ROLE = r"^arn:aws:iam::[0-9]{12}:role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$"


class Iam(Model):
    """Roles that administer the deployment."""

    deploying_roles: Annotated[tuple[Annotated[str, Field(pattern=ROLE)], ...], Distinct] = Field(
        default=(),
        max_length=10,
        description="up to 10 ARNs of roles of this account, path included, that may administer the KMS key: "
        "those that apply and repair. None: every role whose own policies allow it",
        examples=[["arn:aws:iam::123456789012:role/payments-deploy"]],
    )
