"""`bluegreen local denials`: which calls the embedded AWS has denied, and why."""

from datetime import UTC, datetime

import embedded_aws

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import show
from bluegreen.cli.views.local import denials_view


def denials(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """List the calls that no policy allowed, or one denied: the oldest first, the last 1,000.

    As JSON: `denials`, a list of `at`, `action`, `resource`, `caller` (an ARN, or the principal of an AWS
    service), `operation` (the call that needed the action) and `reason` (the statement that denied, or the
    policies that hold no Allow and the statement that came nearest).

    Examples:
        bluegreen local denials
    """
    found = embedded_aws.denials(running_aws(Deployment(deployment)))
    listed = [{**one, "at": datetime.fromtimestamp(one["at"], UTC).isoformat()} for one in found]
    show({"denials": listed}, output, denials_view)
