"""`bluegreen ledger` and `local dsn` on a deployment that is up: real databases, and payments through
services.
"""

import json
import os
import signal
import ssl
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import embedded_aws
import pymysql
import pytest

from bluegreen.cli.ledger import reclaim
from bluegreen.operate.databases import local
from bluegreen.operate.ledger import HEALTH, SETUP
from lambda_src.contract.values import Colour
from lambda_src.ledger.accounts import Kind
from tests.bluegreen.cli.conftest import Place, run, write_stack
from tests.lambda_src.ledger.ledgers import eventually
from tests.standing_ledger import PRIVILEGES

SPLIT = "INSERT INTO payments.payment VALUES (900000001, 'split', 'split', '', 1, 'EUR', 'green', NOW())"


def document(*arguments: str, code: int = 0) -> dict[str, Any]:
    """What a verb answers as JSON."""
    result = run(*arguments, "--output", "json")
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_it_moves_there_and_back_and_payments_of_both_colours_follow(place: Place) -> None:
    assert document("ledger", "status")["healthy"]
    for colour in ("green", "blue"):
        moved = document("ledger", "move", "--to", colour, "--yes")
        assert (moved["writer"], moved["pause_ms"] > 0) == (colour, True)
        found = document("ledger", "status")
        assert (found["writer"], found["state"], found["healthy"]) == (colour, "open", True)
        for test in ((), ("--test",)):  # services of either colour
            summary = document("local", "load", "--requests", "200", "--rate", "500", *test)
            assert (summary["failed"], summary["passed"]) == (0, True)
    again = run("ledger", "move", "--to", "blue", "--yes")
    assert again.exit_code == 0
    assert "The ledger is on blue: nothing was moved" in again.stdout
    assert place.aws.pid


def test_a_verification_is_clean_or_names_what_differs(place: Place) -> None:
    found = document("ledger", "verify")
    assert (found["ended"], found["differing"], found["findings"]) == (True, 0, [])
    green = local.server(place.aws, Colour.GREEN)
    try:
        with green.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            triggers = _triggers(cursor)
            for name in triggers:
                cursor.execute(f"DROP TRIGGER payments.{name}")
            cursor.execute(SPLIT)
        split = document("ledger", "verify", code=1)
        assert split["differing"] == 1
        assert "900000001" in split["findings"][0]
        shown = run("ledger", "verify")
        assert (shown.exit_code, "DIFFER" in shown.stdout) == (1, True)
        refused = run("ledger", "move", "--to", "green", "--yes")
        assert refused.exit_code == 1
        assert "verification of blue: 1 chunks differ" in refused.stderr
    finally:
        with green.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            cursor.execute("DELETE FROM payments.payment WHERE number = 900000001")
            cursor.execute("USE payments")
            for statement in triggers.values():
                cursor.execute(statement)
    assert document("ledger", "verify")["differing"] == 0
    assert document("ledger", "status")["healthy"]


def _triggers(cursor: Any) -> dict[str, str]:
    cursor.execute("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'payments'")
    names = [name for (name,) in cursor.fetchall()]
    statements = {}
    for name in names:
        cursor.execute(f"SHOW CREATE TRIGGER payments.{name}")
        statements[name] = cursor.fetchall()[0][2]
    return statements


def test_a_guard_that_fails_shows_and_refuses_the_move(place: Place) -> None:
    green = local.server(place.aws, Colour.GREEN)
    green.ask("STOP SLAVE")
    try:
        status = run("ledger", "status")
        assert status.exit_code == 1
        assert "Writer: blue" in status.stdout
        assert "NOT healthy" in status.stdout
        refused = run("ledger", "move", "--to", "green", "--yes")
        assert refused.exit_code == 1
        assert "replication of green: does not run" in refused.stderr
        assert "state: blue is the writer, as before" in refused.stderr
        assert run("ledger", "setup").exit_code == 0  # repairs it
        assert run("ledger", "setup").stdout == "The ledger of local is set up: blue is the writer.\n"
        assert run("ledger", "status").exit_code == 0
    finally:
        green.ask("START SLAVE")


def test_a_freeze_refuses_a_move_and_not_the_end_of_one(place: Place) -> None:
    place.put(frozen={"by": "alice", "reason": "end of year", "at": "2026-12-31T00:00:00+00:00"})
    refused = run("ledger", "move", "--to", "green", "--yes")
    assert refused.exit_code == 1
    assert "GatesNotPassedError" in refused.stderr
    assert "end of year" in refused.stderr
    assert "state: the ledger was not moved" in refused.stderr
    row = "UPDATE payments.ledger_epoch SET epoch = epoch + 1, writer = 'green', state = 'handed'"
    local.server(place.aws, Colour.BLUE).ask(row)
    assert document("ledger", "move", "--to", "green", "--yes")["writer"] == "green"
    place.put(frozen=None)
    assert document("ledger", "move", "--to", "blue", "--yes")["writer"] == "blue"


def test_a_shift_in_progress_refuses_a_move(place: Place) -> None:
    shift = run("shift", "--to", "green", "--steps", "25,100", "--bake", "60s", "--yes", "--detach")
    assert shift.exit_code == 0
    while not (place.state["workflow"] or {}).get("percent"):
        pass
    refused = run("ledger", "move", "--to", "green", "--yes")
    assert refused.exit_code == 1
    assert "LockedError" in refused.stderr
    assert "state: the ledger was not moved" in refused.stderr
    assert document("ledger", "status")["writer"] == "blue"


def test_a_move_is_recorded_with_who_asked_and_why(place: Place) -> None:
    for colour in ("green", "blue"):
        run("ledger", "move", "--to", colour, "--reason", "release 42", "--yes")
    moves = place.state["moves"]
    assert [(move["from"], move["writer"]) for move in moves] == [("blue", "green"), ("green", "blue")]
    assert all(move["pause_ms"] > 0 for move in moves)
    entry = place.state["history"][0]
    assert (entry["action"], entry["reason"]) == ("ledger", "release 42")
    assert entry["by"].startswith("arn:aws:")


def test_reclaim_without_a_terminal_asks_for_the_option() -> None:
    refused = run("ledger", "reclaim", "--to", "blue")
    assert refused.exit_code == 2
    assert "here is no terminal to ask on\n  fix: add --confirm 'reclaim local'\n" in refused.stderr


def test_reclaim_refuses_what_is_not_handed_over(place: Place) -> None:
    refused = run("ledger", "reclaim", "--to", "blue", "--confirm", "reclaim local")
    assert refused.exit_code == 1
    assert "not handed to green" in refused.stderr
    assert "state: its row was not changed" in refused.stderr
    assert place.aws.pid


def test_reclaim_cuts_off_the_target_and_opens_the_source(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clusters exist for it only; no test waits the minute."""
    blue, green = (local.server(place.aws, colour) for colour in Colour)
    admitted, found = _clusters(place)
    waited: list[int] = []
    monkeypatch.setattr(reclaim, "outputs", lambda *_: found)
    monkeypatch.setattr(reclaim, "sleep", waited.append)
    epoch = blue.ask("SELECT epoch FROM payments.ledger_epoch")[0][0]
    green.ask("STOP SLAVE")
    try:
        blue.ask(
            "UPDATE payments.ledger_epoch SET epoch = epoch + 1, writer = 'green', state = 'handed', "
            "changed_at = NOW(6) - INTERVAL 2 MINUTE"
        )
        unconfirmed = run("ledger", "reclaim", "--to", "blue", "--confirm", "yes")
        assert unconfirmed.exit_code == 1
        assert "fix: type `reclaim local`" in unconfirmed.stderr
        assert waited == []
        answer = document("ledger", "reclaim", "--to", "blue", "--confirm", "reclaim local")
    finally:
        green.ask("START SLAVE")
    assert (answer["writer"], answer["epoch"]) == ("blue", epoch + 2)
    assert answer["revoked"] == [admitted]
    assert waited == [60]
    eventually(lambda: run("ledger", "status").exit_code == 0)
    assert document("local", "load", "--requests", "100", "--rate", "500")["failed"] == 0


def _clusters(place: Place) -> tuple[str, dict[str, str]]:
    """A rule that lets services into green's cluster, and the outputs that name both clusters."""
    ec2, rds = place.aws.client("ec2"), place.aws.client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    names = ("blue", "green", "service")
    groups = {
        name: ec2.create_security_group(GroupName=f"cut-{name}", Description=name, VpcId=vpc)["GroupId"]
        for name in names
    }
    (rule,) = ec2.authorize_security_group_ingress(
        GroupId=groups["green"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 3306,
                "ToPort": 3306,
                "UserIdGroupPairs": [{"GroupId": groups["service"]}],
            }
        ],
    )["SecurityGroupRules"]
    found = {name: f"ledger-{duty}" for name, duty in ((SETUP, "setup"), (HEALTH, "watch"))}
    for colour in Colour:
        cluster = rds.create_db_cluster(
            DBClusterIdentifier=f"cut-{colour}",
            Engine="aurora-mysql",
            MasterUsername="administrator",
            ManageMasterUserPassword=True,
            VpcSecurityGroupIds=[groups[colour]],
        )["DBCluster"]
        found[f"{colour}_cluster_endpoint"] = cluster["Endpoint"]
    return rule["SecurityGroupRuleId"], found


def test_what_the_health_function_finds_is_in_its_log_as_a_number(place: Place) -> None:
    """From there a metric filter takes it; the filter is tested where it is made."""
    document("ledger", "status")
    events = place.aws.client("logs").filter_log_events(logGroupName="/aws/lambda/ledger-watch")["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    found = [line for line in lines if "ledger_healthy" in line]
    assert (found[-1]["ledger_healthy"], found[-1]["function"]) == (1, "ledger-watch")


def test_a_move_is_confirmed(place: Place) -> None:
    result = run("ledger", "move", "--to", "green")
    assert result.exit_code == 2
    assert "here is no terminal to ask on\n  fix: add --yes\n" in result.stderr
    assert document("ledger", "status")["writer"] == "blue"
    assert place.aws.pid


@pytest.mark.parametrize(("options", "user"), [((), "payments"), (("--admin",), "administrator")])
def test_other_tools_log_in_with_the_dsn(place: Place, options: tuple[str, ...], user: str) -> None:
    found = urlsplit(run("local", "dsn", "--colour", "green", *options).stdout.strip())
    assert (found.scheme, found.username, found.path) == ("mysql", user, "/payments")
    connection = pymysql.connect(
        host=found.hostname or "",
        port=found.port or 0,
        user=found.username,
        password=unquote(found.password or ""),
        database=found.path.strip("/"),
        ssl=ssl.create_default_context(cafile=parse_qs(found.query)["ca"][0]),
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT writer FROM ledger_epoch")
        assert cursor.fetchone() == ("blue",)
    assert place.aws.pid


def test_a_server_that_is_killed_is_started_again(place: Place) -> None:
    """As RDS does; the services go on with new connections."""
    blue = local.server(place.aws, Colour.BLUE)
    os.kill(int((blue.directory / "pid").read_text()), signal.SIGKILL)
    summary = document("local", "load", "--requests", "100", "--rate", "50")
    assert summary["passed"]
    for _ in range(200):
        if run("ledger", "status").exit_code == 0:
            break
    assert document("ledger", "status")["healthy"]


def test_the_databases_of_an_account_are_out_of_reach(place: Place) -> None:
    backend = {"terraform": {"backend": {"s3": {"bucket": "state"}}}}
    write_stack(place.directory, "staging", backend)
    result = run("local", "dsn", "--colour", "blue", "--deployment", "staging")
    assert result.exit_code == 2
    assert "the databases of staging admit security groups of its network only" in result.stderr


@pytest.mark.parametrize("kind", list(Kind))
def test_the_ledgers_accounts_rotate_under_load_and_replication_follows(place: Place, kind: Kind) -> None:
    """By Secrets Manager and the setup function; twice, so that both users have had their turn."""
    secrets, functions = place.aws.client("secretsmanager"), place.aws.client("lambda")
    with suppress(functions.exceptions.ResourceConflictException):
        functions.add_permission(
            FunctionName="ledger-setup",
            StatementId="rotation",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
        )
    arn = secrets.describe_secret(SecretId=f"standing/blue/{kind}")["ARN"]
    setup = functions.get_function(FunctionName="ledger-setup")["Configuration"]["FunctionArn"]
    for user in ("b", "a"):
        secrets.rotate_secret(
            SecretId=arn, RotationLambdaARN=setup, RotationRules={"AutomaticallyAfterDays": 30}
        )
        load = document("local", "load", "--requests", "100", "--rate", "100")
        assert (load["failed"], load["passed"]) == (0, True)
        while (rotation := embedded_aws.rotation(place.aws, arn))["running"]:
            pass
        assert rotation["error"] is None
        assert json.loads(embedded_aws.secret_value(place.aws, arn))["username"] == f"ledger_{kind}_{user}"
        assert document("ledger", "status")["healthy"]
        if kind is Kind.REPLICATION:
            green = local.server(place.aws, Colour.GREEN)
            assert f"ledger_replication_{user}" in str(green.ask("SHOW SLAVE STATUS"))
    for colour in ("green", "blue"):
        assert document("ledger", "move", "--to", colour, "--yes")["writer"] == colour


def test_a_function_does_no_more_than_its_duty(place: Place) -> None:
    """The mover sets nothing up, and who watches moves nothing."""
    for function, action in (("ledger-watch", "move"), ("ledger-move", "setup"), ("ledger-setup", "move")):
        event = json.dumps({"action": action, "target": "green"})
        answer = place.aws.client("lambda").invoke(FunctionName=function, Payload=event.encode())
        error = json.loads(answer["Payload"].read())
        assert error["errorType"] == "MoveRefusedError"
        assert "this function does not do that" in json.loads(error["errorMessage"])["what"]


def test_a_service_reads_its_secret_again_when_the_database_refuses_it(place: Place) -> None:
    """After the rotation after next, what the service was started with is no longer valid."""
    secrets = place.aws.client("secretsmanager")
    value = {"username": "payments", "password": uuid.uuid4().hex}
    for found in secrets.list_secrets()["SecretList"]:
        if found["Name"].endswith("/database"):
            secrets.put_secret_value(SecretId=found["ARN"], SecretString=json.dumps(value))
    for colour in Colour:
        server = local.server(place.aws, colour)
        server.create_account(value["username"], value["password"], PRIVILEGES)
        with server.root() as cursor:
            cursor.execute("SELECT id FROM information_schema.PROCESSLIST WHERE user = 'payments'")
            for (connection,) in cursor.fetchall():
                cursor.execute(f"KILL {connection}")
    for test in ((), ("--test",)):
        summary = document("local", "load", "--requests", "100", "--rate", "100", *test)
        assert (summary["failed"], summary["passed"]) == (0, True)
