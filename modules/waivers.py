"""Waivers: what the platform knowingly doesn't do, said at the resource that doesn't do it."""

from cdktf import TerraformElement


def waive(resource: TerraformElement, check_id: str, *, reason: str, expires: str) -> None:
    """Has the policy gate accept that `resource` fails the check `check_id`, until `expires` (YYYY-MM-DD).

    Emits `"//": {"checkov": {"skip": [{"id", "comment", "expires"}]}}` into the resource's block, which
    Terraform ignores. Several waivers on one resource accumulate.
    """
    waivers = resource.__dict__.setdefault("_waivers", [])
    waivers.append({"id": check_id, "comment": reason, "expires": expires})
    resource.add_override("//.checkov.skip", waivers)
