"""One colour's database credentials: a secret that rotates, and that few roles alone can read (R04, R17)."""

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import SecretsmanagerSecretRotation
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from constructs import Construct

from modules.config import Deployment
from modules.data import database
from modules.data.database import Database
from modules.data.rotated_secret import rotate
from modules.data.secret_age import SecretAge
from modules.data.secret_policy import ROTATING, secrets_key
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, tls_only
from modules.functions.function import Function
from modules.network.endpoints import Endpoints
from modules.network.vpc import Network

APPLICATION_USER = "payments"
MEMORY_MB = 256
TIMEOUT_SECONDS = 120


class Credentials(Construct):
    """Secret of one colour's application and the function that rotates it with alternating users.

    Only the rotation and `readers` read the secret: the application, and what starts it. Where RDS does not
    keep the administrator's password, the function rotates that one, too, and `administrator_readers` read
    it. `administrator`: its schedule, or none. `rotated`: the secrets that the function rotates.

    Terraform creates the secret without a value: the first rotation creates the users and the value, as soon
    as the database can be reached. No password is ever in code, plan or state. Source: Secrets Manager user
    guide, "Rotation by Lambda function".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colour: str,
        database: Database,
        readers: Sequence[IamRole],
        administrator_readers: Sequence[IamRole],
        network: Network,
        endpoints: Endpoints,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self.secret = self._secret(deployment, colour, encryption)
        self.rotated = [self.secret, *([database.administrator] if database.administrator else [])]
        self.rotation = Function(
            self,
            "rotation",
            name=f"{deployment.prefix}-{colour}-rotation",
            source="rotation",
            description=f"Rotates the credentials of the {colour} application",
            environment=self._environment(deployment, colour, database),
            calls=self._calls(database),
            on_behalf=[secrets_key(deployment, encryption)],
            memory_mb=MEMORY_MB,
            timeout_seconds=TIMEOUT_SECONDS,
            colour=colour,
            deployment=deployment,
            network=network,
            endpoints=endpoints,
            encryption=encryption,
        )
        queue = self.rotation.dead_letters
        SqsQueuePolicy(
            self, "dead-letters", queue_url=queue.url, policy=policy(tls_only(["sqs:*"], queue.arn))
        )
        connection = database.admit(self.rotation.security_group, f"{colour}-rotation")
        way = [*connection, *self.rotation.reach]
        # The first rotation of the application's needs the administrator's password.
        self.administrator = self._rotate_administrator(deployment, database, administrator_readers, way)
        self.schedule = rotate(
            self,
            self.secret,
            self.rotation,
            deployment=deployment,
            days=deployment.credentials.rotation_days,
            readers=readers,
            after=[*way, *self.administrator],
        )
        self.age = SecretAge(
            self, "age", deployment=deployment, colour=colour, secret=self.secret, rotation=self.rotation
        )

    def _secret(self, deployment: Deployment, colour: str, encryption: Encryption) -> SecretsmanagerSecret:
        name = f"{deployment.prefix}/{colour}/database"
        return SecretsmanagerSecret(
            self,
            "secret",
            name=name,
            description=f"Database credentials of the {colour} application",
            kms_key_id=encryption.key_arn,
            recovery_window_in_days=30,
            tags={"Name": name, "Colour": colour},
        )

    def _environment(self, deployment: Deployment, colour: str, source: Database) -> Mapping[str, str]:
        return {
            "SECRET_ARN": self.secret.arn,
            "ADMIN_SECRET_ARN": source.admin_secret_arn,
            "ADMIN_USER": source.cluster.master_username,
            "DB_CLUSTER": source.cluster.cluster_identifier,
            "DB_HOST": source.cluster.endpoint,
            "DB_READER_HOST": source.cluster.reader_endpoint,
            "DB_PORT": str(database.PORT),
            "DB_NAME": database.NAME,
            # In one cluster each colour has a user of its own: rotating one must not break the other.
            "APP_USER": f"{APPLICATION_USER}_{colour}" if deployment.shared else APPLICATION_USER,
            "PRIVILEGES": ",".join(deployment.colours[colour].database.privileges),
            "CA_BUNDLE": "rotation/rds-ca-bundle.pem",
        }

    def _calls(self, source: Database) -> list[Statement]:
        own = source.administrator
        of_administrator = (
            [
                Statement(
                    sid="SetTheAdministratorsPassword",
                    actions=["rds:ModifyDBCluster"],
                    resources=[source.cluster.arn],
                )
            ]
            if own
            else [
                Statement(
                    sid="ReadTheAdministrator",
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[source.admin_secret_arn],
                )
            ]
        )
        return [
            Statement(sid="Rotate", actions=ROTATING, resources=[secret.arn for secret in self.rotated]),
            *of_administrator,
        ]

    def _rotate_administrator(
        self,
        deployment: Deployment,
        database: Database,
        readers: Sequence[IamRole],
        after: Sequence[ITerraformDependable],
    ) -> list[SecretsmanagerSecretRotation]:
        if database.administrator is None:
            return []
        first = rotate(
            Construct(database, "administrator-rotation"),
            database.administrator,
            self.rotation,
            deployment=deployment,
            days=deployment.credentials.rotation_days,
            readers=readers,
            after=after,
        )
        return [first]
