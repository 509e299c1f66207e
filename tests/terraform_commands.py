"""Terraform commands that tests need and the product doesn't."""

import json

from bluegreen.terraform import Terraform, TerraformFailedError
from bluegreen.terraform.errors import describe
from bluegreen.terraform.stream import Plan

NO_CHANGE = Plan((), changes_outputs=False)
# Options of `terraform plan` by the environment, for plans of a whole platform. Such a plan mostly refreshes:
# hundreds of resources, of which a change of the configuration needs none.
OF_PLAN, UNREFRESHED = "TF_CLI_ARGS_plan", "-refresh=false"


def validate(terraform: Terraform) -> None:
    """Raise TerraformFailedError if the initialised stack isn't valid."""
    document = json.loads(terraform._run("validate", "-json", allowed=(0, 1)))
    if not document["valid"]:
        diagnostics = tuple(describe(each) for each in document["diagnostics"])
        raise TerraformFailedError("validate", terraform.stack, diagnostics)


def refresh(terraform: Terraform) -> None:
    """Read the real resources into the state, so that outputs tell what is true now; change nothing."""
    terraform._stream(["apply", "-json", "-auto-approve", "-refresh-only"])
