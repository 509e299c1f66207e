"""Both directions of replication, each service's way to both databases, and the ledger's functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from constructs import Construct

from lambda_src.contract.values import Colour
from modules.config import Deployment
from modules.data import database
from modules.data.database import Database
from modules.data.secret_policy import ROTATING, secrets_key
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, tls_only
from modules.functions.function import Function
from modules.ledger.account import Account
from modules.ledger.watch import Watch
from modules.network.endpoints import Endpoints
from modules.network.vpc import Network
from modules.traffic.service import Service

KINDS = ("mover", "health", "replication", "migrator")
CA_BUNDLE = "rotation/rds-ca-bundle.pem"
MEMORY_MB = 256
# A move ends within 40 s; a setup waits for both databases to have applied it.
TIMEOUT_SECONDS = {"setup": 180, "move": 60, "watch": 60, "migrate": 300}
DESCRIPTIONS = {
    "setup": "Sets up the ledger on both databases, and rotates its accounts",
    "move": "Moves the ledger from one database to the other",
    "watch": "Reads the state of the ledger and of its replication",
    "migrate": "Changes the schema of the ledger on both databases",
}
NAMES = {"setup": "ledger-setup", "move": "ledger", "watch": "ledger-health", "migrate": "ledger-migrate"}
# Two moves at once exclude each other in the database, too; one at a time spares them the attempt.
ONE_AT_A_TIME = ("move", "migrate")
# Which package a function is of, where not the ledger's.
SOURCES = {"migrate": "migrate"}


@dataclass(frozen=True)
class Lock:
    """The switch's lock: its table, what may be done with it, and the use of its key."""

    table_name: str
    calls: Sequence[Statement]
    key: Statement


class Ledger(Construct):
    """Two databases that replicate to each other, of which a row in the ledger opens one (docs/ledger.md).

    The functions differ in their rights: `setup` has both administrators, `mover` may change the row,
    `health` reads, `migration` changes the schema while it has the switch's lock. Each of the latter has
    database accounts of its own.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        databases: Mapping[str, Database],
        services: Mapping[str, Service],
        lock: Lock,
        network: Network,
        endpoints: Endpoints,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._databases = deployment, databases
        self._network, self._endpoints, self._encryption = network, endpoints, encryption
        # Duty → what has to exist before the function can connect to both databases.
        self._ways: dict[str, list[ITerraformDependable]] = {}
        for colour, own in databases.items():
            other = str(Colour(colour).other)
            own.admit(databases[other].security_group, f"{other}-database")
            own.admit(services[other].security_group, f"{other}-application")
        self.accounts = {
            (colour, kind): self._account(colour, kind) for colour in databases for kind in KINDS
        }
        self.setup = self._function("setup", self._of_setup(), self._calls_of_setup())
        self.mover = self._worker("move", "mover")
        self.health = self._worker("watch", "health")
        self.migration = self._worker("migrate", "migrator", lock)
        self._endpoints.reach_gateways(self.migration.security_group, NAMES["migrate"], services=["dynamodb"])
        self.watch = Watch(self, "watching", name=f"{deployment.prefix}-ledger-health", health=self.health)

    @property
    def functions(self) -> Mapping[str, Function]:
        """By what they are called in alarms."""
        return {
            "ledger-setup": self.setup,
            "ledger": self.mover,
            "ledger-health": self.health,
            "ledger-migrate": self.migration,
        }

    def _account(self, colour: str, kind: str) -> Account:
        return Account(
            self,
            f"{colour}-{kind}",
            deployment=self._deployment,
            colour=colour,
            kind=kind,
            encryption=self._encryption,
        )

    def _worker(self, duty: str, kind: str, lock: Lock | None = None) -> Function:
        """A function that logs in with an account of the ledger's own."""
        arns = {colour: self.accounts[colour, kind].secret.arn for colour in self._databases}
        read = Statement(
            sid="ReadTheAccount", actions=["secretsmanager:GetSecretValue"], resources=list(arns.values())
        )
        environment = {f"{colour.upper()}_SECRET_ARN": arn for colour, arn in arns.items()}
        calls, keys = [read], []
        if lock:
            environment["CONTROL_TABLE"] = lock.table_name
            calls, keys = [read, *lock.calls], [lock.key]
        return self._function(duty, environment, calls, decrypts_only=True, keys=keys)

    def _function(
        self,
        duty: str,
        environment: Mapping[str, str],
        calls: Sequence[Statement],
        *,
        decrypts_only: bool = False,
        keys: Sequence[Statement] = (),
    ) -> Function:
        name = NAMES[duty]
        key = secrets_key(self._deployment, self._encryption, *(["kms:Decrypt"] if decrypts_only else []))
        made = Function(
            self,
            duty,
            name=f"{self._deployment.prefix}-{name}",
            source=SOURCES.get(duty, "ledger"),
            description=DESCRIPTIONS[duty],
            environment={"DUTY": duty, **self._places(), **environment},
            calls=calls,
            on_behalf=[key, *keys],
            memory_mb=MEMORY_MB,
            timeout_seconds=TIMEOUT_SECONDS[duty],
            one_at_a_time=duty in ONE_AT_A_TIME,
            deployment=self._deployment,
            network=self._network,
            endpoints=self._endpoints,
            encryption=self._encryption,
        )
        queue = made.dead_letters
        SqsQueuePolicy(
            self, f"{duty}-dead-letters", queue_url=queue.url, policy=policy(tls_only(["sqs:*"], queue.arn))
        )
        self._ways[duty] = [
            way for own in self._databases.values() for way in own.admit(made.security_group, name)
        ]
        return made

    def _places(self) -> Mapping[str, str]:
        hosts = {f"{colour.upper()}_HOST": own.cluster.endpoint for colour, own in self._databases.items()}
        return {**hosts, "DB_PORT": str(database.PORT), "CA_BUNDLE": CA_BUNDLE}

    def _of_setup(self) -> Mapping[str, str]:
        own = self._databases.items()
        return {
            "BINLOG_RETENTION_HOURS": str(self._deployment.ledger.binlog_retention_hours),
            **{f"{colour.upper()}_SECRET_ARN": one.admin_secret_arn for colour, one in own},
            **{f"{colour.upper()}_READER_HOST": one.cluster.reader_endpoint for colour, one in own},
            **{
                f"{colour.upper()}_{kind.upper()}_SECRET_ARN": account.secret.arn
                for (colour, kind), account in self.accounts.items()
            },
        }

    def _calls_of_setup(self) -> list[Statement]:
        return [
            Statement(
                sid="Rotate",
                actions=ROTATING,
                resources=[account.secret.arn for account in self.accounts.values()],
            ),
            Statement(
                sid="ReadTheAdministrators",
                actions=["secretsmanager:GetSecretValue"],
                resources=[one.admin_secret_arn for one in self._databases.values()],
            ),
        ]

    def rotate(self, *, after: Sequence[ITerraformDependable]) -> None:
        """Has the accounts rotated, each for the first time once `after` exists: the administrators."""
        readers: dict[str, list[IamRole]] = {
            "mover": [self.mover.role],
            "health": [self.health.role],
            "migrator": [self.migration.role],
        }
        connected = [*self._ways["setup"], *self.setup.reach, *after]
        for account in self.accounts.values():
            account.rotate(self.setup, readers=readers.get(account.kind, []), after=connected)
