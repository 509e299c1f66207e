"""Keys of a service, combined: every stack that is made of them passes the policies."""

import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.service_choices import TAKEN, document, loaded, synthesized
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

COMBINATIONS = 8
EXCLUDED = "slow_start_seconds", "balancing"  # either, not both


def combinations() -> list[dict[str, Mapping[str, Any]]]:
    """By colour: first everything for both, then half of it at random."""
    draw = random.Random(COMBINATIONS)  # noqa: S311 - the same ones in each run
    found = [{colour: _without(EXCLUDED[0], TAKEN) for colour in ("blue", "green")}]
    for _ in range(COMBINATIONS - 1):
        found.append(
            {
                colour: _without(
                    draw.choice(EXCLUDED), {key: value for key, value in TAKEN.items() if draw.random() < 0.5}
                )
                for colour in ("blue", "green")
            }
        )
    return found


def _without(left_out: str, choices: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in choices.items() if key != left_out}


def test_each_combination_passes_the_policies(tmp_path: Path) -> None:
    deployments = []
    for index, combined in enumerate(combinations()):
        content = document(combined["blue"], colours=("blue",))
        content["colours"]["green"] = document(combined["green"], colours=("green",))["colours"]["green"]
        deployments.append(loaded(tmp_path / "config", content, name=f"c{index}"))
    synthesized(tmp_path, *deployments)

    result = subprocess.run(
        [sys.executable, "-m", "bluegreen", "scan", str(tmp_path / "cdktf.out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
