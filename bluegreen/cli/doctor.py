"""`bluegreen doctor`: what the account lacks before the first apply, and before any later one."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from bluegreen.aws import Access
from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment, is_local, provider_region
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DEFAULT, DeploymentOption, EndpointOption, Output, OutputOption
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.doctor import doctor_view
from bluegreen.terraform import State
from bluegreen.terraform.bootstrap import StateBackend, state_backend
from bluegreen.terraform.state import parse


def doctor(
    *,
    deployment: DeploymentOption = DEFAULT,
    domain: Annotated[
        str | None,
        typer.Option("--domain", metavar="NAME", help="The name that clients use, for the certificate."),
    ] = None,
    output: OutputOption = Output.text,
    endpoint_url: EndpointOption = None,
) -> None:
    """Show what an account lacks for a deployment: quotas, names, certificate, images. It changes nothing.

    Exit code 1: a check failed; 2: none failed, and one could not be made. As JSON: `deployment`, `identity`,
    `account_id`, `region`, `ready`, `checks` (each `check`, `verdict`, `found`, `needed`, `fix`).

    Examples:
        bluegreen doctor

    On a real account:
        bluegreen doctor --deployment staging --domain payments.example.com
    """
    # Imported here: reading a stack brings the gate's reader with it, which takes a while to load.
    from bluegreen.operate.doctor import Subject, UnreachedError, Verdict, caller, examine  # noqa: PLC0415

    place = Deployment(deployment)
    document = place.document()
    access, backend = _access(place, document, endpoint_url), state_backend(document)
    with waiting(f"examining {access} for {deployment}"):
        try:
            who = caller(access)
        except UnreachedError as error:
            raise CommandError(
                ExitCode.UNREACHABLE,
                f"AWS does not say who asks: no check was made\n  cause: {error}",
                "use valid credentials: set AWS_PROFILE, log in again, or correct this machine's clock",
            ) from error
        subject = Subject(
            deployment, _stack(place), access, backend, who, _state(place, access, backend), domain
        )
        findings = list(examine(subject))
    verdicts = {finding.verdict for finding in findings}
    result = {
        "deployment": deployment,
        "identity": who.arn,
        "account_id": who.account,
        "region": access.region,
        "ready": verdicts <= {Verdict.passed, Verdict.not_needed},
        "checks": [
            {
                "check": finding.check,
                "verdict": finding.verdict.value,
                "found": finding.found,
                "needed": finding.needed,
                "fix": finding.fix,
            }
            for finding in findings
        ],
    }
    show(result, output, doctor_view)
    if not result["ready"]:
        raise typer.Exit(ExitCode.REFUSED if Verdict.failed in verdicts else ExitCode.INVALID)


def _access(place: Deployment, document: Mapping[str, Any], endpoint_url: str | None) -> Access:
    """A local deployment is examined in its own embedded AWS, and nowhere else."""
    region = provider_region(document)
    if not is_local(document):
        return Access(region, endpoint_url)
    aws = running_aws(place)
    return Access(region, aws.endpoint, aws.environment())


def _stack(place: Deployment) -> Any:
    from stack_gate import stack  # noqa: PLC0415 - as above

    try:
        return stack.read(place.stack)
    except stack.StackError as error:
        raise CommandError(ExitCode.INVALID, f"{place.stack} is no stack: {error}", error.fix) from error


def _state(place: Deployment, access: Access, backend: StateBackend | None) -> Callable[[], State]:
    """Reads the state where it is kept, without Terraform."""
    if backend is None:
        return lambda: _of_file(place)
    return lambda: _of_bucket(access, backend)


def _of_file(place: Deployment) -> State:
    file = place.state_file
    return parse(file.read_text(encoding="utf-8")) if file.exists() else State()


def _of_bucket(access: Access, backend: StateBackend) -> State:
    from bluegreen.terraform.recovery.clients import clients  # noqa: PLC0415 - it is needed here only

    s3 = clients(Access(backend.region, access.endpoint_url, access.environment))("s3")
    try:
        answer = s3.get_object(Bucket=backend.bucket, Key=backend.key, ExpectedBucketOwner=backend.account_id)
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return State()
    return parse(answer["Body"].read().decode("utf-8"))
