"""The rotation on a busy AWS: documented rates, and functions that are active after a moment."""

import embedded_aws
import pytest

from tests.lambda_src.rotation.deployed import Deployed
from tests.lambda_src.rotation.rehearsal import PREVIOUS, Rehearsal


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_rotations(rehearsal: Rehearsal, seed: int) -> None:
    deployed = Deployed.create(rehearsal)
    embedded_aws.set_conditions(rehearsal.aws, seed)
    try:
        assert deployed.rotate() is None
        first = rehearsal.value()
        assert deployed.rotate() is None
    finally:
        embedded_aws.set_conditions(rehearsal.aws, None)
    assert rehearsal.logs_in(rehearsal.value())
    assert rehearsal.value(PREVIOUS) == first
