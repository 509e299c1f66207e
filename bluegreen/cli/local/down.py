"""`bluegreen local down`: leaves nothing of what `up` made."""

import contextlib
import shutil

import embedded_aws
from safe_io import say

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.local.leftovers import await_terraform
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.cli.terminal import waiting
from bluegreen.terraform.runner import ERRORED

SAVING_SECONDS = 10.0  # for a Terraform that an earlier command has left, saving its state


def down(*, deployment: DeploymentOption = DEFAULT) -> None:
    """Stop the embedded AWS and remove its state.

    Examples:
        bluegreen local down
    """
    place = Deployment(deployment)
    if not place.state.exists():
        say(f"{deployment} is not up: nothing to do.")
        return
    with contextlib.suppress(CommandError):  # it fails when its AWS is gone
        await_terraform(place, SAVING_SECONDS)
    with waiting("stopping the embedded AWS"):
        stopped = embedded_aws.stop(place.state)
    for file in (place.stack / ERRORED, place.resolved):
        file.unlink(missing_ok=True)
    for directory in (place.state, place.stack / ".terraform"):
        shutil.rmtree(directory, ignore_errors=not directory.exists())
    with contextlib.suppress(OSError):  # another deployment is up
        place.state.parent.rmdir()
    what = "its embedded AWS is stopped" if stopped else "its embedded AWS was not running"
    say(f"{deployment} is down: {what}, its state is removed.")
