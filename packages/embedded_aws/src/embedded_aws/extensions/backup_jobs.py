"""Stock moto has no backup jobs. Here a job does what AWS Backup does first, as the role that it is given:
it looks at vault and resource, takes a grant on the key, and makes the snapshot, with each call decided.

What the role may not do fails the job, with the refusal as its status message (issue 633 of
widdix/aws-cf-templates has such messages and their order). Which calls a job makes follows from AWS's managed
policy AWSBackupServiceRolePolicyForBackup, and is inferred where that does not say it.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
"""

import json
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.backup import urls
from moto.backup.exceptions import InvalidParameterValueException, ResourceNotFoundException
from moto.backup.models import BackupBackend, backup_backends
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time

from embedded_aws.access.refusals import Denied
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import Use, checks
from embedded_aws.clients import boto_client
from embedded_aws.extensions import Server
from embedded_aws.extensions.backup_plans import SELECTIONS, kept
from embedded_aws.extensions.service_events import announce
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import Caller

PRINCIPAL = "backup.amazonaws.com"
JOBS, POINTS = "bluegreen_backup_jobs", "bluegreen_recovery_points"
KINDS = {"dynamodb": "DynamoDB", "rds": "Aurora"}
# Settings of a region, and what they are in a new account (inferred).
SETTINGS, MANAGED = "bluegreen_region_settings", "ResourceTypeManagementPreference"
OPTED_IN = "ResourceTypeOptInPreference"
FILTERS = {"state": "State", "resourceArn": "ResourceArn", "backupVaultName": "BackupVaultName"}

log = logging.getLogger(__name__)
Job = dict[str, Any]


class Jobs:
    """Carries jobs out, one after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: queue.Queue[Job] = queue.Queue()
        self._worker = threading.Thread(target=self._work, daemon=True, name="backup jobs")
        self._lock = threading.Lock()

    def start(self, backend: BackupBackend, asked: Mapping[str, Any], plan: str = "") -> Job:
        """Accept a job. `asked`: as StartBackupJob has it; `plan`: the id of the plan that is due."""
        arn, role = asked["ResourceArn"], asked["IamRoleArn"]
        service = arn.split(":")[2]
        if service not in KINDS:
            raise InvalidParameterValueException(f"Unsupported resource type: {arn}")
        job: Job = {
            "AccountId": backend.account_id,
            "BackupJobId": str(uuid.uuid4()).upper(),
            "BackupVaultName": asked["BackupVaultName"],
            "BackupVaultArn": backend.vaults[asked["BackupVaultName"]].backup_vault_arn,
            "ResourceArn": arn,
            "ResourceType": KINDS[service],
            "IamRoleArn": role,
            "CreationDate": unix_time(),
            "State": "CREATED",
            **({"CreatedBy": {"BackupPlanId": plan}} if plan else {}),
        }
        kept(backend, JOBS)[job["BackupJobId"]] = job
        with self._lock:
            if not self._worker.is_alive():
                self._worker.start()
        self._waiting.put({"job": job, "asked": dict(asked), "backend": backend})
        return job

    def _work(self) -> None:
        while True:
            told = self._waiting.get()
            job, backend = told["job"], told["backend"]
            self._is(backend, job, "RUNNING")
            try:
                job["RecoveryPointArn"] = _Work(self._server, backend, job, told["asked"]).done()
            except (BotoCoreError, ClientError, Denied, _Failed) as error:
                message = error.response["Error"]["Message"] if isinstance(error, ClientError) else str(error)
                log.warning("backup job %s failed: %s", job["BackupJobId"], message)
                self._is(backend, job, "FAILED", message)
            else:
                point = {"RecoveryPointArn": job["RecoveryPointArn"], "Status": "COMPLETED"}
                same = ("BackupVaultName", "BackupVaultArn", "ResourceArn", "ResourceType", "IamRoleArn")
                made = {**point, **{name: job[name] for name in same}, "CreationDate": unix_time()}
                kept(backend, POINTS)[job["RecoveryPointArn"]] = made
                backend.vaults[job["BackupVaultName"]].num_of_recovery_points += 1
                self._is(backend, job, "COMPLETED")

    def _is(self, backend: BackupBackend, job: Job, state: str, message: str = "") -> None:
        """AWS Backup developer guide, "Monitoring AWS Backup events using Amazon EventBridge"."""
        job["State"] = state
        if message:
            job["StatusMessage"] = message
        if state in ("COMPLETED", "FAILED"):
            job["CompletionDate"] = unix_time()
        said = (
            "backupJobId",
            "backupVaultName",
            "backupVaultArn",
            "resourceArn",
            "resourceType",
            "iamRoleArn",
        )
        detail = {name: job[name[0].upper() + name[1:]] for name in said}
        detail |= {"state": state, **({"statusMessage": message} if message else {})}
        place = backend.account_id, backend.region_name
        announce("aws.backup", "Backup Job State Change", place, [job["ResourceArn"]], detail)


class _Failed(Exception):  # noqa: N818 - not an error: a job's end
    """Why a job fails that AWS Backup itself refuses."""


class _Work:
    """What one job does."""

    def __init__(self, server: Server, backend: BackupBackend, job: Job, asked: Mapping[str, Any]) -> None:
        self._server, self._backend, self._job, self._asked = server, backend, job, asked
        self._role, self._region = job["IamRoleArn"], backend.region_name
        self._session = f"AWSBackup-{self._role.rpartition('/')[2]}"
        self._caller = Caller.role(self._role, self._session)
        self._purpose = f"backup job of {job['ResourceArn']}"

    def done(self) -> str:
        """The ARN of the recovery point."""
        credentials = self._server.assume(PRINCIPAL, self._role, self._region, self._session)

        def client(service: str) -> Any:
            return boto_client(service, self._server.endpoint, credentials, self._region)

        self._keep_the_lock()
        vault = client("backup").describe_backup_vault(BackupVaultName=self._job["BackupVaultName"])
        if self._job["ResourceType"] == "DynamoDB":
            return self._table(client("dynamodb"), vault.get("EncryptionKeyArn", ""))
        return self._cluster(client("rds"))

    def _keep_the_lock(self) -> None:
        """Else the job fails. API reference, PutBackupVaultLockConfiguration; the wording: inferred."""
        vault = self._backend.vaults[self._job["BackupVaultName"]]
        days = (self._asked.get("Lifecycle") or {}).get("DeleteAfterDays")
        shortest, longest = vault.min_retention_days, vault.max_retention_days
        if (shortest and days and days < shortest) or (longest and (not days or days > longest)):
            raise _Failed(
                f"Backup job retention period {days} is outside of the vault's {shortest}, {longest}"
            )

    def _table(self, tables: Any, key: str) -> str:
        """In the vault's own encryption, whatever the table's; by DynamoDB, where AWS Backup does not manage
        its backups. AWS Backup developer guide, "Advanced DynamoDB backup".
        """
        arn = self._job["ResourceArn"]
        name = arn.partition(":table/")[2]
        table = tables.describe_table(TableName=name)["Table"]
        if not settings(self._backend)[MANAGED]["DynamoDB"]:
            made = tables.create_backup(TableName=name, BackupName=f"awsbackup_{self._job['BackupJobId']}")
            point = str(made["BackupDetails"]["BackupArn"])
            tables.describe_backup(BackupArn=point)
            return point
        tables.list_tags_of_resource(ResourceArn=arn)
        self._need("dynamodb:StartAwsBackupJob", arn)
        self._take(key)
        own = (table.get("SSEDescription") or {}).get("KMSMasterKeyArn", "")
        for use in (Use(own, ("Decrypt",), "dynamodb"), Use(key, ("Decrypt", "GenerateDataKey"), "dynamodb")):
            self._use(use, via=True)
        return self._tagged(self._arn(str(uuid.uuid4()).upper()))

    def _cluster(self, databases: Any) -> str:
        """A snapshot, under the cluster's key; or its automated backups, as long as the rule says."""
        arn = self._job["ResourceArn"]
        name = arn.rpartition(":")[2]
        databases.list_tags_for_resource(ResourceName=arn)
        (cluster,) = databases.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
        self._take(cluster.get("KmsKeyId", ""))
        if self._asked.get("EnableContinuousBackup"):
            point = self._arn(f"continuous:{cluster['DbClusterResourceId'].lower()}")
            databases.modify_db_cluster(
                DBClusterIdentifier=name,
                BackupRetentionPeriod=self._asked["Lifecycle"]["DeleteAfterDays"],
                AwsBackupRecoveryPointArn=point,
                ApplyImmediately=True,
            )
            here = f"arn:aws:rds:{self._region}:{self._backend.account_id}"
            self._need("rds:DescribeDBClusterAutomatedBackups", f"{here}:cluster-auto-backup:*")
            return self._tagged(point)
        snapshot = f"awsbackup:job-{self._job['BackupJobId'].lower()}"
        tags = [{"Key": key, "Value": value} for key, value in self._tags().items()]
        made = databases.create_db_cluster_snapshot(
            DBClusterIdentifier=name, DBClusterSnapshotIdentifier=snapshot, Tags=tags
        )
        databases.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=snapshot)
        return str(made["DBClusterSnapshot"]["DBClusterSnapshotArn"])

    def _tags(self) -> dict[str, str]:
        return {
            "aws:backup:source-resource": self._job["ResourceArn"],
            **(self._asked.get("RecoveryPointTags") or {}),
        }

    def _arn(self, rest: str) -> str:
        return f"arn:aws:backup:{self._region}:{self._backend.account_id}:recovery-point:{rest}"

    def _tagged(self, point: str) -> str:
        if self._asked.get("RecoveryPointTags"):
            self._need("backup:TagResource", point)
        return point

    def _take(self, key: str) -> None:
        """Looked at and granted on by the role itself, not through a service."""
        self._use(Use(key, ("DescribeKey", "CreateGrant"), "backup"), via=False)

    def _use(self, use: Use, *, via: bool) -> None:
        for check in checks(use, self._caller, self._region, via=via):
            self._server.authority.require(check, self._purpose)

    def _need(self, action: str, resource: str) -> None:
        self._server.authority.require(Check(self._caller, action, resource), self._purpose)


def install(server: Server) -> None:
    """Extend moto's backups. Moto dispatches by the operation's name, once it knows the path."""
    jobs = Jobs(server)
    for path in (
        "account-settings$",
        "backup-jobs/?$",
        "backup-jobs/(?P<id>[^/]+)$",
        "backup-vaults/(?P<name>[^/]+)/recovery-points/$",
    ):
        urls.url_paths["{0}/" + path] = urls.response.dispatch
    methods: dict[str, Callable[[BackupResponse], str]] = {
        "describe_region_settings": lambda response: json.dumps(settings(response.backup_backend)),
        "update_region_settings": _set,
        "start_backup_job": lambda response: _start(jobs, response),
        "describe_backup_job": _describe,
        "list_backup_jobs": _list,
        "list_recovery_points_by_backup_vault": _list_points,
    }
    for name, method in methods.items():
        setattr(BackupResponse, name, method)
    server.back_up = lambda plan: _run(jobs, server.region, plan)


def settings(backend: BackupBackend) -> dict[str, Any]:
    """Those of the region. AWS Backup API reference, DescribeRegionSettings."""
    store = kept(backend, SETTINGS)
    store.setdefault(OPTED_IN, {"Aurora": True, "DynamoDB": True})
    store.setdefault(MANAGED, {"DynamoDB": True})
    return store


def _set(response: BackupResponse) -> str:
    asked = json.loads(response.body)
    for name in (OPTED_IN, MANAGED):
        settings(response.backup_backend)[name] |= asked.get(name) or {}
    return ""


def _start(jobs: Jobs, response: BackupResponse) -> str:
    backend: BackupBackend = response.backup_backend
    asked = json.loads(response.body)
    if asked["BackupVaultName"] not in backend.vaults:
        raise ResourceNotFoundException(f"Backup vault not found: {asked['BackupVaultName']}")
    job = jobs.start(backend, asked)
    return json.dumps({name: job[name] for name in ("BackupJobId", "CreationDate")})


def _describe(response: BackupResponse) -> str:
    job = kept(response.backup_backend, JOBS).get(response.path.rpartition("/")[2])
    if job is None:
        raise ResourceNotFoundException(f"Backup job not found: {response.path.rpartition('/')[2]}")
    return json.dumps(job)


def _list(response: BackupResponse) -> str:
    wanted = {key: response._get_param(name) for name, key in FILTERS.items() if response._get_param(name)}
    found = kept(response.backup_backend, JOBS).values()
    chosen = [job for job in found if all(job[key] == value for key, value in wanted.items())]
    return json.dumps({"BackupJobs": chosen})


def _list_points(response: BackupResponse) -> str:
    name = response.path.split("/backup-vaults/", 1)[1].partition("/")[0]
    points = [one for one in kept(response.backup_backend, POINTS).values() if one["BackupVaultName"] == name]
    return json.dumps({"RecoveryPoints": points})


def _run(jobs: Jobs, region: str, name: str) -> list[str]:
    """The server's part of `rehearsal.run_backup_plan`."""
    backend = backup_backends[ACCOUNT_ID][region]
    return [
        jobs.start(backend, asked, plan.backup_plan_id)["BackupJobId"]
        for plan in list(backend.plans.values())
        if plan.backup_plan["BackupPlanName"] == name
        for asked in _due(backend, plan)
    ]


def _due(backend: BackupBackend, plan: Any) -> Iterator[dict[str, Any]]:
    """A job for each resource that is selected by its ARN, by each rule."""
    selections = [one for (of, _), one in kept(backend, SELECTIONS).items() if of == plan.backup_plan_id]
    for rule in plan.backup_plan["Rules"]:
        for selection in (one["BackupSelection"] for one in selections):
            for arn in selection.get("Resources") or ():
                yield {
                    "BackupVaultName": rule["TargetBackupVaultName"],
                    "ResourceArn": arn,
                    "IamRoleArn": selection["IamRoleArn"],
                    "Lifecycle": rule.get("Lifecycle"),
                    "RecoveryPointTags": rule.get("RecoveryPointTags"),
                    "EnableContinuousBackup": rule.get("EnableContinuousBackup"),
                }
