"""The statistics that end-to-end tests judge shares of traffic by."""

import math

from tests.e2e.loading import FALSE_ALARM, improbability


def test_the_binomial_test_finds_what_does_not_fit() -> None:
    assert math.isclose(improbability(0, 10, 0.5), 2 / 1024)
    assert math.isclose(improbability(5, 10, 0.5), 1)
    assert improbability(1000, 4000, 0.25) > 0.9
    assert improbability(1200, 4000, 0.25) < FALSE_ALARM  # 30 % where it should be 25 %
    assert improbability(260, 4000, 0.05) > FALSE_ALARM
    assert improbability(300, 4000, 0.05) < FALSE_ALARM
