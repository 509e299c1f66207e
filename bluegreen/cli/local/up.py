"""`bluegreen local up`: from a synthesized stack to a running platform; again, and nothing changes."""

import ipaddress
import shutil
from dataclasses import asdict

from bluegreen import local_aws
from bluegreen.cli.connect import connect, outputs
from bluegreen.cli.deployment import Deployment, certificates, is_local
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption, Side
from bluegreen.cli.terminal import notice, show, terraform_progress, waiting
from bluegreen.cli.views.local import up_view
from bluegreen.terraform import Applied, Terraform

PARALLELISM = 48  # the provider mostly waits, and the embedded AWS limits nobody's requests
CERTIFICATE_DOMAIN = "payments.test"  # .test never resolves: RFC 6761
SUBNETS = "application_subnet_cidrs"
CONNECTIONS = "connection_info"
STAND_IN_HOST = {Side.blue: 10, Side.green: 11}  # in each application subnet; AWS itself takes the first four


def up(*, deployment: DeploymentOption = DEFAULT, output: OutputOption = Output.text) -> None:
    """Apply the deployment to an embedded AWS and show its status.

    As JSON: `deployment`, `endpoint`, `changed`, `resources` (how many `added`, `changed`, `removed`),
    `stand_ins` (addresses registered now), `status` (as `bluegreen status` has it).
    """
    place = Deployment(deployment)
    found = _certificates_of_local(place)
    aws = _start(place)
    for arn in found:
        local_aws.seed_certificate(aws, arn, CERTIFICATE_DOMAIN)
    applied = _apply(place, aws)
    _seed_credentials(place, aws)
    stand_ins = _register_stand_ins(place, aws)
    target = connect(place)
    with waiting("reading both sides"):
        status = target.invoke({"action": "status"})
    result = {
        "deployment": deployment,
        "endpoint": aws.endpoint,
        "changed": applied != Applied(0, 0, 0) or bool(stand_ins),
        "resources": asdict(applied),
        "stand_ins": stand_ins,
        "status": status,
    }
    show(result, output, lambda: up_view(result, str(target)))


def _certificates_of_local(place: Deployment) -> tuple[str, ...]:
    document = place.document()
    if not is_local(document):
        raise CommandError(
            ExitCode.INVALID,
            f"{place.name} keeps its state in a remote backend: it belongs into a real account",
            'bring up one whose configuration says `backend.type = "local"`',
        )
    return certificates(document)


def _start(place: Deployment) -> local_aws.LocalAws:
    running = local_aws.find(place.state)
    if running:
        return running
    if (place.state / "terraform.tfstate").exists():
        notice(f"The embedded AWS of {place.name} is gone and all that was in it: starting anew")
        shutil.rmtree(place.state)
    with waiting("starting the embedded AWS"):
        return local_aws.start(place.state)


def _apply(place: Deployment, aws: local_aws.LocalAws) -> Applied:
    terraform = Terraform(place.stack, aws.environment())
    with waiting("terraform init"):
        terraform.init()
    with terraform_progress("terraform apply") as on_progress:
        return terraform.apply(on_progress, parallelism=PARALLELISM)


def _seed_credentials(place: Deployment, aws: local_aws.LocalAws) -> None:
    info = outputs(place, aws.environment(), (CONNECTIONS,))[CONNECTIONS]
    for side in Side:
        local_aws.seed_credentials(aws, info[side]["secret_arn"])


def _register_stand_ins(place: Deployment, aws: local_aws.LocalAws) -> list[str]:
    """One target of each colour in each application subnet; returns the new ones."""
    groups = {side: f"{side}_target_group_arn" for side in STAND_IN_HOST}
    found = outputs(place, aws.environment(), (SUBNETS, *groups.values()))
    subnets = [ipaddress.IPv4Network(cidr) for cidr in found[SUBNETS]]
    new = []
    for side, host in STAND_IN_HOST.items():
        addresses = [str(subnet[host]) for subnet in subnets]
        new += local_aws.register_stand_ins(aws, found[groups[side]], addresses)
    return new
