"""`bluegreen local down`: leaves nothing of what `up` made."""

import contextlib
import shutil

from bluegreen import local_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.cli.terminal import waiting
from bluegreen.output import say


def down(*, deployment: DeploymentOption = DEFAULT) -> None:
    """Stop the embedded AWS and remove its state."""
    place = Deployment(deployment)
    if not place.state.exists():
        say(f"{deployment} is not up: nothing to do.")
        return
    with waiting("stopping the embedded AWS"):
        stopped = local_aws.stop(place.state)
    for directory in (place.state, place.stack / ".terraform"):
        shutil.rmtree(directory, ignore_errors=not directory.exists())
    with contextlib.suppress(OSError):  # another deployment is up
        place.state.parent.rmdir()
    what = "its embedded AWS is stopped" if stopped else "its embedded AWS was not running"
    say(f"{deployment} is down: {what}, its state is removed.")
