"""`bluegreen local env`: lets a shell's own tools see the embedded AWS."""

import os
import shlex

from safe_io import exact

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption


def env(*, deployment: DeploymentOption = DEFAULT) -> None:
    """Print variables for other tools: eval "$(bluegreen local env)".

    Examples:
        eval "$(bluegreen local env)"
    """
    everything = running_aws(Deployment(deployment)).environment()
    wanted = {name: value for name, value in everything.items() if _concerns_aws(name)}
    for name in sorted(filter(_concerns_aws, os.environ.keys() - wanted.keys())):
        exact(f"unset {name}\n")
    for name, value in sorted(wanted.items()):
        exact(f"export {name}={shlex.quote(value)}\n")


def _concerns_aws(name: str) -> bool:
    return name.startswith("AWS_") or name.upper() == "NO_PROXY"
