"""The database of the ledger's writer is protected, wherever the traffic is. Blue is active."""

from pathlib import Path
from typing import Any

import pytest
from stack_gate.plan import Live, guard
from stack_gate.plan.judge import ACTIVE_COLOUR, LEDGER, STATE
from stack_gate.plan.ledger import written

from tests.gate.plan.plans import TODAY, Edit, judged, refused

pytestmark = pytest.mark.xdist_group("plan")

GREEN, BLUE = '{"writer": "green", "epoch": 8}', '{"writer": "blue", "epoch": 9}'
# No record of a writer: a move is in progress, none was recorded, or the record is unusable.
UNKNOWN = ['{"writer": null}', "", "green", '{"writer": "red"}', "{}", None]
CHANGES: dict[str, dict[str, Any]] = {
    "aws_rds_cluster": {"engine_version": "8.0.mysql_aurora.3.11.0"},
    "aws_rds_cluster_parameter_group": {"parameter": []},
    "aws_db_subnet_group": {"subnet_ids": []},
}


@pytest.mark.parametrize("type_", CHANGES)
def test_the_inactive_writers_database_is_left_alone(edit: Edit, tmp_path: Path, type_: str) -> None:
    address = edit.recorded(GREEN).named(type_, "green")
    edit.update(address, **CHANGES[type_])
    report = judged(edit.write(tmp_path))
    assert refused(report) == {(LEDGER, address)}
    (finding,) = report.findings
    assert "it is part of green's database, which takes all payments" in finding.message
    assert "bluegreen ledger move" in finding.fix


@pytest.mark.parametrize("type_", CHANGES)
def test_the_inactive_colours_database_may_change_while_it_is_not_the_writer(
    edit: Edit, tmp_path: Path, type_: str
) -> None:
    edit.recorded(BLUE).update(edit.named(type_, "green"), **CHANGES[type_])
    assert refused(judged(edit.write(tmp_path))) == set()


@pytest.mark.parametrize("record", UNKNOWN)
def test_without_a_record_of_the_writer_both_databases_are_left_alone(
    edit: Edit, tmp_path: Path, record: str | None
) -> None:
    address = edit.recorded(record).named("aws_rds_cluster", "green", "cluster")
    edit.update(address, engine_version="8.0.mysql_aurora.3.11.0")
    report = judged(edit.write(tmp_path))
    assert refused(report) == {(LEDGER, address)}
    assert "no writer is recorded" in report.findings[0].message


def test_without_the_parameter_both_databases_are_left_alone(edit: Edit, tmp_path: Path) -> None:
    edit.act(edit.named("aws_ssm_parameter", "ledger-writer"), "create")
    address = edit.named("aws_rds_cluster", "green", "cluster")
    edit.update(address, engine_version="8.0.mysql_aurora.3.11.0")
    assert refused(judged(edit.write(tmp_path))) == {(LEDGER, address)}


def test_the_active_colours_database_is_refused_once(edit: Edit, tmp_path: Path) -> None:
    address = edit.recorded(BLUE).named("aws_rds_cluster", "blue", "cluster")
    edit.update(address, engine_version="8.0.mysql_aurora.3.11.0")
    assert refused(judged(edit.write(tmp_path))) == {(ACTIVE_COLOUR, address)}


def test_a_writers_instance_that_is_replaced_is_the_writers_and_stateful(edit: Edit, tmp_path: Path) -> None:
    first = next(
        entry["address"]
        for entry in edit.document["resource_changes"]
        if entry["type"] == "aws_rds_cluster_instance" and "green" in entry["name"]
    )
    edit.recorded(GREEN).act(first, "delete", "create")
    assert refused(judged(edit.write(tmp_path))) == {(LEDGER, first), (STATE, first)}


def test_what_is_no_database_of_the_writer_may_change(edit: Edit, tmp_path: Path) -> None:
    edit.recorded(GREEN).update(edit.named("aws_ecs_service", "green"), desired_count=9)
    assert refused(judged(edit.write(tmp_path))) == set()


def test_descriptions_of_the_writer_may_change(edit: Edit, tmp_path: Path) -> None:
    address = edit.recorded(GREEN).named("aws_rds_cluster_parameter_group", "green")
    edit.update(address, description="of green")
    assert refused(judged(edit.write(tmp_path))) == set()


def test_without_a_ledger_there_is_no_writer(edit: Edit, tmp_path: Path) -> None:
    for entry in edit.document["resource_changes"]:
        if entry["type"] == "aws_lambda_function":
            for state in ("before", "after"):
                for block in entry["change"][state]["environment"]:
                    if "LEDGER_PARAM_NAME" in block["variables"]:
                        block["variables"]["LEDGER_PARAM_NAME"] = "none"
    edit.recorded(GREEN).update(edit.named("aws_rds_cluster_parameter_group", "green"), parameter=[])
    assert refused(judged(edit.write(tmp_path))) == set()


@pytest.mark.parametrize("writers", [{"green"}, {"blue", "green"}])
def test_a_move_since_the_plan_was_made_counts(edit: Edit, tmp_path: Path, writers: set[str]) -> None:
    """As the record says now, where it is read."""
    address = edit.recorded(BLUE).named("aws_rds_cluster_parameter_group", "green")
    edit.update(address, parameter=[])
    live = Live("blue", {"blue": 100, "green": 0}, writers=frozenset(writers))
    report = guard(edit.write(tmp_path), active=None, read_live=lambda: live, allowances={}, today=TODAY)
    assert refused(report) == {(LEDGER, address)}


def test_records_that_disagree_name_no_writer() -> None:
    assert written([BLUE]) == {"blue"}
    assert written([BLUE, GREEN]) == written([]) == {"blue", "green"}
