"""The real stack, split into four that read each other's states: the same findings, each on its stack."""

import json
import re
from pathlib import Path

import pytest
from stack_gate import discovery, engine, pack, platforms, registries, summary, ungraphed
from stack_gate.report import Report

from packages.gate.tests.builder import TODAY
from tests.policies import harness, mutants, split
from tests.policies.harness import Document, Mutant
from tests.policies.test_mutants import kills

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("clean")]  # no process, but dozens of scans

EVERYTHING = mutants.everything()
ABSENT = (
    "no backup plan",
    "no selections",
    "no credentials",
    "no switch function",
    "one cluster for both colours",
)
# The split has no variables, locals or data sources.
UNSPLIT = re.compile("variable's default|key in a variable|local|.* data sources?( .*)?")
SOME = [
    mutant
    for row, mutant in enumerate(EVERYTHING)
    if (row % 64 == 0 or mutant.name in ABSENT) and not UNSPLIT.fullmatch(mutant.name)
]


def evaluated(directory: Path, file: Path | None) -> Report:
    stacks, problems = discovery.find(directory)
    judged, ungrouped = platforms.group(stacks, file, pack.rooms(harness.POLICIES))
    evaluations = [engine.evaluate(stack, build=ungraphed.build) for stack in judged]
    return summary.report(evaluations, [*problems, *ungrouped], TODAY, 0)


def found(report: Report) -> set[tuple[str, str, str]]:
    """(policy, resource, stack)"""
    return {
        (f.policy, f.resource, Path(f.file).parent.name)
        for f in report.findings
        if not f.policy.startswith("BG_")
    } | {(e.policy or "", e.resource or "", Path(e.file).parent.name) for e in report.errors}


def holder(policy: str) -> str:
    """The part that holds the room of a policy."""
    (room,) = {registries.room(check) for check in registries.active() if check.id == policy}
    return next(part for part, rooms in split.ROOMS.items() if room in rooms)


def stacks_of(document: Document) -> dict[str, str]:
    """Address → part in which it is; outputs, too."""
    parts = split.split(document)
    return {
        f"{kind}.{name}": part
        for part, content in parts.items()
        for kind, names in (*content["resource"].items(), ("output", content["output"]))
        for name in names
    }


def test_every_room_has_its_part() -> None:
    assert pack.rooms(harness.POLICIES) == {room for rooms in split.ROOMS.values() for room in rooms}


@pytest.mark.parametrize("with_file", [True, False], ids=["file", "states"])
def test_nothing_is_found_in_the_split_stack(
    with_file: bool, original: Document, place: Path, tmp_path: Path
) -> None:
    directory = split.written(original, tmp_path, place / "assets")
    report = evaluated(directory, split.platform_file(directory) if with_file else None)
    assert found(report) == set()
    assert set(report.stacks) == set(split.PARTS)


def test_each_part_by_itself_lacks_what_the_others_have(
    original: Document, place: Path, tmp_path: Path
) -> None:
    directory = split.written(original, tmp_path, place / "assets")
    report = evaluated(directory / "stacks" / "network", None)
    absent = {finding.requirement for finding in report.findings if finding.resource == "network"}
    assert {"R05", "R06", "R27"} <= absent


@pytest.mark.sampled(4)
@pytest.mark.parametrize("mutant", SOME, ids=lambda mutant: mutant.name)
def test_a_defect_is_found_once_and_in_its_stack(
    mutant: Mutant, original: Document, place: Path, tmp_path: Path
) -> None:
    mutated, expected = kills(mutant, original)
    directory = split.written(mutated, tmp_path, place / "assets")
    report = evaluated(directory, split.platform_file(directory))
    parts = stacks_of(mutated)
    wanted = {
        (policy, holder(policy), holder(policy))
        if resource == harness.STACK
        else (policy, resource, parts.get(resource, split.PARTS[0]))  # providers are kept once
        for policy, resource in expected
    }
    assert found(report) == wanted
    keys = [(f.policy, f.resource) for f in report.findings if not f.policy.startswith("BG_")]
    assert len(keys) == len(set(keys)), json.dumps(keys)
