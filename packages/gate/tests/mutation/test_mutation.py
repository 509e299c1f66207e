"""Mutation testing of a small pack on a small stack: what is noticed, by whom, and what is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode
from stack_gate.mutation import Result, mutate

from packages.gate.tests.builder import TODAY, write

PACK = """
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class Kept(BaseResourceCheck):
    def __init__(self):
        super().__init__("Kept", "CKV_T_1", [CheckCategories.LOGGING], ["aws_cloudwatch_log_group"])

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if {condition} else CheckResult.FAILED


check = Kept()
"""
GROUPS = {
    "a": {"retention_in_days": 365, "name": "blue"},
    "b": {"retention_in_days": 400, "tags": {"x": "y"}, "kms_key_id": "${aws_kms_key.key.arn}"},
}


def pack(directory: Path, condition: str = "conf.get('retention_in_days') in ([365], [400])") -> Path:
    package = directory / "small_pack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "kept.py").write_text(PACK.format(condition=condition))
    return package


def run(tmp_path: Path, policies: Path, groups: dict[str, Any] = GROUPS, **options: Any) -> Result:
    output = write(tmp_path / "out", resource={"aws_cloudwatch_log_group": groups})
    return mutate(output, policies=policies, today=TODAY, **options)


def outcomes(result: Result, argument: str) -> dict[tuple[str, str], set[str]]:
    return {
        (o.mutant.operator, o.mutant.address): set(o.policies)
        for o in result.outcomes
        if o.mutant.argument == f"aws_cloudwatch_log_group.{argument}"
    }


def test_a_change_of_what_a_policy_asks_for_is_noticed_there(tmp_path: Path) -> None:
    result = run(tmp_path, pack(tmp_path))
    assert result.errors == []
    found = outcomes(result, "retention_in_days")
    assert {operator for operator, _ in found} == {"drop", "widen", "invert", "indirect"}
    assert set(map(frozenset, found.values())) == {frozenset({"CKV_T_1"})}
    noticed = [o for o in result.outcomes if o.mutant.argument.endswith("retention_in_days")]
    assert all(outcome.is_there for outcome in noticed)


def test_others_are_not_and_are_listed(tmp_path: Path) -> None:
    result = run(tmp_path, pack(tmp_path))
    content = result.content()
    assert result.exit_code is ExitCode.FINDINGS
    unguarded = {row["argument"]: row["operators"] for row in content["unguarded"]}
    assert unguarded["aws_cloudwatch_log_group.name"] == ["drop", "indirect", "redirect"]
    assert unguarded["aws_cloudwatch_log_group.kms_key_id"] == ["detach", "drop", "indirect"]
    assert "aws_cloudwatch_log_group.tags.x" in unguarded
    assert "aws_kms_key.policy.Statement[].Action" in unguarded  # in a text that is JSON
    assert "provider.aws.region" in unguarded
    rows = {row["policy"]: row for row in content["policies"]}
    assert (rows["CKV_T_1"]["arguments"], rows["CKV_T_1"]["survived"]) == (1, 0)
    assert set(rows) == {"CKV_T_1", "evaluation"}  # what the gate itself can't evaluate
    assert content["alarms"] == []
    assert content["score"] == round(100 * content["noticed"] / content["mutants"], 1)


def test_a_survivor_of_an_argument_that_a_policy_depends_on(tmp_path: Path) -> None:
    """The policy wants it there, whatever it is: only its absence is noticed."""
    result = run(tmp_path, pack(tmp_path, "'retention_in_days' in conf"))
    content = result.content()
    assert content["guarded_score"] < 100
    survived = {(row["operator"], row["argument"]) for row in content["survived"]}
    assert ("widen", "aws_cloudwatch_log_group.retention_in_days") in survived
    assert ("drop", "aws_cloudwatch_log_group.retention_in_days") not in survived


def test_a_policy_that_judges_names_is_an_alarm(tmp_path: Path) -> None:
    """Under another name nothing is wrong."""
    result = run(tmp_path, pack(tmp_path, "conf['__address__'].endswith(('.a', '.b'))"), sample=1)
    assert len(result.alarms) == 2
    assert all(alarm.startswith("CKV_T_1 aws_cloudwatch_log_group.thing-") for alarm in result.alarms)
    assert result.exit_code is ExitCode.FINDINGS


def test_a_policy_that_does_not_see_through_locals_is_an_alarm(tmp_path: Path) -> None:
    """The gate puts values in the place of locals, so it takes a policy that reads what is written."""
    condition = "not any(block.kind == 'locals' for block in self.graph.attrs.blocks)"
    result = run(tmp_path, pack(tmp_path, condition), sample=1)
    assert len(result.alarms) == 2


def test_a_sample_has_each_argument_before_the_second_mutant_of_any(tmp_path: Path) -> None:
    policies = pack(tmp_path)
    everything = run(tmp_path, policies)
    arguments = {outcome.mutant.argument for outcome in everything.outcomes}
    assert len(everything.outcomes) == everything.possible > len(arguments)
    output = tmp_path / "out"
    sampled = [
        mutate(output, policies=policies, today=TODAY, sample=len(arguments), seed=seed) for seed in (1, 1, 2)
    ]
    for result in sampled:
        assert {outcome.mutant.argument for outcome in result.outcomes} == arguments
    first, again, other = ([(o.mutant.operator, o.mutant.path) for o in s.outcomes] for s in sampled)
    assert first == again != other


def test_what_is_noticed_does_not_depend_on_what_was_tried_before(tmp_path: Path) -> None:
    policies = pack(tmp_path)
    everything = {
        (o.mutant.address, o.mutant.operator, o.mutant.path): o for o in run(tmp_path, policies).outcomes
    }
    few = mutate(tmp_path / "out", policies=policies, today=TODAY, sample=9, seed=3)
    for outcome in few.outcomes:
        same = everything[outcome.mutant.address, outcome.mutant.operator, outcome.mutant.path]
        assert (outcome.policies, outcome.is_there) == (same.policies, same.is_there)


def test_nothing_is_written(tmp_path: Path) -> None:
    policies = pack(tmp_path)
    run(tmp_path, policies, sample=1)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    run_again = mutate(tmp_path / "out", policies=policies, today=TODAY)
    assert run_again.outcomes
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("broken", ["pack", "directory", "file"])
def test_what_can_not_be_measured(broken: str, tmp_path: Path) -> None:
    output = write(tmp_path / "out", resource={"aws_cloudwatch_log_group": GROUPS})
    policies = tmp_path / "nowhere" if broken == "pack" else pack(tmp_path)
    if broken == "directory":
        output = tmp_path / "empty"
        output.mkdir()
    elif broken == "file":
        next(output.rglob("*.tf.json")).write_text(json.dumps([]))
    result = mutate(output, policies=policies, today=TODAY)
    assert (result.exit_code, result.outcomes) == (ExitCode.NOT_EVALUATED, [])
    assert result.content()["errors"]
