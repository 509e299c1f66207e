"""The apply of `bluegreen local up`: whatever ended the last one, this one continues it or begins anew.

Only here, where all there is can be made again in two minutes. On a real account `bluegreen plan` and `apply`
say what each half-made resource needs, and the operator decides.
"""

import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import embedded_aws as local_aws
from safe_io import private

from bluegreen.cli.deployment import Deployment, images
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.local import deployers, journal
from bluegreen.cli.local.leftovers import (
    await_terraform,
    continue_from,
    drop_damaged,
    unreadable_state,
)
from bluegreen.cli.terminal import interrupted, notice, terraform_progress, waiting
from bluegreen.terraform import Applied, Terraform, TerraformFailedError
from bluegreen.terraform.runner import ERRORED

PARALLELISM = 48  # the provider mostly waits, and the embedded AWS limits no client's requests
CERTIFICATE_DOMAIN = "payments.test"  # .test never resolves: RFC 6761
# What AWS answers to the creation of what exists without being in the state.
HALF_MADE = re.compile(r"already|duplicate|conflict|in use|cannot be destroyed", re.IGNORECASE)


def apply(
    place: Deployment, region: str, certificates: Iterable[str], clusters: Mapping[str, str]
) -> tuple[local_aws.LocalAws, Applied]:
    """Apply the deployment to its embedded AWS, which is started where it doesn't run, with its databases.

    Raises CommandError, LocalAwsError, TerraformError, OSError.
    """
    found = tuple(certificates)
    with journal.alone(place):
        _refuse_to_move(place, region)
        await_terraform(place)
        if why := _reason_to_begin_anew(place):
            _forget(place, why)
        last = journal.read(place.state)
        may_lack = last.open or (last.failed and not last.came_up)
        try:
            return _apply(place, region, found, clusters)
        except TerraformFailedError as error:
            if not may_lack or not HALF_MADE.search(str(error)):
                raise
            why = "the last apply left resources in the embedded AWS that its state doesn't know"
        _forget(place, why)
        return _apply(place, region, found, clusters)


def _refuse_to_move(place: Deployment, region: str) -> None:
    aws = local_aws.find(place.state)
    if aws and aws.region != region:
        raise CommandError(
            ExitCode.INVALID,
            f"{place.name} is in {region} by its configuration, and what is up of it is in {aws.region}",
            f"`bluegreen local down --deployment {place.name}`, which forgets its data, then up again; or "
            f'set `region = "{aws.region}"` again and synthesize',
        )


def _reason_to_begin_anew(place: Deployment) -> str | None:
    if local_aws.find(place.state) is None:
        left = place.state_file.exists()
        return "its embedded AWS is gone, and all that was in it" if left else None
    last = journal.read(place.state)
    if last.open and not last.came_up:
        return "the first apply was ended while it created resources; its state may lack some of them"
    return unreadable_state(place)


def _forget(place: Deployment, why: str) -> None:
    notice(f"Beginning anew with {place.name}: {why}")
    local_aws.stop(place.state)
    if place.state.exists():
        shutil.rmtree(place.state)
    for file in (place.stack / ERRORED, place.resolved):
        file.unlink(missing_ok=True)


def _apply(
    place: Deployment, region: str, certificates: Iterable[str], clusters: Mapping[str, str]
) -> tuple[local_aws.LocalAws, Applied]:
    last = journal.read(place.state)
    aws = _start(place.state, region)
    with waiting("starting the databases"):
        _start_databases(aws, clusters)
    for arn in certificates:
        local_aws.seed_certificate(aws, arn, CERTIFICATE_DOMAIN)
    for image in images(place.document()):
        local_aws.seed_image(aws, image)
    terraform = Terraform(place.stack, deployers.acting(aws, place, "apply").environment(), interrupted)
    drop_damaged(place)
    with waiting("terraform init"):
        terraform.init()
    continue_from(place, terraform)
    replace(last, open=True).write(place.state)
    try:
        with terraform_progress("terraform apply") as on_progress:
            applied = terraform.apply(on_progress, parallelism=PARALLELISM)
    except TerraformFailedError as error:
        with suppress(OSError):  # the disk is full; then the next one begins anew
            _record(place, last, error)
        raise
    journal.Journal(came_up=True).write(place.state)
    return aws, applied


def _record(place: Deployment, last: journal.Journal, error: TerraformFailedError) -> None:
    if error.unsaved is not None and error.unsaved.parent != place.stack:  # that was full, too
        shutil.move(error.unsaved, place.stack / ERRORED)
    if error.settled:
        replace(last, open=False, failed=True).write(place.state)


def _start_databases(aws: local_aws.LocalAws, clusters: Mapping[str, str]) -> None:
    # Imported here: the database driver brings a library of cryptography with it, which takes a while to
    # load.
    from bluegreen.operate.databases import local  # noqa: PLC0415

    local.start(aws, clusters)


def _start(state: Path, region: str) -> local_aws.LocalAws:
    private.folder(state.parent)
    with waiting("starting the embedded AWS"):
        return local_aws.start(state, region)
