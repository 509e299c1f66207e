"""One of the ledger's own database accounts: its secret, and its rotation."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.config import Deployment
from modules.data.rotated_secret import rotate
from modules.foundation.encryption import Encryption
from modules.functions.function import Function


class Account(Construct):
    """The account of one kind on one colour's database. No service reads it.

    Terraform creates the secret without a value: the first rotation creates account and value.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colour: str,
        kind: str,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment = deployment
        self.kind = kind
        name = f"{deployment.prefix}/{colour}/ledger/{kind}"
        self.secret = SecretsmanagerSecret(
            self,
            "secret",
            name=name,
            description=f"The ledger's {kind} account on the {colour} database",
            kms_key_id=encryption.key_arn,
            recovery_window_in_days=30,
            tags={"Name": name, "Colour": colour},
        )

    def rotate(
        self, rotation: Function, *, readers: Sequence[IamRole], after: Sequence[ITerraformDependable]
    ) -> None:
        """Has `rotation` rotate it, at once and on schedule; only `readers` read it besides."""
        rotate(
            self,
            self.secret,
            rotation,
            deployment=self._deployment,
            days=self._deployment.ledger.rotation_days,
            readers=readers,
            after=after,
        )
