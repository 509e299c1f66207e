"""Which image a colour's tasks run: recorded in a parameter, which `bluegreen deploy` writes.

Terraform keeps all of a task definition but the image. `container_definitions` is one string, so ignoring
its changes would ignore those of memory and variables, too. Instead the image in it is the parameter's value,
whose changes Terraform ignores: after a refresh it plans with the image that was deployed.
"""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from modules.foundation.waivers import waive


def live_image(scope: Construct, id_: str, *, prefix: str, colour: str, first: str) -> SsmParameter:
    """The parameter of a colour. `first`: the image by its digest that a new deployment begins with."""
    name = f"/{prefix}/{colour}-image"
    parameter = SsmParameter(
        scope,
        id_,
        name=name,
        description=f"The image that {colour} runs, by its digest",
        type="String",
        insecure_value=first,
        # From creation on the value is the switch function's.
        lifecycle=TerraformResourceLifecycle(ignore_changes=["insecure_value"]),
        tags={"Name": name, "Colour": colour},
    )
    waive(
        parameter,
        "CKV2_AWS_34",
        reason="Names an image, no secret; Terraform reads it into the task definition in plain text",
        expires="2027-11-30",
    )
    return parameter
