"""Growth over deployments: what is synthesized, and what counts as linear."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.config.loader import load
from tests.workspaces import ROOT
from tools.bench import deployments
from tools.bench.growth import LINEAR, TRIMMED, Growth, Point, per_deployment, rows
from tools.bench.measure import Measurement

COUNTS = tuple(TRIMMED)
seconds = st.floats(min_value=0.1, max_value=10)


def growth(time_s: list[float], memory_mb: list[float | None]) -> Growth:
    points = zip(COUNTS, time_s, memory_mb, strict=True)
    return Growth(tuple(Point(*point) for point in points), ())


@given(first=st.floats(0, 100), each=seconds)
def test_what_grows_by_the_same_for_each_is_linear(first: float, each: float) -> None:
    time, _ = rows(growth([first + each * (count - 1) for count in COUNTS], [1, 1, 1, 1]))
    assert time.ratio == pytest.approx(1)
    assert not time.missed


@given(first=st.floats(0, 100), each=seconds, factor=st.floats(0.1, 10))
def test_the_target_is_about_later_deployments_against_earlier_ones(
    first: float, each: float, factor: float
) -> None:
    one, _, some, many = COUNTS
    until_some = first + each * (some - one)
    after = until_some + factor * each * (many - some)
    time, _ = rows(growth([first, first, until_some, after], [1, 1, 1, 1]))
    assert time.ratio == pytest.approx(factor)
    if abs(factor - LINEAR) > 0.01:
        assert time.missed == (factor > LINEAR)


@given(each=seconds)
def test_time_by_the_square_is_not_linear(each: float) -> None:
    assert rows(growth([each * count**2 for count in COUNTS], [1, 1, 1, 1]))[0].missed


@pytest.mark.parametrize(("most", "missed"), [(400, False), (401, True)])
def test_memory_has_a_bound(most: float, missed: bool) -> None:
    _, memory = rows(growth([1, 2, 3, 4], [200, 210, 250, most]))
    assert (memory.ratio, memory.missed) == (most / 200, missed)


def test_memory_that_can_not_be_measured_is_no_miss() -> None:
    _, memory = rows(growth([1, 2, 3, 4], [None] * 4))
    assert (memory.ratio, memory.missed) == (None, False)


def test_points_are_rounded_to_what_the_page_says() -> None:
    assert Point.of(5, Measurement(1.2345, 9, 99.6)) == Point(5, 1.23, 100)
    assert Point.of(5, Measurement(1.2345, 9, None)) == Point(5, 1.23, None)


def test_per_deployment() -> None:
    assert per_deployment(Point(1, 2.0, None), Point(5, 4.0, None)) == 0.5


def test_generated_deployments_are_valid_and_all_different(tmp_path: Path) -> None:
    deployments.write(tmp_path, max(COUNTS))
    (model,) = load(ROOT / "config", only="local")
    loaded = load(tmp_path)
    assert len(loaded) == len({d.name for d in loaded}) == len({d.vpc_cidr for d in loaded}) == max(COUNTS)
    assert loaded[0].model_dump(exclude={"name", "vpc_cidr", "colours"}) == model.model_dump(
        exclude={"name", "vpc_cidr", "colours"}
    )


def test_more_deployments_than_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="257 deployments, and 256 networks"):
        deployments.write(tmp_path, 257)


@pytest.mark.integration
def test_every_deployment_is_synthesized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYMENT", "local")  # of whoever measures
    (tmp_path / "config").mkdir()
    deployments.write(tmp_path / "config", 2)
    measured = deployments.synthesize([sys.executable, str(ROOT / "main.py")], tmp_path)
    assert measured.user_s > 0
    assert {path.name for path in (tmp_path / "cdktf.out" / "stacks").iterdir()} == {"d000", "d001"}
