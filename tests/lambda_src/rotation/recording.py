"""All AWS calls that the function makes, for comparing a role with them."""

import pytest

from lambda_src.rotation.models import Step
from tests.lambda_src.recorder import Recorder
from tests.lambda_src.rotation.rehearsal import CURRENT, Rehearsal


def every_step(rehearsal: Rehearsal) -> Recorder:
    """A first rotation, a second one, each step twice, and one that finds no AWSCURRENT."""
    with Recorder.listening_to(rehearsal.client) as recorder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("lambda_src.rotation.patience.PAUSE_SECONDS", 0)
        for _ in range(2):
            token = rehearsal.announce()
            for step in Step:
                rehearsal.step(step, token)
                rehearsal.step(step, token)
            rehearsal.clean_up(token)
        rehearsal.secrets.update_secret_version_stage(
            SecretId=rehearsal.arn, VersionStage=CURRENT, RemoveFromVersionId=token
        )
        rehearsal.rotate_announced()
    return recorder
