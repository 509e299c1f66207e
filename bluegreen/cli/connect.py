"""From the options of a verb to the switch function that it talks to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import embedded_aws

from bluegreen.aws import Access
from bluegreen.cli.deployment import Deployment, function_timeout, is_local
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.resolved import NEEDED, Resolved, recall, remember
from bluegreen.operate.client import MAXIMUM_FUNCTION_TIMEOUT_SECONDS, SwitchFunction
from bluegreen.operate.workflow import ShiftMachine
from bluegreen.terraform import Terraform, TerraformFailedError

BY_FUNCTION = "or name the function, without the state: `--function ARN`"


def connect(
    deployment: Deployment,
    function: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> SwitchFunction:
    """The function named by `function` and `region`, else the deployment's own.

    Raises CommandError, LocalAwsError, TerraformError.
    """
    if function is None:
        return _of_deployment(deployment, endpoint_url)
    found = region_of(function) if function.startswith("arn:") else region
    if not found:
        raise CommandError(
            ExitCode.INVALID, f"--function {function}: in which region?", "add --region, or give the ARN"
        )
    return SwitchFunction(function, found, endpoint_url)


def connect_machine(deployment: Deployment, access: Access, arn: str | None = None) -> ShiftMachine:
    """The state machine at `arn`, else the deployment's own; `access` is that of its function.

    Raises CommandError, TerraformError.
    """
    found = arn or resolved(deployment, access.environment).state_machine
    if ":stateMachine:" not in found:
        raise CommandError(
            ExitCode.INVALID,
            f"--state-machine {found} is not the ARN of a state machine",
            "give one like arn:aws:states:us-east-1:123456789012:stateMachine:payments-shift",
        )
    return ShiftMachine(found, replace(access, region=region_of(found)))


def region_of(arn: str) -> str:
    """arn:partition:service:REGION:account:resource. Raises CommandError."""
    match arn.split(":", 5):
        case ["arn", _, _, region, _, _] if region:
            return region
    raise CommandError(
        ExitCode.INVALID,
        f"{arn} is not the ARN of something in a region",
        "give one like arn:aws:lambda:us-east-1:123456789012:function:payments-switch",
    )


def running_aws(deployment: Deployment) -> embedded_aws.LocalAws:
    """The embedded AWS of a local deployment. Raises CommandError if there is none."""
    aws = embedded_aws.find(deployment.state)
    if aws is None:
        raise CommandError(
            ExitCode.UNREACHABLE,
            f"the embedded AWS of {deployment.name} is not running",
            f"start it with `bluegreen local up --deployment {deployment.name}`",
        )
    return aws


def outputs(
    deployment: Deployment, environment: Mapping[str, str] | None, needed: Iterable[str]
) -> dict[str, Any]:
    """Terraform's outputs of an applied deployment, all of `needed` among them. Raises CommandError."""
    unread = f"initialise it, which reads the state and changes nothing: {_init(deployment)}; {BY_FUNCTION}"
    absent = f"deploy it as docs/runbook.md says, The first deployment; {BY_FUNCTION}"
    if is_local(deployment.document()):
        unread = absent = f"apply it: `bluegreen local up --deployment {deployment.name}`"
    try:
        found = Terraform(deployment.stack, environment).output()
    except TerraformFailedError as error:
        raise CommandError(
            ExitCode.UNREACHABLE, f"the state of {deployment.name} can't be read. {error}", unread
        ) from error
    missing = [name for name in needed if name not in found]
    if missing:
        raise CommandError(
            ExitCode.UNREACHABLE,
            f"{deployment.name} is not deployed: its state has no output {', '.join(missing)}",
            absent,
        )
    return found


def _init(deployment: Deployment) -> str:
    lock = " -lockfile=readonly" if (deployment.stack / ".terraform.lock.hcl").exists() else ""
    return f"`terraform -chdir={deployment.stack} init{lock}`"


def _of_deployment(deployment: Deployment, endpoint_url: str | None) -> SwitchFunction:
    document = deployment.document()
    environment: Mapping[str, str] | None = None
    if is_local(document):  # never AWS itself: a function of the same name may exist there
        aws = running_aws(deployment)
        endpoint_url, environment = aws.endpoint, aws.environment()
    arn = resolved(deployment, environment).function
    timeout = function_timeout(document, arn.rpartition(":")[2]) or MAXIMUM_FUNCTION_TIMEOUT_SECONDS
    return SwitchFunction(arn, region_of(arn), endpoint_url, environment, timeout)


def resolved(deployment: Deployment, environment: Mapping[str, str] | None) -> Resolved:
    """By the file of the last apply; without one, by `terraform output`, which takes its time.

    Raises CommandError.
    """
    found = recall(deployment, deployment.document())
    return found or remember(deployment, outputs(deployment, environment, NEEDED))
