"""The command line on a busy AWS: documented rates, and writes that are visible after a moment."""

from collections.abc import Iterator

import embedded_aws
import pytest

from tests.bluegreen.cli.conftest import Place, run


@pytest.fixture(params=[1, 2, 3])
def busy(request: pytest.FixtureRequest, place: Place) -> Iterator[Place]:
    embedded_aws.set_conditions(place.aws, request.param)
    yield place
    embedded_aws.set_conditions(place.aws, None)


def test_verbs_do_their_work(busy: Place) -> None:
    assert run("status", "--output", "json").exit_code == 0
    moved = run("switch", "--to", "green", "--reason", "release")
    assert moved.exit_code == 0, moved.output
    assert busy.weights == (0, 100)
    back = run("rollback", "--reason", "back")
    assert back.exit_code == 0, back.output
    assert busy.weights == (100, 0)


def test_a_shift_runs_to_its_end(busy: Place) -> None:
    ended = run("shift", "--to", "green", "--steps", "50,100", "--bake", "0s", "--reason", "release", "--yes")
    assert ended.exit_code == 0, ended.output
    assert busy.weights == (0, 100)
