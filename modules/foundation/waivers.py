"""Waivers: what the platform knowingly doesn't do, said at the resource that doesn't do it."""

import re
from datetime import date

from cdktf import TerraformElement, TerraformStack

from modules.config import Deployment

METADATA = "bluegreen:waiver"
_CHECK_ID = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def waive(resource: TerraformElement | TerraformStack, check_id: str, *, reason: str, expires: str) -> None:
    """Has the policy gate accept that `resource` fails the check `check_id`, until `expires` (YYYY-MM-DD).

    Emits `"//": {"checkov": {"skip": [{"id", "comment", "expires"}]}}` into the resource's block, which
    Terraform ignores. Several waivers on one resource accumulate. On a stack, it covers findings about the
    stack as a whole. Raises ValueError where the gate would refuse the waiver as malformed.
    """
    if not _CHECK_ID.fullmatch(check_id):
        raise ValueError(f"check_id {check_id!r}: has to be the id of one check, for example CKV_AWS_145")
    if not reason.strip():
        raise ValueError(f"waiver of {check_id}: the reason is empty")
    try:
        date.fromisoformat(expires)
    except ValueError as error:
        raise ValueError(
            f"waiver of {check_id}: expires {expires!r}, has to be a date like 2027-06-30"
        ) from error
    node = resource.node
    node.add_metadata(METADATA, {"id": check_id, "comment": reason, "expires": expires})
    resource.add_override(
        "//.checkov.skip", [entry.data for entry in node.metadata if entry.type == METADATA]
    )


def waive_copies(resource: TerraformElement, deployment: Deployment) -> None:
    """Has the gate accept that `resource` names the account of `[backup] copy_to`."""
    vault = deployment.backup.copy_to
    if vault is not None and f":{deployment.account_id}:" not in vault:
        reason = "[backup] copy_to names the account that keeps the copies, which outlive this one"
        waive(resource, "CKV2_BG_310", reason=reason, expires="2027-11-30")
