"""Every ending of an apply, on whole platforms: before, during and after the databases, and while saving.

Each ends one first `bluegreen local up`, follows its advice, and arrives at a platform that moves traffic.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.applies import Watched, When, completed, finished, processes, started
from tests.endings import ENDINGS, Ending
from tests.workspaces import synthesize, with_shipped_configuration

pytestmark = [pytest.mark.e2e, pytest.mark.long]

# In order of the apply: the clusters begin when the subnets are there, and take a minute.
MOMENTS: dict[str, When] = {
    "before the databases": completed("aws_vpc."),
    "when the databases begin": started("aws_rds_cluster."),
    "during the databases": started("aws_rds_cluster_instance."),
    "after the databases": completed("aws_rds_cluster_instance."),
}
Break = Callable[[Watched, "subprocess.Popen[str]"], None]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Watched]:
    """The deployment `local`, synthesized. Afterwards nothing of it runs."""
    synthesized = synthesize(with_shipped_configuration(tmp_path), DEPLOYMENT="local")
    assert synthesized.returncode == 0, synthesized.stderr
    watched = Watched(tmp_path, tmp_path / "watch")
    yield watched
    watched.close()
    down = watched.run("local", "down")
    assert down.returncode == 0, down.stderr
    assert not (tmp_path / ".local").exists()
    assert [row for row in processes() if str(tmp_path) in row[2]] == []


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_the_next_up_arrives_at_a_platform_that_works(up: Watched, ending: Ending, moment: str) -> None:
    child = up.start("local", "up")
    up.wait_for(MOMENTS[moment], child)
    group = up.terraform
    ending.end(up, child)
    ended = finished(child)
    assert ending.code is None or ended.returncode == ending.code, ended.stderr

    again = up.run("local", "up")

    assert again.returncode == 0, again.stderr
    assert [row for row in processes() if row[1] == group] == []
    moved = up.run("switch", "--to", "green", "--output", "json")
    assert moved.returncode == 0, moved.stderr
    assert json.loads(moved.stdout)["after"] == {"blue": 0, "green": 100}
    third = json.loads(up.run("local", "up", "--output", "json").stdout)
    assert third["changed"] is False
    assert third["status"]["weights"] == {"blue": 0, "green": 100}
