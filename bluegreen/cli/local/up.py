"""`bluegreen local up`: from a synthesized stack to a running platform; again, and nothing changes."""

from dataclasses import asdict

import embedded_aws

from bluegreen.cli.connect import connect, outputs
from bluegreen.cli.deployment import Deployment, certificates, clusters, is_local, provider_region
from bluegreen.cli.errors import CommandError, UnfinishedError, code_of, stands
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import reporting
from bluegreen.cli.local.answering import bring_up, endpoints
from bluegreen.cli.local.applying import apply
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.resolved import NEEDED, remember
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.local import up_view
from bluegreen.terraform import Applied, TerraformFailedError


def up(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """Apply the deployment to an embedded AWS, start a service of each colour, show its status.

    As JSON: `deployment`, `endpoint`, `changed`, `resources` (how many `added`, `changed`, `removed`),
    `targets` (addresses registered now), `url` and `test_url` (the listeners on this machine), `certificates`
    (file of what their clients are to trust), `status` (as `bluegreen status` has it).

    Examples:
        bluegreen local up
    """
    place = Deployment(deployment)
    found = _needed(place)
    try:
        aws, applied = apply(place, *found)
    except TerraformFailedError as error:
        again = f"`bluegreen local up --deployment {place.name}`, which continues, or begins anew by itself"
        raise UnfinishedError(
            str(error),
            code=code_of(error),
            state=stands(error.begun),
            fix=f"correct what fails, then {again}",
        ) from error
    except OSError as error:
        raise CommandError(
            ExitCode.UNREACHABLE,
            f"{place.state} can't be written: {error}",
            f"free space or permissions there, then `bluegreen local up --deployment {place.name}`",
        ) from error
    reported = outputs(place, aws.environment(), NEEDED)
    remember(place, reported)
    with waiting("starting the services and the load balancer"), reporting():
        brought_up = bring_up(place, aws)
    target = connect(place)
    with waiting("reading both colours"):
        status = target.invoke({"action": "status"})
    result = {
        "deployment": deployment,
        "endpoint": aws.endpoint,
        "changed": applied != Applied(0, 0, 0) or brought_up.changed,
        "resources": asdict(applied),
        "targets": brought_up.registered,
        **endpoints(place, aws),
        "status": status,
    }
    show(result, output, lambda shown: up_view(shown, str(target)))


def _needed(place: Deployment) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """What has to exist before the apply: the region, certificates, servers behind the clusters."""
    document = place.document()
    if not is_local(document):
        raise CommandError(
            ExitCode.INVALID,
            f"{place.name} keeps its state in a remote backend: it belongs into a real account",
            'bring up one whose configuration says `backend.type = "local"`',
        )
    return provider_region(document) or embedded_aws.REGION, certificates(document), clusters(document)
