"""Stock moto can't reset parameters of a cluster's group: Terraform could not take one out of it.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ResetDBClusterParameterGroup.html
"""

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBClusterParameterGroupNotFoundError
from moto.rds.responses import RDSResponse

from embedded_aws.extensions import Server


def install(_: Server) -> None:
    """Extend moto's databases."""
    RDSResponse.reset_db_cluster_parameter_group = _reset  # type: ignore[attr-defined]


def _reset(response: RDSResponse) -> ActionResult:
    """The parameters that are named, or all, have the engine's values again."""
    name, groups = (
        response.params["DBClusterParameterGroupName"],
        response.backend.db_cluster_parameter_groups,
    )
    if name not in groups:
        raise DBClusterParameterGroupNotFoundError(name)
    found = groups[name].parameters
    named = [one.original_dict()["ParameterName"] for one in response.params.get("Parameters", ())]
    for parameter in list(found) if response.params.get("ResetAllParameters") else named:
        found.pop(parameter, None)
    return ActionResult({"DBClusterParameterGroupName": name})
