"""Every statement of the platform's policies is needed: without it, something that it does is denied.

The platform is applied and used once. Then the embedded AWS decides all that again, each time by policies of
which one statement is removed, or is for another resource, or has another condition.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, LocalAws

from bluegreen.cli.exit_codes import ExitCode
from lambda_src.contract.aliases import READ_SUFFIX, Alias
from modules.ledger.ledger import KINDS as LEDGER_KINDS
from modules.ledger.ledger import NAMES
from packages.embedded_aws.tests.machines import eventually
from tests.e2e import mutations
from tests.e2e.images import push
from tests.e2e.platform import Platform
from tests.e2e.subscriptions import subscribed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

TLS = "loopback stands in for TLS: no request is without it"
NO_TASKS = "no task's code runs on the embedded AWS; docs/service.md says what it calls"
EITHER = "the secret's policy and the role's allow the same: in one account either suffices"
DELEGATED = "the account's root delegates; identity policies decide"
ALIAS = "the alias' policy and the role's allow the same: in one account either suffices"
# What nothing on the embedded AWS notices, and why. `name: Sid`; of roles, `role/policy: Sid`.
EXPLAINED: dict[str, str] = {
    "bucket policy: TlsOnly": TLS,
    "queue policy: TlsOnly": TLS,
    "topic policy: TlsOnly": TLS,
    "key policy: Replacement": "only who replaces the key needs it; tests/iam/test_key_administration.py",
    "secret policy: ApplicationAndRotationRead": EITHER,
    **{f"function policy: {who}OfThisAccount": DELEGATED for who in ("Deployers", "Operators")},
    "function policy: StateMachineOnly": ALIAS,
    "payments-local-shift/run: Switch": ALIAS,
    "payments-local-switch/calls: ReadHistory": "its code can tell; only the function that reads is asked",
    **{
        f"payments-local-{name}/calls: ReadTheAccount": EITHER
        for name in ("ledger", "ledger-health", "ledger-migrate")
    },
    "payments-local-ledger-setup/calls: ReadTheAdministrators": EITHER,
    **{f"payments-local-{colour}-execution/execution: Credentials": EITHER for colour in ("blue", "green")},
    **{
        f"payments-local-{colour}-application/application: {sid}": NO_TASKS
        for colour in ("blue", "green")
        for sid in ("Credentials", "Key", "Sessions")
    },
}


# Conditions that limit what the platform never does: they hold for what it does, whatever they say.
LIMITS = {"payments-local-switch/calls: MoveTraffic": "it never sends a protocol or a TLS policy"}
SWITCH = "payments-local-switch"
FUNCTIONS = (
    SWITCH,
    f"{SWITCH}{READ_SUFFIX}",
    "payments-local-blue-rotation",
    "payments-local-green-rotation",
    *(f"payments-local-{name}" for name in NAMES.values()),
)
COLOURS = ("blue", "green")
SECRETS = tuple(
    f"payments-local/{colour}/{name}"
    for colour in COLOURS
    for name in ("administrator", "database", *(f"ledger/{kind}" for kind in LEDGER_KINDS))
)
SCHEDULES = (*(f"{colour}-secret-age" for colour in COLOURS), "ledger-health")
SHIFT = f"arn:aws:states:{embedded_aws.REGION}:{ACCOUNT_ID}:stateMachine:payments-local-shift"


@pytest.fixture(scope="module")
def used(platform: Platform) -> LocalAws:
    """The platform's AWS, after each part of the platform has done what it is for."""
    aws = platform.aws
    operate(platform)
    back_up(aws)
    change_the_schema(platform)
    deploy(platform)
    notify(platform)
    interrupt(aws)
    for function in FUNCTIONS:
        fail(aws, function)
    forbid(aws)
    return aws


def operate(platform: Platform) -> None:
    """Shifts, a held share, a move of the ledger, what the operator reads, and the schedules."""
    shift = ("shift", "--to", "green", "--steps", "100", "--bake", "1s", "--reason", "use", "--yes")
    share = ("switch", "--to", "green", "--percent", "25", "--for", "30m", "--reason", "use")
    for arguments in (
        shift,
        ("rollback",),
        share,
        ("rollback",),
        ("history",),
        ("preflight", "--to", "green"),
        ("ledger", "status"),
        ("ledger", "move", "--to", "green", "--yes"),
        ("ledger", "move", "--to", "blue", "--yes"),
    ):
        done = platform.bluegreen(*arguments)
        assert done.returncode == ExitCode.OK, (arguments, done.stderr)
    for schedule in SCHEDULES:
        assert embedded_aws.run_schedule(platform.aws, f"payments-local-{schedule}")


def back_up(aws: LocalAws) -> None:
    """The backup plans are due: each job of them is done, however the account has the tables backed up."""
    backup = aws.client("backup")
    for plan, managed in (("databases", True), ("tables", False), ("tables", True)):
        backup.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": managed})
        for job in embedded_aws.run_backup_plan(aws, f"payments-local-{plan}"):
            ended = eventually(partial(ended_job, backup, job), "end of the backup job")
            assert ended["State"] == "COMPLETED", ended["StatusMessage"]


def ended_job(backup: Any, job: str) -> dict[str, Any] | None:
    """None: it goes on."""
    found: dict[str, Any] = backup.describe_backup_job(BackupJobId=job)
    return found if found["State"] in ("COMPLETED", "FAILED") else None


def change_the_schema(platform: Platform) -> None:
    """A column that comes and goes: the ledger is as it was."""
    file = platform.workspace / "migration.sql"
    contract = ("--no-way-back", "--confirm", "no way back local")
    for change, options in (("ADD COLUMN note VARCHAR(140) NULL", ()), ("DROP COLUMN note", contract)):
        file.write_text(f"ALTER TABLE payment {change};\n", encoding="utf-8")
        done = platform.bluegreen("ledger", "migrate", file.name, "--yes", *options)
        assert done.returncode == ExitCode.OK, (change, done.stderr)


def deploy(platform: Platform) -> None:
    """A version, and then one whose tasks stop: its deployment looks at why, and goes back to the first."""
    for tag, annotations, code in (
        ("used", {}, ExitCode.OK),
        ("crashes", {"crash": "it ends at once"}, ExitCode.ROLLED_BACK),
    ):
        image = push(platform, tag, **annotations)
        done = platform.bluegreen("deploy", "--to", "green", "--image", image, "--interval", "0.2")
        assert done.returncode == code, done.stdout + done.stderr
    assert "Essential container in task exited" in done.stdout


def notify(platform: Platform) -> None:
    """An event and an alarm reach the topic."""
    health = {
        "Source": "aws.health",
        "DetailType": "AWS Health Event",
        "Detail": '{"eventTypeCategory": "issue"}',
    }
    with subscribed(platform.aws) as subscription:
        platform.aws.client("events").put_events(Entries=[health])
        with platform.ringing("green-server-errors"):
            eventually(subscription.alarms, "notification of an alarm")
        assert [event["source"] for event in subscription.messages()] == ["aws.health"]


def interrupt(aws: LocalAws) -> None:
    """The rule for interrupted shifts invokes the function; then its events are dead letters."""
    functions, queue = aws.client("lambda"), f"{SWITCH}-dead-letters"
    alias = {"FunctionName": SWITCH, "Qualifier": Alias.INTERRUPTED.value}
    policy = json.loads(functions.get_policy(**alias)["Policy"])
    (allowed,) = policy["Statement"]
    detail = {"stateMachineArn": SHIFT, "status": "ABORTED", "name": "use", "executionArn": f"{SHIFT}:use"}
    event = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail),
    }
    aws.client("events").put_events(Entries=[event])
    functions.remove_permission(**alias, StatementId=allowed["Sid"])
    try:
        aws.client("events").put_events(Entries=[event])
        eventually(lambda: take(aws, queue), "dead letter of the rule")
    finally:
        functions.add_permission(
            **alias,
            StatementId=allowed["Sid"],
            Action=allowed["Action"],
            Principal=allowed["Principal"]["Service"],
            SourceArn=allowed["Condition"]["ArnLike"]["AWS:SourceArn"],
        )


def fail(aws: LocalAws, function: str) -> None:
    """An event that the function may not run for is a dead letter, sent with its role."""
    functions = aws.client("lambda")
    reserved = functions.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"]
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        functions.invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
        eventually(lambda: take(aws, f"{function}-dead-letters"), "dead letter of the function")
    finally:
        functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=reserved)


def take(aws: LocalAws, queue: str) -> str | None:
    """A message of a queue, which is gone then."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return str(message["Body"])
    return None


def forbid(aws: LocalAws) -> None:
    """What even an administrator is denied."""
    secrets, backup, vault = aws.client("secretsmanager"), aws.client("backup"), "payments-local"
    for secret in SECRETS:
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            secrets.get_secret_value(SecretId=secret)
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            secrets.put_secret_value(SecretId=secret, SecretString="{}")
    point = f"arn:aws:backup:{embedded_aws.REGION}:{ACCOUNT_ID}:recovery-point:x"
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)


def unnoticed(aws: LocalAws, change: Callable[[mutations.Document], Iterator[mutations.Mutant]]) -> set[str]:
    """Statements of which a change isn't noticed."""
    mutants = [mutant for document in mutations.documents(aws) for mutant in change(document)]
    assert len(mutants) > 80
    noticed = mutations.noticed(aws, mutants)
    return {mutant.statement for mutant, seen in zip(mutants, noticed, strict=True) if not seen}


def test_each_statement_is_needed(used: LocalAws) -> None:
    assert unnoticed(used, mutations.without) == set(EXPLAINED)


def test_each_resource_and_each_condition_matters(used: LocalAws) -> None:
    assert unnoticed(used, mutations.exchanged) <= {*EXPLAINED, *LIMITS}
