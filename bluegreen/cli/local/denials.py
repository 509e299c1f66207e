"""`bluegreen local denials`: which calls and connections the embedded AWS has denied, and why."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import embedded_aws

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import show
from bluegreen.cli.views.local import denials_view


def denials(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """List the calls and the connections outside that were denied: the oldest first, the last 1,000 of each.

    As JSON: `denials`, a list of `at`, `action`, `resource`, `caller` (an ARN, or the principal of an AWS
    service), `operation` (the call that needed the action) and `reason` (the statement that denied, or the
    policies that hold no Allow and the statement that came nearest). `egress`, a list of `at`, `service`
    (its colour), `destination`, `by` (security group, Network Firewall, DNS Firewall, routes, resolver, this
    machine) and `reason`.

    Examples:
        bluegreen local denials
    """
    aws = running_aws(Deployment(deployment))
    found = {"denials": _dated(embedded_aws.denials(aws)), "egress": _dated(embedded_aws.refused_egress(aws))}
    show(found, output, denials_view)


def _dated(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "at": datetime.fromtimestamp(one["at"], UTC).isoformat()} for one in found]
