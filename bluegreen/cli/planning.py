"""What `plan` and `apply` have in common: whose AWS Terraform talks to, and where plans are kept."""

from collections.abc import Mapping
from typing import Any

from bluegreen.aws import Access
from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment, is_local, provider_region
from bluegreen.cli.local.deployers import acting
from bluegreen.cli.unfinished import Aftermath
from bluegreen.terraform.bootstrap import state_backend
from bluegreen.terraform.plans import BesideLocalState, InStateBucket, PlanStore


def environment_of(place: Deployment, document: Mapping[str, Any], role: str) -> Mapping[str, str] | None:
    """Terraform's environment: None, its own, unless the deployment lives in an embedded AWS. There Terraform
    has the role that a pipeline has for it.
    """
    return acting(running_aws(place), place, role).environment() if is_local(document) else None


def aftermath_of(place: Deployment, document: Mapping[str, Any], endpoint_url: str | None) -> Aftermath:
    """What reads the rest that applies have left of the deployment."""
    region = provider_region(document)
    if not is_local(document):
        return Aftermath(place, document, Access(region, endpoint_url))
    aws = running_aws(place)
    return Aftermath(place, document, Access(region, aws.endpoint, aws.environment()))


def store_of(place: Deployment, document: Mapping[str, Any], endpoint_url: str | None) -> PlanStore:
    """Beside the state of the deployment."""
    backend = state_backend(document)
    if backend is None:
        return BesideLocalState(place.state / "plans")
    return InStateBucket(Access(backend.region, endpoint_url), backend)
