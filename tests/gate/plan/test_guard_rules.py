"""What the guard refuses, and what it lets through: on the real platform, blue active."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode
from stack_gate.plan.judge import ACTIVE_COLOUR, SHARED, STATE, WEIGHTS

from tests.gate.plan.plans import Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")

Case = Callable[[Edit], str]  # makes one change, and returns the address of what it is made to
CLUSTER, INSTANCE, GROUP = "aws_rds_cluster", "aws_rds_cluster_instance", "aws_lb_target_group"
INGRESS = "aws_vpc_security_group_ingress_rule"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def act(type_: str, *parts: str, actions: tuple[str, ...] = ("delete",)) -> Case:
    def case(edit: Edit) -> str:
        address = edit.named(type_, *parts)
        edit.act(address, *actions)
        return address

    return case


def update(type_: str, *parts: str, **arguments: Any) -> Case:
    def case(edit: Edit) -> str:
        address = edit.named(type_, *parts)
        edit.update(address, **arguments)
        return address

    return case


def retag(type_: str, *parts: str, **tags: str) -> Case:
    def case(edit: Edit) -> str:
        address = edit.named(type_, *parts)
        before = edit.change(address)["before"]
        edit.update(address, tags=before["tags"] | tags, tags_all=before["tags_all"] | tags)
        return address

    return case


def key_policy(change: Callable[[list[Any]], list[Any]]) -> Case:
    def case(edit: Edit) -> str:
        address = edit.named("aws_kms_key")
        document = json.loads(edit.change(address)["before"]["policy"])
        document["Statement"] = change(document["Statement"])
        edit.update(address, policy=json.dumps(document))
        return address

    return case


def forward(path: str, change: Callable[[dict[str, Any]], Any]) -> Case:
    """Changes the forward of a listener's action."""

    def case(edit: Edit) -> str:
        address = edit.named("aws_lb_listener", path)
        edit.update(address)
        change(edit.change(address)["after"]["default_action"][0])
        return address

    return case


def weights(blue: int, green: int) -> Callable[[dict[str, Any]], None]:
    def change(action: dict[str, Any]) -> None:
        for group in action["forward"][0]["target_group"]:
            group["weight"] = blue if "blue" in group["arn"] else green

    return change


def swapped(action: dict[str, Any]) -> None:
    one, other = action["forward"][0]["target_group"]
    one["arn"], other["arn"] = other["arn"], one["arn"]


def not_known_yet(edit: Edit) -> str:
    """An argument that had no value, and gets one that only the apply will give."""
    address = edit.named(CLUSTER, "blue")
    edit.change(address)["before"]["replication_source_identifier"] = None
    edit.unknown(address, replication_source_identifier=True)
    return address


def new_rule(edit: Edit) -> str:
    """A listener rule that sends some paths elsewhere."""
    listener = edit.named("aws_lb_listener", "https")
    arn = edit.change(listener)["before"]["arn"]
    return add(edit, "aws_lb_listener_rule", {"listener_arn": arn, "priority": 1}, [listener])


def new_rule_by_reference(edit: Edit) -> str:
    listener = edit.named("aws_lb_listener", "https")
    return add(edit, "aws_lb_listener_rule", {"priority": 1}, [listener])


def new_route(edit: Edit) -> str:
    return add(edit, "aws_route", {}, [edit.named("aws_route_table", "us-east-1a")])


def new_secret_policy(edit: Edit) -> str:
    return add(
        edit,
        "aws_secretsmanager_secret_policy",
        {},
        [edit.named("aws_secretsmanager_secret", "blue-credentials")],
    )


def new_ingress_of_blue(edit: Edit) -> str:
    return add(edit, INGRESS, {}, [edit.named("aws_security_group", "blue-database")])


def new_acl_of_green(edit: Edit) -> str:
    return add(edit, "aws_network_acl_rule", {}, [edit.named(GROUP, "green")])


def add(edit: Edit, type_: str, after: dict[str, Any], references: list[str]) -> str:
    address = f"{type_}.new"
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {"id": True}}
    entry = {"address": address, "mode": "managed", "type": type_, "name": "new"}
    edit.document["resource_changes"].append(entry | {"change": change})
    block = entry | {"expressions": {"it": {"references": references}}}
    edit.document["configuration"]["root_module"]["resources"].append(block)
    return address


REFUSED: dict[str, tuple[Case, set[str]]] = {
    # of the active colour
    "its cluster is upgraded": (
        update(CLUSTER, "blue", engine_version="8.0.mysql_aurora.3.11.0"),
        {ACTIVE_COLOUR},
    ),
    "its instance is resized": (
        update(INSTANCE, "blue", "-1_", instance_class="db.r6g.xlarge"),
        {ACTIVE_COLOUR},
    ),
    "its target group is changed": (update(GROUP, "blue", deregistration_delay="1"), {ACTIVE_COLOUR}),
    "its target group is replaced": (act(GROUP, "blue", actions=("create", "delete")), {ACTIVE_COLOUR}),
    "its parameters are changed": (
        update("aws_rds_cluster_parameter_group", "blue", parameter=[]),
        {ACTIVE_COLOUR},
    ),
    "its subnet group goes": (act("aws_db_subnet_group", "blue"), {ACTIVE_COLOUR}),
    "its application role goes": (act("aws_iam_role", "blue_role_"), {ACTIVE_COLOUR}),
    "the load balancer's way in is closed": (act(INGRESS, "load-balancer_blue"), {ACTIVE_COLOUR}),
    "the load balancer's way out is closed": (
        act("aws_vpc_security_group_egress_rule", "load-balancer_blue"),
        {ACTIVE_COLOUR},
    ),
    "the way to its database is narrowed": (
        update(INGRESS, "blue-database", "blue-application", from_port=3307),
        {ACTIVE_COLOUR},
    ),
    "its secret's policy is changed": (
        update("aws_secretsmanager_secret_policy", "blue-credentials", policy="{}"),
        {ACTIVE_COLOUR},
    ),
    "its rotation is forgotten": (
        act("aws_secretsmanager_secret_rotation", "blue-credentials", actions=("forget",)),
        {ACTIVE_COLOUR},
    ),
    "its colour is changed by a tag": (retag(CLUSTER, "blue", Colour="green"), {ACTIVE_COLOUR}),
    "it gets a policy that may deny": (new_secret_policy, {ACTIVE_COLOUR}),
    "it gets a value that is known after the apply only": (not_known_yet, {ACTIVE_COLOUR}),
    "its cluster goes": (act(CLUSTER, "blue"), {ACTIVE_COLOUR, STATE}),
    # what can't be made again, whoever's it is
    "the other colour's cluster goes": (act(CLUSTER, "green"), {STATE}),
    "the other colour's cluster is replaced": (act(CLUSTER, "green", actions=("delete", "create")), {STATE}),
    "an instance of the other colour goes": (act(INSTANCE, "green", "-2_"), {STATE}),
    "the other colour's cluster is forgotten": (act(CLUSTER, "green", actions=("forget",)), {STATE}),
    "the other colour's cluster is replaced and forgotten": (
        act(CLUSTER, "green", actions=("create", "forget")),
        {STATE},
    ),
    "the other colour's audit log goes": (act("aws_cloudwatch_log_group", "green", "audit"), {STATE}),
    "the other colour's secret goes": (act("aws_secretsmanager_secret", "green-credentials"), {STATE}),
    "the key goes": (act("aws_kms_key"), {STATE, SHARED}),
    "the sessions go": (act("aws_dynamodb_table", "sessions"), {STATE, SHARED}),
    "the switch's lock and history go": (act("aws_dynamodb_table", "control"), {STATE, SHARED}),
    "the workflow goes": (act("aws_sfn_state_machine"), {SHARED}),
    "the vault goes": (act("aws_backup_vault"), {STATE, SHARED}),
    "the bucket goes": (act("aws_s3_bucket"), {STATE, SHARED}),
    "the record of who serves goes": (act("aws_ssm_parameter", "active"), {STATE, SHARED}),
    # traffic
    "the weights move": (forward("https", weights(0, 100)), {WEIGHTS, SHARED}),
    "the weights move a little": (forward("https", weights(99, 1)), {WEIGHTS, SHARED}),
    "nobody serves": (forward("https", weights(0, 0)), {WEIGHTS, SHARED}),
    "the test listener's weights move": (forward("test", weights(100, 0)), {WEIGHTS, SHARED}),
    "the target groups change places": (forward("https", swapped), {WEIGHTS, SHARED}),
    "the forward becomes something else": (
        forward("https", lambda a: a.update(forward=[])),
        {WEIGHTS, SHARED},
    ),
    "stickiness overrides the weights": (
        forward("https", lambda a: a["forward"][0]["stickiness"][0].update(enabled=True)),
        {WEIGHTS, SHARED},
    ),
    "the weights are not known yet": (
        lambda e: (a := e.named("aws_lb_listener", "https"), e.unknown(a, default_action=True))[0],
        {WEIGHTS, SHARED},
    ),
    "the listener goes": (act("aws_lb_listener", "https"), {WEIGHTS, SHARED}),
    "a rule goes past the weights": (new_rule, {WEIGHTS}),
    "a rule whose listener only the configuration tells": (new_rule_by_reference, {WEIGHTS}),
    # what both use
    "the network is replaced": (act("aws_vpc", actions=("delete", "create")), {SHARED}),
    "a subnet goes": (act("aws_subnet", "database-us-east-1a"), {SHARED}),
    "a NAT gateway is replaced": (act("aws_nat_gateway", "1a", actions=("delete", "create")), {SHARED}),
    "a route leads elsewhere": (
        update("aws_route", "application-us-east-1a", nat_gateway_id="nat-1"),
        {SHARED},
    ),
    "a route is new": (new_route, {SHARED}),
    "an endpoint loses its subnets": (update("aws_vpc_endpoint", "secretsmanager", subnet_ids=[]), {SHARED}),
    "clients are kept out": (update(INGRESS, "clients-https", cidr_ipv4="10.0.0.0/8"), {SHARED}),
    "the load balancer moves": (update("aws_lb", subnets=[]), {SHARED}),
    "the load balancer goes": (act("aws_lb"), {SHARED}),
    "the redirect becomes something else": (update("aws_lb_listener", "http_", default_action=[]), {SHARED}),
    "the key is disabled": (update("aws_kms_key", is_enabled=False), {SHARED}),
    "the key's policy loses a statement": (key_policy(lambda found: found[1:]), {SHARED}),
    "the key's policy denies": (key_policy(lambda found: [*found, DENY]), {SHARED}),
    "the key's policy can't be read": (update("aws_kms_key", policy="{"), {SHARED}),
    "sessions expire by another field": (update("aws_dynamodb_table", "sessions", ttl=[]), {SHARED}),
    "the record of who serves is rewritten": (
        update("aws_ssm_parameter", "active", insecure_value="green"),
        {SHARED},
    ),
    "the switch goes": (act("aws_lambda_function", "switching_switch"), {SHARED}),
}

ALLOWED: dict[str, Case] = {
    "the other colour's cluster is upgraded": update(
        CLUSTER, "green", engine_version="8.0.mysql_aurora.3.11.0"
    ),
    "the other colour's target group is changed": update(GROUP, "green", deregistration_delay="1"),
    "the other colour's parameters are replaced": act(
        "aws_rds_cluster_parameter_group", "green", actions=("create", "delete")
    ),
    "the other colour's way in is closed": act(INGRESS, "load-balancer_green"),
    "the other colour gets a rule": new_acl_of_green,
    "the active colour gets a rule that admits": new_ingress_of_blue,
    "the active colour gets another tag": retag(CLUSTER, "blue", MigrationPhase="cutover"),
    "an alarm of the active colour says something else": update(
        "aws_cloudwatch_metric_alarm", "blue", "response-time", alarm_description="slow"
    ),
    "TLS gets stricter": update("aws_lb_listener", "https", ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06"),
    "the key's policy grants more": key_policy(lambda found: [*found, DENY | {"Effect": "Allow"}]),
    "the key rotates more often": update("aws_kms_key", rotation_period_in_days=90),
    "the switch gets new code": update("aws_lambda_function", "switching_switch", source_code_hash="x"),
    "a rule gets a description": update(INGRESS, "clients-https", description="Everybody"),
    "logs are kept longer": update("aws_cloudwatch_log_group", "flow-logs", retention_in_days=731),
}


@pytest.mark.parametrize(("case", "policies"), REFUSED.values(), ids=REFUSED)
def test_refused(edit: Edit, tmp_path: Path, case: Case, policies: set[str]) -> None:
    address = case(edit)
    report = judged(edit.write(tmp_path))
    assert refused(report) == {(policy, address) for policy in policies}
    assert report.exit_code is ExitCode.FINDINGS
    assert all(finding.message and finding.fix for finding in report.findings)


@pytest.mark.parametrize("case", ALLOWED.values(), ids=ALLOWED)
def test_let_through(edit: Edit, tmp_path: Path, case: Case) -> None:
    case(edit)
    report = judged(edit.write(tmp_path))
    assert (refused(report), report.passed, report.exit_code) == (set(), 1, ExitCode.PASSED)


def test_nothing_to_do(edit: Edit, tmp_path: Path) -> None:
    report = judged(edit.write(tmp_path))
    assert (refused(report), report.passed, report.not_applicable) == (
        set(),
        0,
        len(edit.document["resource_changes"]),
    )


def test_a_new_route_in_a_new_table_acts_on_nothing_that_is_there(edit: Edit, tmp_path: Path) -> None:
    add(edit, "aws_route", {}, [add(edit, "aws_route_table", {}, [])])
    report = judged(edit.write(tmp_path))
    assert (refused(report), report.passed) == (set(), 2)


def test_a_move_to_another_address_changes_nothing(edit: Edit, tmp_path: Path) -> None:
    edit.entry(edit.named(CLUSTER, "blue"))["previous_address"] = "aws_rds_cluster.old"
    assert refused(judged(edit.write(tmp_path))) == set()


def test_a_left_over_of_a_replacement_counts(edit: Edit, tmp_path: Path) -> None:
    """Terraform keeps what it could not delete as a deposed object of the same address."""
    address = edit.named(CLUSTER, "blue")
    change = edit.change(address) | {"actions": ["delete"], "after": None}
    edit.document["resource_changes"].append(edit.entry(address) | {"deposed": "1234abcd", "change": change})
    assert refused(judged(edit.write(tmp_path))) == {(ACTIVE_COLOUR, address), (STATE, address)}


def test_during_a_shift_both_colours_serve(edit: Edit, tmp_path: Path) -> None:
    listener = edit.named("aws_lb_listener", "https")
    for values in (edit.change(listener)["before"], edit.change(listener)["after"]):
        weights(75, 25)(values["default_action"][0])
    address = update(GROUP, "green", deregistration_delay="1")(edit)
    report = judged(edit.write(tmp_path))
    assert refused(report) == {(ACTIVE_COLOUR, address)}
    assert "green, which has weight 25" in report.findings[0].message


def test_green_active_turns_it_around(edit: Edit, tmp_path: Path) -> None:
    listener = edit.named("aws_lb_listener", "https")
    for values in (edit.change(listener)["before"], edit.change(listener)["after"]):
        weights(0, 100)(values["default_action"][0])
    edit.recorded('{"writer": "green"}')
    green = update(CLUSTER, "green", engine_version="x")(edit)
    update(CLUSTER, "blue", engine_version="x")(edit)
    assert refused(judged(edit.write(tmp_path), "green")) == {(ACTIVE_COLOUR, green)}


@pytest.mark.parametrize(("argument", "policies"), [("engine_version", {SHARED}), ("tags", set())])
def test_a_cluster_that_nobody_can_tell_whose_it_is(
    edit: Edit, tmp_path: Path, argument: str, policies: set[str]
) -> None:
    """Two that nothing connects to a target group: neither may be changed, but for its tags."""
    keep = ("aws_lb_listener", "aws_lb_target_group", "aws_rds_cluster", "aws_lambda_function.switching")
    for section in (
        edit.document["resource_changes"],
        edit.document["configuration"]["root_module"]["resources"],
    ):
        section[:] = [entry for entry in section if entry["address"].startswith(keep)]
    for entry in edit.document["resource_changes"]:
        for values in (entry["change"]["before"], entry["change"]["after"]):
            values |= {"tags": None, "tags_all": None}
    address = update("aws_rds_cluster", "green-database_cluster", **{argument: {"x": "y"}})(edit)
    assert refused(judged(edit.write(tmp_path))) == {(policy, address) for policy in policies}


def test_no_value_is_told(edit: Edit, tmp_path: Path) -> None:
    update(CLUSTER, "blue", master_password="hunter2-canary")(edit)
    assert "hunter2-canary" not in repr(judged(edit.write(tmp_path)))
